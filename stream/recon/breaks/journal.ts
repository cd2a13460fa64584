// The correcting journal of a break: suggested from its reason, asked for by one person, posted through the bank's HTTP API after another
// person has approved it. The break's number is the idempotency key, so that it is posted once.

import type { DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';
import { literal } from '../../../infra/runtime/sql-text.ts';
import { rowsOf } from '../run/stage.ts';
import { moveBreak, noteOn, readBreak, type Act } from './transitions.ts';

const journalSchema = z.strictObject({
  path: z.enum(['/v1/reversals', '/v1/deposits', '/v1/withdrawals']),
  body: z.record(z.string(), z.string()),
});
export type Journal = z.infer<typeof journalSchema>;

/** The bank's API. */
export interface BankDoor {
  readonly url: () => string;
  /** The approver's own login, where the bank asks for one. */
  readonly token: string | null;
}

const DEADLINE_MS = 15_000;

/**
 * What would make the books agree with the other side: a movement it never saw is reversed, a difference is paid or taken, money it has
 * and we have not is booked on `account`. @throws LedgerflowError LF_RECON_NOT_ALLOWED when nothing of that fits
 */
export async function suggestJournal(connection: DuckDBConnection, breakId: string, account: string | undefined): Promise<Journal> {
  const { reason, external, internal } = await readBreak(connection, breakId);
  const description = `reconciliation ${breakId}`;
  const [row] = await rowsOf(
    connection,
    `SELECT CAST(b.external_amount - coalesce(b.internal_amount, 0) AS VARCHAR), (SELECT r.row_id FROM ops.recon_rows r WHERE r.row_no = ${internal[0] ?? -1}) FROM ops.recon_breaks b WHERE b.break_id = ${literal(breakId)}`,
  );
  const [difference, transactionId] = row as [string | null, string | null];
  if (reason === 'missing_external' && transactionId !== null && internal.length === 1)
    return { path: '/v1/reversals', body: { transaction_id: transactionId, description } };
  if ((reason === 'amount' || reason === 'missing_internal') && external.length > 0 && difference !== null) {
    const owner = account ?? (transactionId === null ? undefined : await accountOf(connection, transactionId));
    if (owner === undefined) throw notAllowed(`break ${breakId} names no account of ours: name one`);
    const amount = difference.replace('-', '').replace(/0{1,2}$/, '');
    return { path: difference.startsWith('-') ? '/v1/withdrawals' : '/v1/deposits', body: { account_id: owner, amount, description } };
  }
  throw notAllowed(`a break with the reason ${reason} needs no journal of ours`);
}

async function accountOf(connection: DuckDBConnection, transactionId: string): Promise<string | undefined> {
  const [row] = await rowsOf(
    connection,
    `SELECT CAST(account_id AS VARCHAR) FROM silver.transactions WHERE CAST(transaction_id AS VARCHAR) = ${literal(transactionId)}`,
  );
  return row?.[0] as string | undefined;
}

/** Writes down what is to be posted, and who asks for it. */
export async function askJournal(connection: DuckDBConnection, breakId: string, account: string | undefined, act: Act): Promise<Journal> {
  const { state } = await readBreak(connection, breakId);
  if (state === 'resolved') throw notAllowed(`break ${breakId} is resolved`);
  const journal = await suggestJournal(connection, breakId, account);
  await noteOn(connection, breakId, 'journal', { ...act, data: JSON.stringify({ asked: journal }) });
  return journal;
}

const askedSchema = z.object({ asked: journalSchema });

/** The journal that waits for approval. @throws LedgerflowError LF_RECON_NOT_ALLOWED when there is none, or the same person asked for it */
export async function approvable(connection: DuckDBConnection, breakId: string, by: string): Promise<Journal> {
  const { state } = await readBreak(connection, breakId);
  const [row] = await rowsOf(
    connection,
    `SELECT actor, data FROM ops.recon_break_events WHERE break_id = ${literal(breakId)} AND kind = 'journal' ORDER BY seq DESC LIMIT 1`,
  );
  const asked = askedSchema.safeParse(row === undefined ? null : JSON.parse(row[1] as string));
  if (!asked.success || state === 'resolved') throw notAllowed(`no journal of break ${breakId} waits for approval`);
  if (row![0] === by) throw notAllowed(`${by} has asked for this journal: somebody else has to approve it`);
  return asked.data.asked;
}

/** @returns the bank's answer @throws LedgerflowError LF_RECON_BANK with the bank's own words */
export async function postJournal(door: BankDoor, breakId: string, { path, body }: Journal): Promise<string> {
  let response;
  try {
    response = await fetch(new URL(path, door.url()), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': `recon-${breakId}`,
        ...(door.token === null ? {} : { authorization: `Bearer ${door.token}` }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
  } catch (error) {
    throw new LedgerflowError('LF_RECON_BANK', `the bank does not answer: ${messageOf(error)}`, { where: path, cause: error });
  }
  const text = await response.text();
  if (!response.ok)
    throw new LedgerflowError('LF_RECON_BANK', `the bank refused it (HTTP ${response.status}): ${text.slice(0, 500)}`, { where: path });
  return text;
}

/** The journal was posted: the break is resolved by who approved it. */
export async function journalPosted(connection: DuckDBConnection, breakId: string, answer: string, act: Act): Promise<void> {
  await noteOn(connection, breakId, 'journal', { ...act, data: JSON.stringify({ posted: JSON.parse(answer) as unknown }) });
  await moveBreak(connection, breakId, 'resolved', { ...act, note: `the approved journal was posted. ${act.note}`.trim() });
}

function notAllowed(message: string): LedgerflowError {
  return new LedgerflowError('LF_RECON_NOT_ALLOWED', message);
}
