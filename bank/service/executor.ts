// The ledger service: single runs every request in its own transaction on a few connections; grouped runs what queued while the last
// group ran, in arrival order, on one connection. A lone caller waits for nobody in either form; the outcome is the same.

import type { BankMetrics } from '../../infra/runtime/bank-metrics.ts';
import type { Log } from '../../infra/runtime/log.ts';
import { messageOf } from '../../infra/runtime/errors.ts';
import { refusalAnswer, type Answer, type BatchMode, type CommandContext, type LedgerService, type Request } from '../ledger/answer.ts';
import { KEY_PATTERN, needsKey, type Command, type CommandOf, type LedgerCommand } from '../ledger/commands.ts';
import { fingerprintOf } from '../ledger/idempotency.ts';
import type { PlanRequest, Unit } from '../ledger/plan.ts';
import { refuse, type Refusal } from '../ledger/refusal.ts';
import type { ServiceLogin } from '../store/connect.ts';
import { Reference } from '../store/reference.ts';
import { attemptGroup, type AttemptTools } from './attempt.ts';
import { Link } from './link.ts';
import { openAccount } from './open-account.ts';

export interface LedgerOptions {
  readonly login: ServiceLogin;
  readonly execution: 'grouped' | 'single';
  readonly log: Pick<Log, 'warn' | 'error'>;
  /** Connections of the single form; 16 when not given. */
  readonly connections?: number;
  /** How long a lost database is waited for before requests are answered with unavailable. */
  readonly outageMsMax?: number;
  readonly metrics?: BankMetrics | undefined;
}

export const GROUP_REQUESTS_MAX = 256;
const QUEUED_REQUESTS_MAX = 20_000;
const SINGLE_CONNECTIONS = 16;
const OUTAGE_MS_MAX = 20_000;

interface Job {
  readonly unit: Unit;
  readonly answer: (answers: Answer[]) => void;
}

/** Connects and reads the reference data. @throws LedgerflowError LF_MYSQL_LOGIN, LF_MYSQL_UNREACHABLE */
export async function startLedger(options: LedgerOptions): Promise<Ledger> {
  const reference = new Reference();
  const desk = new Link(options.login);
  await reference.load(await desk.get());
  return new Ledger(options, reference, desk);
}

export class Ledger implements LedgerService {
  private readonly reference: Reference;
  private readonly desk: Link;
  private readonly workers: readonly AttemptTools[];
  private readonly idle: AttemptTools[];
  private readonly queue: Job[] = [];
  private readonly running = new Set<Promise<void>>();
  private readonly groupMax: number;
  private readonly log: LedgerOptions['log'];
  private readonly metrics: BankMetrics | undefined;
  private queued = 0;
  private opening: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(options: LedgerOptions, reference: Reference, desk: Link) {
    const { login, execution, log, metrics, outageMsMax = OUTAGE_MS_MAX } = options;
    this.metrics = metrics;
    const count = execution === 'grouped' ? 1 : (options.connections ?? SINGLE_CONNECTIONS);
    this.reference = reference;
    this.desk = desk;
    this.log = log;
    this.groupMax = execution === 'grouped' ? GROUP_REQUESTS_MAX : 1;
    this.workers = Array.from({ length: count }, () => ({ link: new Link(login), reference, log, outageMsMax, metrics }));
    this.idle = [...this.workers];
  }

  async execute(command: Command, context: CommandContext): Promise<Answer> {
    if (command.operation === 'open_account') return await this.openAccount(command, context.dryRun === true);
    const wrong = keyRefusal(command.operation, context);
    if (wrong !== undefined) return refusalAnswer(wrong);
    const [answer] = await this.submit({ requests: [planRequest(command, context)], atomic: false });
    return answer!;
  }

  async executeBatch(requests: readonly Request[], { mode }: { readonly mode: BatchMode }): Promise<Answer[]> {
    if (requests.length === 0) return [];
    const wrong = requests.map(({ command, context }) =>
      command.operation === 'open_account'
        ? refuse('malformed_request', 'accounts are not opened in a batch', 'operation')
        : keyRefusal(command.operation, context),
    );
    if (mode === 'all_or_nothing' && wrong.some((each) => each !== undefined))
      return wrong.map((each) => refusalAnswer(each ?? refuse('batch_aborted', 'another member of the batch was refused')));
    const good = requests.filter((_, index) => wrong[index] === undefined);
    const members = good.map(({ command, context }) => planRequest(command as LedgerCommand & Command, context));
    const answers = members.length === 0 ? [] : await this.submit({ requests: members, atomic: mode === 'all_or_nothing' });
    let next = 0;
    return wrong.map((each) => (each === undefined ? answers[next++]! : refusalAnswer(each)));
  }

