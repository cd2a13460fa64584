// One group on one connection: facts, locks, plan, writes, commit, answers. The same for one request and for 256.

import type { Connection } from 'mysql2/promise';
import type { Answer } from '../ledger/answer.ts';
import type { LedgerCommand } from '../ledger/commands.ts';
import type { NewMerchant } from '../ledger/effects.ts';
import { accountsOf, keyAccountOf } from '../ledger/idempotency.ts';
import { idJson, type JsonObject } from '../ledger/json.ts';
import { planGroup, type Done, type Outcome, type StoredAnswer, type Unit } from '../ledger/plan.ts';
import { isHouse, type LedgerState } from '../ledger/state.ts';
import { isEmpty, type PostingRef } from '../ledger/writes.ts';
import { readHolds, readOriginals } from '../store/facts.ts';
import { lockGroup } from '../store/lock.ts';
import type { Reference } from '../store/reference.ts';
import type { Row } from '../store/rows.ts';
import { writeGroup, type Written } from '../store/write.ts';

/** Runs units in arrival order in one transaction; answers per unit, per request. @throws what MySQL says: the caller rolls back and decides */
export async function runGroup(connection: Connection, reference: Reference, units: readonly Unit[]): Promise<Answer[][]> {
  const requests = units.flatMap((unit) => unit.requests);
  const commands = requests.map(({ command }) => command);
  const facts = await readFacts(connection, reference, commands);
  const accounts = new Set(commands.flatMap((command) => accountsOf(facts, command)));
  if ([...accounts].some((id) => isHouse(id) && !reference.house.has(id))) await reference.load(connection);
  const keys = requests.flatMap(({ command, key }) => {
    const accountId = key === null ? undefined : keyAccountOf(facts as LedgerState, command);
    return accountId === undefined ? [] : [{ accountId, key: key! }];
  });
  const customers = new Set([...accounts].filter((id) => !isHouse(id)));
  const trades = commands.flatMap((command) =>
    command.operation === 'trade' ? [{ accountId: command.account_id, symbol: command.symbol }] : [],
  );
  const locked = await lockGroup(connection, { accounts: customers, keys, trades, ...facts });
  for (const [id, row] of reference.house) locked.accounts.set(id, row);
  const { currencies, merchants, merchantNames, devices } = reference;
  const { stored, ...read } = locked;
  const state: LedgerState = { ...read, ...facts, currencies, merchants, merchantNames, devices };
  const plan = planGroup(state, units, stored);
  const written = isEmpty(plan.writes) ? undefined : await writeGroup(connection, plan.writes, state);
  if (written === undefined) await connection.query('ROLLBACK');
  for (const [name, id] of written?.merchants ?? []) reference.merchantNames.set(name, id);
  const replays = plan.outcomes.flat().some(({ kind }) => kind === 'replayed');
  const covering = replays ? await executedSet(connection) : '';
  return plan.outcomes.map((outcomes) => outcomes.map((outcome) => answerOf(outcome, written, covering)));
}

async function readFacts(connection: Connection, reference: Reference, commands: readonly LedgerCommand[]) {
  const originals: bigint[] = [];
  const holds: bigint[] = [];
  const merchants: bigint[] = [];
  const devices: bigint[] = [];
  const names: NewMerchant[] = [];
  for (const command of commands) {
    if ('transaction_id' in command) originals.push(command.transaction_id);
    if ('reference_id' in command && command.reference_id !== undefined) originals.push(command.reference_id);
    if ('hold_id' in command) holds.push(command.hold_id);
    if ('merchant_id' in command && command.merchant_id !== undefined) merchants.push(command.merchant_id);
    if ('merchant' in command && command.merchant !== undefined) names.push(command.merchant);
    if ('device_id' in command && command.device_id !== undefined) devices.push(command.device_id);
  }
  await reference.learn(connection, { merchants, devices, names });
  const found = await readOriginals(connection, originals);
  // The other transactions of an exchange go back with it: one row each, however often it is pointed at.
  return { originals: found, holds: await readHolds(connection, holds) };
}

async function executedSet(connection: Connection): Promise<string> {
  const [rows] = (await connection.query('SELECT @@GLOBAL.gtid_executed')) as unknown as [Row[]];
  return String(rows[0]?.[0] ?? '').replaceAll('\n', '');
}

function answerOf(outcome: Outcome, written: Written | undefined, covering: string): Answer {
  if (outcome.kind === 'replayed') return storedAnswer(outcome.stored, covering);
  if (outcome.kind === 'repeated') return { ...doneAnswer(outcome.of, written), replayed: true };
  return doneAnswer(outcome, written);
}

function storedAnswer(stored: StoredAnswer, gtid: string): Answer {
  const { status, transactionId, sequence, holdId } = stored;
  return { status, body: withIds(stored.body, { transactionId, sequence, holdId }), gtid, sequence, replayed: true };
}

function doneAnswer(done: Done, written: Written | undefined): Answer {
  const { status, body } = done;
  if (done.kind !== 'done' || written === undefined) {
    const gtid = done.kind === 'done' ? (written?.gtid ?? null) : null;
    return { status, body, gtid, sequence: null, replayed: false };
  }
  const transactionId = done.posting === null ? null : idOf(done.posting, written);
  const sequence = done.entry === null ? null : written.entries + BigInt(done.entry);
  const holdId = done.hold === null ? null : written.holds + BigInt(done.hold);
  return { status, body: withIds(body, { transactionId, sequence, holdId }), gtid: written.gtid, sequence, replayed: false };
}

function idOf({ list, at }: PostingRef, written: Written): bigint {
  return written[list] + BigInt(at);
}

function withIds(body: JsonObject, ids: { transactionId: bigint | null; sequence: bigint | null; holdId: bigint | null }): JsonObject {
  const { transactionId, sequence, holdId } = ids;
  return {
    ...(transactionId === null ? {} : { transaction_id: idJson(transactionId) }),
    ...(sequence === null ? {} : { sequence: idJson(sequence) }),
    ...(holdId === null ? {} : { hold_id: idJson(holdId) }),
    ...body,
  };
}
