// A commit that takes nothing from Kafka, such as a re-drive: the position stays, commit number and chain go on.

import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { asideStateSql } from './commit-sql.ts';
import type { StoreHandle } from './open.ts';
import { readState, type StoreState } from './state.ts';

export interface AsideCommit {
  /** Run in one transaction, in order. */
  statements(commitId: number): readonly string[];
  readonly touched: ReadonlySet<string>;
  readonly redriven: number;
  /** Runs the statements in a transaction of its own in place of the writer's: gold joins them. */
  transact?(statements: readonly string[], commitId: number): Promise<void>;
}

/** Where the store stands after it. */
export type AsideStanding = Pick<StoreState, 'seq' | 'phase' | 'gtid'> & { readonly durationMs: number };

/** Runs it. @throws LedgerflowError LF_STORE_FENCED; anything else as the store raised it, with nothing changed */
export async function runAside(store: StoreHandle, aside: AsideCommit, next: { commitId: number; chain: string }): Promise<AsideStanding> {
  const { writer, state } = store;
  const { commitId, chain } = next;
  const started = performance.now();
  const statements = [...aside.statements(commitId).filter((sql) => sql !== ''), asideStateSql({ commitId, epoch: state.epoch, chain })];
  try {
    if (aside.transact === undefined) {
      await writer.run('BEGIN');
      for (const sql of statements) await writer.run(sql);
      await writer.run('COMMIT');
    } else await aside.transact(statements, commitId);
  } catch (error) {
    await writer.run('ROLLBACK').catch(() => undefined); // the first error is the one to report
    throw fencedOr(error);
  }
  const { seq, phase, gtid } = (await readState(writer)) ?? state;
  return { seq, phase, gtid, durationMs: performance.now() - started };
}

/** The error of a commit whose process has lost the fence; any other as it is. */
export function fencedOr(error: unknown): unknown {
  if (!/LF_STORE_FENCED/.test(messageOf(error))) return error;
  return new LedgerflowError('LF_STORE_FENCED', 'a newer processor has taken the working store', { cause: error });
}