  /** Resolves a hold whose time has come; the expiry job's door. */
  async expire(holdId: bigint): Promise<Answer> {
    const command: LedgerCommand = { operation: 'expire', hold_id: holdId };
    const [answer] = await this.submit({
      requests: [{ command, key: null, fingerprint: '', dryRun: false, actor: 'expiry' }],
      atomic: false,
    });
    return answer!;
  }

  /** Ends when everything that was accepted is answered. */
  async close(): Promise<void> {
    this.closed = true;
    while (this.running.size > 0) await Promise.all(this.running);
    await this.opening.catch(() => undefined);
    await Promise.all([this.desk.close(), ...this.workers.map(({ link }) => link.close())]);
  }

  private submit(unit: Unit): Promise<Answer[]> {
    if (this.closed) return Promise.resolve(unit.requests.map(() => refusalAnswer(refuse('unavailable', 'the ledger is shutting down'))));
    if (this.queued + unit.requests.length > QUEUED_REQUESTS_MAX)
      return Promise.resolve(unit.requests.map(() => refusalAnswer(refuse('busy', `more than ${QUEUED_REQUESTS_MAX} requests wait`))));
    return new Promise((answer) => {
      this.queue.push({ unit, answer });
      this.queued += unit.requests.length;
      this.next();
    });
  }

  private next(): void {
    while (this.queue.length > 0 && this.idle.length > 0) {
      const worker = this.idle.pop()!;
      // Begins after the current turn of the event loop: requests that arrived in one read are one group.
      const run = new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.run(worker));
      const tracked = run.finally(() => {
        this.running.delete(tracked);
        this.idle.push(worker);
        this.next();
      });
      this.running.add(tracked);
      if (this.groupMax > 1) return;
    }
  }

  private async run(worker: AttemptTools): Promise<void> {
    const jobs = this.take();
    if (jobs.length === 0) return;
    const answers = await attemptGroup(worker, jobs.map(({ unit }) => unit)); // prettier-ignore
    jobs.forEach((job, index) => job.answer(answers[index]!));
  }

  /** What waits, up to the bound; a unit that is larger than the bound runs alone. */
  private take(): Job[] {
    let count = 0;
    let size = 0;
    while (count < this.queue.length) {
      const more = this.queue[count]!.unit.requests.length;
      if (count > 0 && size + more > this.groupMax) break;
      size += more;
      count += 1;
    }
    this.queued -= size;
    this.metrics?.queued.set(this.queued);
    return this.queue.splice(0, count);
  }

  private async openAccount(command: CommandOf<'open_account'>, dryRun: boolean): Promise<Answer> {
    const answer = this.opening.then(async () => await this.openOne(command, dryRun));
    this.opening = answer;
    return await answer;
  }

  private async openOne(command: CommandOf<'open_account'>, dryRun: boolean): Promise<Answer> {
    try {
      return await openAccount(await this.desk.get(), this.reference, command, dryRun);
    } catch (error) {
      this.desk.drop(); // the outcome is not known, so it is not tried again
      this.log.error({ cause: messageOf(error) }, 'account not opened');
      return refusalAnswer(refuse('unavailable', 'the account could not be opened'));
    }
  }
}

function keyRefusal(operation: Command['operation'], { idempotencyKey: key, dryRun }: CommandContext): Refusal | undefined {
  if (key === undefined)
    return needsKey(operation) && dryRun !== true
      ? refuse('idempotency_key_missing', `${operation} needs a key`, 'idempotency_key')
      : undefined;
  return KEY_PATTERN.test(key)
    ? undefined
    : refuse('idempotency_key_invalid', 'the key must be 1 to 255 printable ASCII characters', 'idempotency_key');
}

function planRequest(command: Exclude<Command, { operation: 'open_account' }>, context: CommandContext): PlanRequest {
  const { idempotencyKey: key, effectiveAt, dryRun = false, actor } = context;
  const late = effectiveAt !== undefined && !('effective_at' in command) && TIMED.has(command.operation);
  const timed = late ? ({ ...command, effective_at: effectiveAt } as typeof command) : command;
  return { command: timed, key: key ?? null, fingerprint: key === undefined ? '' : fingerprintOf(timed), dryRun, actor };
}

const TIMED: ReadonlySet<string> = new Set([
  'deposit',
  'withdraw',
  'fee',
  'transfer',
  'purchase',
  'refund',
  'multileg',
  'trade',
  'authorise',
  'capture',
]);
