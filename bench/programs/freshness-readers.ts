// Readers beside the freshness benchmark: each aggregates gold through the PostgreSQL endpoint, again and again.

import pg from 'pg';
import type { Login } from '../../infra/native/run-file.ts';

export interface ReadersInput {
  readonly wire: Login;
  readonly readers: number;
  readonly seconds: number;
}

export interface ReadersResult {
  readonly queries: number;
  readonly meanMs: number;
}

const QUERIES = [
  'SELECT day, type, sum(transactions), sum(amount) FROM gold.daily_volumes GROUP BY day, type',
  'SELECT account_type, count(*), sum(balance) FROM gold.dim_accounts GROUP BY account_type',
  'SELECT day, sum(credits), sum(debits), count(*) FROM gold.daily_account_balances GROUP BY day',
  'SELECT status, channel, count(*), sum(amount) FROM gold.fct_transactions GROUP BY status, channel',
];

async function run(input: ReadersInput): Promise<ReadersResult> {
  const until = performance.now() + input.seconds * 1_000;
  let queries = 0;
  let totalMs = 0;
  const read = async (first: number): Promise<void> => {
    const client = new pg.Client({ ...input.wire });
    await client.connect();
    for (let turn = first; performance.now() < until; turn += 1) {
      const asked = performance.now();
      await client.query(QUERIES[turn % QUERIES.length]!);
      totalMs += performance.now() - asked;
      queries += 1;
    }
    await client.end();
  };
  await Promise.all(Array.from({ length: input.readers }, (_, index) => read(index)));
  return { queries, meanMs: totalMs / Math.max(1, queries) };
}

console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '{}') as ReadersInput)));
