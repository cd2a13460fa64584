// A series of kills: the same recording is processed by one process after the other, each killed at a place of its own, until the
// recording is at its end; what is there then must be what a process that was never killed made of it.

import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { preload } from '../../../bench/world/preload.ts';
import { FAULT_POINTS, type FaultPoint } from '../../../infra/runtime/fault-point.ts';
import { testExtension } from '../../../lake/publish/testkit-publisher.ts';
import { openStore } from '../../../lake/store/open.ts';
import { Random } from '../../../stream/processor/cut/testing/random.ts';
import type { ChildInput, Ended, Opened } from './child.ts';
import { KILL_SIZES } from './world.ts';

export interface SeriesOptions {
  readonly seed: number;
  readonly kills: number;
  /** Source transactions of one recording. */
  readonly transactions: number;
  readonly tell?: (text: string) => void;
}

export interface SeriesResult {
  readonly kills: number;
  /** Recordings processed to their end. */
  readonly recordings: number;
  readonly killsPerPoint: ReadonlyMap<FaultPoint, number>;
  /** Milliseconds from the start of the next process to its store and lake being open, one per kill. */
  readonly openMs: readonly number[];
  readonly violations: readonly string[];
}

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));
const CHILD_DEADLINE_MS = 900_000;
const SMALL_CHUNK = 220;
const LARGE_CHUNK = 5_000;
/** Only large commits write a segment of their own. */
const NEEDS_LARGE: ReadonlySet<FaultPoint> = new Set(['commit.segment']);
/** Reached only after a kill at another place. */
const FOLLOWS: ReadonlyMap<FaultPoint, FaultPoint> = new Map([['lake.reconciled', 'publish.committed']]);
/** Visited once in a process, or seldom: the first visit kills. */
const SELDOM = /^(open|lake|compact|maintain|catalog|checkpoint|publish\.retired)/;

/** Jobs are none of a recording: they run in the real processor (kill-processor-series). What a command asks for has a series of its own (proof/). */
export const SERIES_POINTS: readonly FaultPoint[] = (Object.keys(FAULT_POINTS) as FaultPoint[]).filter(
  (point) => !/^(job|backup|restore|replay|certify|verify|bulk)\./.test(point),
);

