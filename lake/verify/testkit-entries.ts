// Tests only: a working store whose captured table is ledger_entries, filled by balanced transactions.

import type { ColumnSchema } from '../../cdc/schema/table-schema.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { TEST_UUID } from '../../test/support/envelopes.ts';
import { ACCOUNTS, openTestStore, type KeyedChange, type TestStore } from '../store/testkit.ts';
import { ENTRIES_TABLE } from './balances.ts';

const [id, name, amount] = ACCOUNTS.columns as [ColumnSchema, ColumnSchema, ColumnSchema];

/** A posted pair of entries: `seq` of MySQL, debit from one account, credit to another. */
export function posted(seq: number, [from, to]: readonly [number, number], sum: string): KeyedChange[] {
  return [
    { account_id: from, posting_type: 'DEBIT' },
    { account_id: to, posting_type: 'CREDIT' },
  ].map((side, index) => {
    const entry = seq * 2 + index;
    const after = { entry_id: entry, ...side, amount: sum, currency: 'USD' };
    return { table: ENTRIES_TABLE, op: 'c', seq, ord: index + 1, key: { entry_id: entry }, before: null, after } as const;
  });
}

/** @param existing folder of the store; a new temporary one by default */
export async function openEntriesStore(existing?: string): Promise<TestStore> {
  const store = await openTestStore(existing);
  store.table = ENTRIES_TABLE;
  if (store.committer.schemas.has(ENTRIES_TABLE)) return store;
  await store.store.writer.run(`UPDATE ops.topics SET table_name = ${literal(ENTRIES_TABLE)}`);
  const columns = [
    { ...id, name: 'entry_id' },
    { ...id, name: 'account_id', position: 2 },
    { ...name, name: 'posting_type', position: 3 },
    { ...amount, name: 'amount', position: 4 },
    { ...name, name: 'currency', position: 5, length: 3 },
  ];
  const schema = { database: 'bank', table: ENTRIES_TABLE, columns, keyColumns: ['entry_id'] };
  await store.commit([], [{ kind: 'schema', table: ENTRIES_TABLE, seq: -1, ddl: 'CREATE TABLE ledger_entries', schema }]);
  await store.store.writer.run(`UPDATE ops.state SET server_uuid = ${literal(TEST_UUID)}`);
  return store;
}
