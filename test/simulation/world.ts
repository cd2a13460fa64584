// The whole simulated world and what each action of a schedule does to it. A run ends with the last action, and then with everything
// that was on its way: the source goes on to its end, nothing breaks any more, and all of it must arrive.

import { messageOf } from '../../infra/runtime/errors.ts';
import { History } from '../../stream/processor/cut/testing/history.ts';
import { SimClock } from './clock.ts';
import { SimDisk } from './disk.ts';
import { Gates, settled, type Owner } from './gates.ts';
import { CommitJudge } from './judge.ts';
import { SimConnect, SimKafka } from './kafka.ts';
import { SimLake } from './lake.ts';
import { Life } from './life.ts';
import { Messages } from './messages.ts';
import { actionText, type Action, type Schedule } from './schedule.ts';
import { StoreState } from './store-state.ts';
import type { Surroundings } from './surroundings.ts';
import { check, Violation } from './violation.ts';

const TICKS_MS = [1, 20, 60, 300, 1_100, 6_000];
const ROUNDS_MAX = 400;
const WARM_UP_ROUNDS = 8;
const ALL = Number.MAX_SAFE_INTEGER;

export class World implements Surroundings {
  readonly clock = new SimClock();
  readonly gates = new Gates();
  readonly disk = new SimDisk();
  readonly kafka = new SimKafka();
  readonly lake = new SimLake();
  readonly history: History;
  readonly judge: CommitJudge;
  state = new StoreState();
  lives = 0;
  private readonly connect: SimConnect;
  private readonly schedule: Schedule;
  private readonly tell: ((line: string) => void) | undefined;
  private backup: StoreState | null = null;
  private restored = false;
  private failure: Violation | null = null;
  private living: Life[] = [];

  /** @param tell called with a line for everything that happens */
  constructor(schedule: Schedule, tell?: (line: string) => void) {
    this.schedule = schedule;
    this.tell = tell;
    this.history = new History(schedule.plan, schedule.base);
    this.judge = new CommitJudge(this.history, this.kafka, this.disk);
    this.connect = new SimConnect(this.kafka, this.history, new Messages(this.history));
  }

  private get life(): Life {
    return this.living.at(-1)!;
  }

  /** @throws Violation at the first thing that is not as it must be */
  async run(): Promise<void> {
    this.start();
    if (this.schedule.warm) await this.warmUp();
    for (const action of this.schedule.actions) {
      this.act(action);
      await this.settle();
    }
    await this.finish();
  }

  /** Without a record of Connect's in between, the source stops at the end of the snapshot. */
  private async warmUp(): Promise<void> {
    for (let round = 0; round < WARM_UP_ROUNDS; round += 1) await this.round(round === 0);
  }

  private act(action: Action): void {
    const what = this.perform(action);
    this.tell?.(what === null ? actionText(action) : `${actionText(action)}: ${what}`);
  }

  private perform({ kind, n }: Action): string | null {
    switch (kind) {
      case 'emit':
        this.connect.emit(1 + (n % 17), n >> 5);
        return null;
      case 'write':
        this.connect.write(n >> 4, 1 + (n % 16));
        return null;
      case 'record':
        this.connect.record();
        return null;
      case 'fetch':
        return this.living[n % this.living.length]!.source.fetch(n >> 3, 1 + ((n >> 8) % 24));
      case 'rebalance':
        this.life.source.rebalance();
        return null;
      case 'step':
        return this.gates.open(n);
      case 'tick':
        this.clock.tick(TICKS_MS[n % TICKS_MS.length]!);
        return null;
      case 'connectKill':
        this.connect.kill(n % 12);
        return null;
      case 'publish':
        return this.publish();
      case 'publishFails':
        return this.gates.refuse(n, 'publish:');
      case 'fold':
        void this.life.store.fold();
        return null;
      default:
        return this.disaster({ kind, n });
    }
  }

  private disaster({ kind, n }: Action): string | null {
    switch (kind) {
      case 'second':
        this.start();
        return null;
      case 'backup':
        this.backup = this.state.clone();
        return null;
      case 'restore':
        this.restore();
        return null;
      case 'powerCut':
        this.die(n);
        this.disk.powerCut();
        this.judge.bronze(this.state, this.lake.last?.files ?? []);
        if (this.lake.last !== null && !this.restored) this.judge.lake(this.lake.last, this.state);
        this.start();
        return null;
      default:
        this.die(n);
        this.start();
        return null;
    }
  }