/** Kills `options.kills` times. Every place has its turn before one has its second. */
export async function killSeries(options: SeriesOptions): Promise<SeriesResult> {
  const root = await mkdtemp(path.join(tmpdir(), 'lf-kills-'));
  try {
    return await new Series(options, root).run();
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

class Series {
  private readonly options: SeriesOptions;
  private readonly root: string;
  private readonly random: Random;
  private readonly killsPerPoint = new Map<FaultPoint, number>();
  private readonly openMs: number[] = [];
  private readonly violations: string[] = [];
  private reference: Record<string, string> = {};
  private extension = '';
  private kills = 0;
  private recordings = 0;
  private turns: FaultPoint[] = [];
  private published = { id: 0, commitId: 0 };

  constructor(options: SeriesOptions, root: string) {
    this.options = options;
    this.root = root;
    this.random = new Random(options.seed);
  }

  async run(): Promise<SeriesResult> {
    this.extension = await testExtension();
    await this.makeBase();
    await this.recording(false);
    while (this.kills < this.options.kills && this.violations.length === 0) await this.recording(true);
    const { kills, recordings, killsPerPoint, openMs, violations } = this;
    return { kills, recordings, killsPerPoint, openMs, violations };
  }

  /** A home with the world as a snapshot left it; each recording begins from a copy. */
  private async makeBase(): Promise<void> {
    const home = path.join(this.root, 'base');
    await using store = await openStore({
      ...{ storeFolder: path.join(home, 'store'), lakeDataFolder: path.join(home, 'lake', 'data'), memoryMb: 512, threads: 1 },
    });
    await preload(store, KILL_SIZES, pino({ level: 'silent' }));
  }

  /** One recording from its start to its end, with kills or, the first time, without. */
  private async recording(killing: boolean): Promise<void> {
    const home = path.join(this.root, `home-${this.recordings}`);
    await cp(path.join(this.root, 'base'), home, { recursive: true });
    this.published = { id: 0, commitId: 0 };
    let follow: FaultPoint | undefined;
    let before: FaultPoint | undefined;
    for (;;) {
      const point = killing && this.kills < this.options.kills ? (follow ?? this.nextPoint()) : undefined;
      const first = point === undefined ? undefined : follow === undefined ? FOLLOWS.get(point) : undefined;
      const armed = first ?? point;
      const ended = await this.process(home, armed, before);
      if (ended !== null) {
        this.judgeEnd(ended);
        break;
      }
      before = armed;
      follow = first === undefined ? undefined : point;
    }
    this.recordings += 1;
    await rm(home, { recursive: true, force: true });
  }

  private nextPoint(): FaultPoint {
    if (this.turns.length === 0) this.turns = this.random.shuffle(SERIES_POINTS);
    return this.turns.pop() ?? 'commit.done';
  }

  /** @returns null when the process was killed at its place */
  private async process(home: string, point: FaultPoint | undefined, before: FaultPoint | undefined): Promise<Ended | null> {
    const input: ChildInput = {
      home,
      extension: this.extension,
      transactions: this.options.transactions,
      chunkRows: point !== undefined && NEEDS_LARGE.has(point) ? LARGE_CHUNK : SMALL_CHUNK,
      ...(point === undefined ? {} : { faultPoint: this.armed(point) }),
    };
    const { lines, signal, openMs, errors } = await runChild(input);
    const label = `after a kill at ${before ?? 'nothing'}, armed ${input.faultPoint ?? 'nothing'}`;
    for (const line of lines) this.judgeOpened(line, label);
    if (openMs !== null && before !== undefined) this.openMs.push(openMs);
    if (signal === 'SIGKILL' && point !== undefined) {
      this.kills += 1;
      this.killsPerPoint.set(point, (this.killsPerPoint.get(point) ?? 0) + 1);
      if (this.kills % 20 === 0) this.options.tell?.(`${this.kills} of ${this.options.kills} kills`);
      return null;
    }
    const ended = lines.find((line) => line.event === 'ended');
    if (ended !== undefined) return ended;
    this.violations.push(`${label}: the process ended by itself: ${errors.slice(-600)}`);
    return { event: 'ended', violations: [], content: this.reference };
  }

  /** Mostly at one of the first visits; sometimes some milliseconds later, in the middle of the statement that follows. */
  private armed(point: FaultPoint): string {
    const visit = SELDOM.test(point) ? 1 : 1 + this.random.below(3);
    const delay = this.random.below(4) === 0 ? `+${1 + this.random.below(12)}` : '';
    return `${point}:${visit}${delay}`;
  }

  private judgeOpened(line: Opened | Ended, label: string): void {
    this.violations.push(...line.violations.map((text) => `${label}: ${text}`));
    if (line.event !== 'opened' || line.publication === null) return;
    const { id, commitId } = line.publication;
    if (id < this.published.id || commitId < this.published.commitId)
      this.violations.push(`${label}: the published lake went back to commit ${commitId}`);
    this.published = line.publication;
  }

  private judgeEnd({ content }: Ended): void {
    if (Object.keys(this.reference).length === 0) this.reference = content;
    const names = new Set([...Object.keys(content), ...Object.keys(this.reference)]);
    for (const name of names)
      if (content[name] !== this.reference[name])
        this.violations.push(`recording ${this.recordings}: ${name} is ${content[name]}, without kills it is ${this.reference[name]}`);
  }
}

interface ChildRun {
  readonly lines: readonly (Opened | Ended)[];
  readonly signal: string | null;
  readonly openMs: number | null;
  readonly errors: string;
}

function runChild(input: ChildInput): Promise<ChildRun> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, JSON.stringify(input)], {
    env: { ...process.env, UV_THREADPOOL_SIZE: '12' },
    stdio: ['pipe', 'pipe', 'pipe'], // the child ends when its standard input does: this process is gone
  });
  const started = performance.now();
  let [output, errors, openMs] = ['', '', null as number | null];
  child.stdout.on('data', (chunk: Buffer) => {
    openMs ??= performance.now() - started;
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const deadline = setTimeout(() => child.kill('SIGTERM'), CHILD_DEADLINE_MS);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (_code, signal) => {
      clearTimeout(deadline);
      const lines = output
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Opened | Ended);
      resolve({ lines, signal, openMs, errors: signal === 'SIGTERM' ? `no end after ${CHILD_DEADLINE_MS} ms. ${errors}` : errors });
    });
  });
}
