// Runs a group until every request has an answer: conflicts are tried again with jitter, then the group is split; an unexpected error
// is followed down to the one request that causes it, so that innocent members of its group are answered as if it had not been there.

import type { Log } from '../../infra/runtime/log.ts';
import { messageOf } from '../../infra/runtime/errors.ts';
import { backoffMs, type RetryPolicy } from '../../infra/runtime/retry.ts';
import type { BankMetrics } from '../../infra/runtime/bank-metrics.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { refusalAnswer, type Answer } from '../ledger/answer.ts';
import type { Unit } from '../ledger/plan.ts';
import { refuse, type RefusalCode } from '../ledger/refusal.ts';
import type { Reference } from '../store/reference.ts';
import { troubleOf } from './failures.ts';
import { runGroup } from './group.ts';
import type { Link } from './link.ts';

export interface AttemptTools {
  readonly link: Link;
  readonly reference: Reference;
  readonly log: Pick<Log, 'warn' | 'error'>;
  /** How long a lost database is waited for. */
  readonly outageMsMax: number;
  readonly metrics?: Pick<BankMetrics, 'groupRequests' | 'groupSeconds' | 'troubles'> | undefined;
}

const GROUP_CONFLICTS: RetryPolicy = { attemptsMax: 3, firstDelayMs: 5, delayMaxMs: 50 };
const LONE_CONFLICTS: RetryPolicy = { attemptsMax: 12, firstDelayMs: 5, delayMaxMs: 500 };
const RECONNECTS: RetryPolicy = { attemptsMax: Number.MAX_SAFE_INTEGER, firstDelayMs: 20, delayMaxMs: 500 };

/** Answers per unit, per request; never rejects. */
export async function attemptGroup(tools: AttemptTools, units: readonly Unit[]): Promise<Answer[][]> {
  const policy = units.length > 1 ? GROUP_CONFLICTS : LONE_CONFLICTS;
  const giveUpAt = Date.now() + tools.outageMsMax;
  let conflicts = 0;
  for (let outage = 1; ;) {
    try {
      const connection = await tools.link.get();
      return await measured(tools, units, () => runGroup(connection, tools.reference, units));
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble === 'lost') {
        tools.link.drop();
        tools.metrics?.troubles.inc({ why: 'lost' });
        if (Date.now() > giveUpAt) return failed(tools, units, { error, code: 'unavailable' });
        await sleep(backoffMs(RECONNECTS, outage, Math.random));
        outage += 1;
        continue;
      }
      await tools.link.rollback();
      conflicts += 1;
      if (trouble === 'conflict') tools.metrics?.troubles.inc({ why: 'conflict' });
      if (trouble === 'conflict' && conflicts < policy.attemptsMax) {
        await sleep(backoffMs(policy, conflicts, Math.random));
        continue;
      }
      if (units.length > 1) return await divide(tools, units, trouble);
      return failed(tools, units, { error, code: trouble === 'conflict' ? 'busy' : 'internal_error' });
    }
  }
}

async function measured<T>({ metrics }: AttemptTools, units: readonly Unit[], work: () => Promise<T>): Promise<T> {
  if (metrics === undefined) return await work();
  const started = performance.now();
  const result = await work();
  metrics.groupSeconds.observe((performance.now() - started) / 1_000);
  metrics.groupRequests.observe(units.reduce((sum, { requests }) => sum + requests.length, 0));
  return result;
}

/** Arrival order stays: the first part is done before the second begins. */
async function divide(tools: AttemptTools, units: readonly Unit[], trouble: string): Promise<Answer[][]> {
  tools.metrics?.troubles.inc({ why: 'divided' });
  tools.log.warn({ units: units.length, trouble }, 'ledger group divided');
  const half = Math.ceil(units.length / 2);
  const first = await attemptGroup(tools, units.slice(0, half));
  return [...first, ...(await attemptGroup(tools, units.slice(half)))];
}

function failed(tools: AttemptTools, units: readonly Unit[], { error, code }: { error: unknown; code: RefusalCode }): Answer[][] {
  const operations = units.flatMap(({ requests }) => requests.map(({ command }) => command.operation)).slice(0, 8);
  tools.metrics?.troubles.inc({ why: 'failed' });
  tools.log.error({ code, operations, cause: messageOf(error) }, 'ledger request failed');
  const answer = refusalAnswer(
    refuse(code, code === 'internal_error' ? 'the ledger failed; nothing was written' : 'the ledger could not finish the request'),
  );
  return units.map(({ requests }) => requests.map(() => answer));
}