  private die(n: number): void {
    for (const life of this.living) {
      life.alive = false;
      this.gates.close(life, n);
    }
    this.living = [];
  }

  private start(): void {
    this.lives += 1;
    this.living = [...this.living.filter(({ alive }) => alive), new Life(this, this.schedule)];
  }

  /** Only the store's file is put back: the lake and Kafka are ahead of it then. */
  private restore(): void {
    if (this.backup === null) return;
    this.die(0);
    const { epoch } = this.state;
    this.state = this.backup.clone();
    this.state.epoch = epoch;
    this.restored = true;
    this.start();
  }

  private publish(): string | null {
    if (this.life.publisher.busy) return 'one is under way';
    const { life } = this;
    void life.publisher.publishOnce().catch((error: unknown) => this.failed(life, error));
    return null;
  }

  /** A processor was told that a commit has happened. */
  acknowledged(owner: Owner, commitId: number): void {
    if (owner === this.life && commitId > this.state.commitId)
      this.failed(owner, new Violation(`commit ${commitId} is told before it happened`));
  }

  /** A processor that goes on beside a newer one may fail in any way: what it left behind is looked at, not how it ended. */
  failed(owner: Owner, error: unknown): void {
    if (owner !== this.life) return;
    this.failure ??= error instanceof Violation ? error : new Violation(messageOf(error), { cause: error });
  }

  private async settle(): Promise<void> {
    await settled();
    if (this.failure !== null) throw this.failure;
    if (!this.life.alive) this.start();
  }

  private async published(): Promise<void> {
    for (let round = 0; this.life.publisher.busy; round += 1) {
      check(round < ROUNDS_MAX, 'the last publication does not end');
      await this.round();
    }
  }

  /** The source goes on to its end; everything must arrive, in the store and in the lake. */
  private async finish(): Promise<void> {
    for (let round = 0; !this.arrived; round += 1) {
      check(round < ROUNDS_MAX, () => `stands still at ${this.state.seq} of ${this.history.last}: ${this.life.standing()}`);
      await this.round();
    }
    this.judge.silver(this.state, 'the end');
    this.judge.bronze(this.state, this.lakeFiles());
    await this.published(); // one that was under way may have been cut before the last commit
    this.publish();
    await this.published();
    const { refused } = this.life.publisher;
    check(this.restored || refused === null, `the lake refuses its own store: ${refused}`);
    // The proof that the snapshot has ended may come after the last commit; the next heartbeat's commit would record it.
    if (refused === null && this.state.phase === 'streaming')
      check(this.lake.last?.seq === this.history.last, `the lake ends at ${this.lake.last?.seq ?? 'nothing'}`);
    this.judge.bronze(this.state, this.lakeFiles());
  }

  /** After a backup was put back, bronze of the store's history may be in files that the lake has adopted from the other one. */
  private lakeFiles(): readonly string[] {
    return this.state.published === 0 ? [] : (this.lake.last?.files ?? []);
  }

  private get arrived(): boolean {
    if (!this.connect.finished || this.state.seq !== this.history.last || this.life.staging.phase !== 'streaming') return false;
    return this.state.topics.every(({ topic, topicId }) =>
      this.kafka.of(topic).every(({ partition, log }) => {
        return Number(this.state.progress.get(`${topicId}/${partition}`)?.nextOffset ?? 0n) === log.length;
      }),
    );
  }

  private async round(emits = true): Promise<void> {
    if (emits) this.connect.emit(ALL, 0);
    this.kafka.partitions.forEach((_, place) => this.connect.write(place, ALL));
    this.connect.record();
    for (const life of this.living) while (life.source.fetch(0, 1_000) !== null) await this.settle();
    await this.settle();
    for (let left = 50; this.gates.size > 0 && left > 0; left -= 1) {
      const opened = this.gates.open(0);
      this.tell?.(`step: ${opened}`);
      await this.settle();
    }
    this.clock.tick(400);
    await this.settle();
  }
}
