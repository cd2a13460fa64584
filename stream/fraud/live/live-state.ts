// What a live job knows from one run to the next, so that a run need not ask for it again: the columns of the captured tables, the bank's own
// accounts, the first recorded payment. It holds for the position of the last run that was committed; after anything else it is read anew.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { readSchemas } from '../../../lake/store/state.ts';
import type { JobContext } from '../../jobs/job.ts';
import { citiesSql } from '../cities.ts';
import type { SilverShape } from './silver.ts';

const READ = ['transactions', 'accounts', 'merchants', 'ledger_entries'];
const SYSTEM_TYPES = `('OPENING', 'INTEREST', 'FEE', 'CASHBACK', 'ADJUSTMENT')`;
/** Ids by which the live job keeps history (ops.fraud_history): whole numbers. */
const MOVEMENT_IDS: readonly string[] = ['transaction_id', 'account_id', 'customer_id', 'counter_account_id', 'merchant_id', 'device_id', 'reference_id']; // prettier-ignore
export const HOUSE_ACCOUNTS = 'temp.fraud_house';
/** Planned once: in every statement that reads places, a list of a hundred cities costs milliseconds. */
export const CITIES = 'temp.fraud_cities';

/** Columns of the captured tables, asked of the views themselves: the catalog's functions would hold every attached database. */
export async function readShape(connection: DuckDBConnection): Promise<SilverShape> {
  return shapeOf(connection, await readSchemas(connection));
}

/** The same of tables that are known to be there. */
export async function shapeOf(connection: DuckDBConnection, captured: { has(table: string): boolean }): Promise<SilverShape> {
  const shape = new Map<string, ReadonlySet<string>>();
  for (const table of READ.filter((name) => captured.has(name)))
    shape.set(table, new Set((await connection.runAndReadAll(`SELECT * FROM silver.${table} LIMIT 0`)).columnNames()));
  return shape;
}

/** First movement that is not the bank's own, as SQL: before it nothing is known. */
export async function recordedSince(connection: DuckDBConnection, shape: SilverShape): Promise<string> {
  const people = shape.get('transactions')?.has('type') === true ? ` WHERE type NOT IN ${SYSTEM_TYPES}` : '';
  const reader = await connection.runAndReadAll(
    `SELECT CAST(coalesce(min(CAST(event_ts AS TIMESTAMP)), TIMESTAMP '1970-01-01') AS VARCHAR) FROM silver.transactions${people}`,
  );
  return `TIMESTAMP '${reader.getRows()[0]?.[0] as string}'`;
}

const WHOLE_NUMBER = /^U?(TINY|SMALL|BIG)?INT(EGER)?$/;

/** @throws LedgerflowError LF_FRAUD_IDS naming the ids of movements that are not whole numbers */
async function refuseTextIds(connection: DuckDBConnection): Promise<void> {
  const reader = await connection.runAndReadAll('SELECT * FROM silver.transactions LIMIT 0');
  const others = reader
    .columnNames()
    .map((name, index) => ({ name, type: String(reader.columnType(index)) }))
    .filter(({ name, type }) => MOVEMENT_IDS.includes(name) && !WHOLE_NUMBER.test(type));
  if (others.length === 0) return;
  throw new LedgerflowError('LF_FRAUD_IDS', `of transactions ${others.map(({ name, type }) => `${name} is ${type}`).join(', ')}`);
}

/** What holds at one position of the store. */
export interface LiveFacts {
  readonly commitId: number;
  /** Changes with the schemas of captured tables. */
  readonly schemas: string;
  readonly shape: SilverShape;
  readonly recordedSince: string;
  /** There are entries of allow, deny or snooze lists. */
  readonly isListed: boolean;
}

/**
 * Facts at the run's position: those of the last run with what the commits since then changed. Makes temp.fraud_house and temp.fraud_cities.
 * @param known facts of the last run that was committed
 * @throws LedgerflowError LF_FRAUD_IDS
 */
export async function liveFacts(context: JobContext, known: LiveFacts | null): Promise<LiveFacts> {
  const { connection, position, previous } = context;
  const reader = await connection.runAndReadAll(
    "SELECT concat_ws(' ', count(*), max(commit_id), max(seq)), EXISTS (FROM ops.fraud_lists) FROM ops.table_schemas",
  );
  const [schemas, isListed] = reader.getRows()[0] as [string, boolean];
  const { commitId } = position;
  if (known === null || known.commitId !== previous || known.schemas !== schemas) {
    await refuseTextIds(connection);
    const shape = await readShape(connection);
    const isAccounts = shape.get('accounts')?.has('account_type') === true;
    const house = isAccounts ? houseSql('silver.accounts') : 'SELECT 0::BIGINT AS account_id WHERE false';
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE fraud_house AS ${house}; CREATE OR REPLACE TEMP TABLE fraud_cities AS FROM ${citiesSql()}`,
    );
    return { commitId, schemas, isListed, shape, recordedSince: await recordedSince(connection, shape) };
  }
  if (known.shape.get('accounts')?.has('account_type') === true)
    await connection.run(`INSERT INTO ${HOUSE_ACCOUNTS} ${houseSql(context.changes('accounts'))}`);
  return { ...known, commitId, isListed, recordedSince: await earliest(context, known) };
}

const houseSql = (accounts: string): string => `SELECT account_id FROM ${accounts} WHERE account_type LIKE 'house%'`;

/** New movements can only be earlier; one that is changed or gone may have been the first. */
async function earliest({ connection, changes }: JobContext, { shape, recordedSince: known }: LiveFacts): Promise<string> {
  const people = shape.get('transactions')?.has('type') === true ? `type NOT IN ${SYSTEM_TYPES}` : 'true';
  const reader = await connection.runAndReadAll(
    `SELECT coalesce(bool_or(_op <> 'c' AND CAST(event_ts AS TIMESTAMP) <= ${known}), false), CAST(least(${known}, min(CAST(event_ts AS TIMESTAMP)) FILTER (${people})) AS VARCHAR) FROM ${changes('transactions')}`,
  );
  const [changed, first] = reader.getRows()[0] ?? [];
  return changed === true ? recordedSince(connection, shape) : `TIMESTAMP '${first as string}'`;
}
