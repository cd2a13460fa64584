// Reconciliation: a large statement with ids through all stages of a run, and one without ids through the engine; each beside a single
// exact join in DuckDB of the same rows.

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Random } from '../../stream/processor/cut/testing/random.ts';
import { PrivateStore } from '../../stream/recon/evaluate/private-store.ts';
import { matchRowsByChance } from '../../stream/recon/match/engine.ts';
import { noisyPayments } from '../../stream/recon/match/probable/testkit-payments.ts';
import { ruleSetSchema } from '../../stream/recon/match/rule-set.ts';
import { rowsOf } from '../../stream/recon/run/stage.ts';
import { Sources } from '../../stream/recon/run/source.ts';
import type { BenchOptions } from '../support/options.ts';

const DATE = '2026-11-20';

export async function recon({ quick, tell }: BenchOptions): Promise<object> {
  return { withIds: await withIds(quick ? 100_000 : 1_000_000, tell), idLess: await idLess(quick ? 5_000 : 45_000, tell) };
}

async function withIds(rows: number, tell: BenchOptions['tell']): Promise<object> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lf-bench-recon-'));
  try {
    await using store = await PrivateStore.open(
      folder,
      { memory_limit: '1GB', temp_directory: path.join(folder, 'spill') },
      path.join(folder, 'store.duckdb'),
    );
    const { connection } = store;
    const file = path.join(folder, 'statement.csv');
    // One movement in a thousand has no line, one line in a thousand a cent too much.
    await connection.run(`CREATE TABLE silver.transactions AS SELECT i AS transaction_id, i % 5000 AS account_id, i % 300 AS merchant_id, CAST((1 + i % 90000) * 0.01 AS DECIMAL(20,2)) AS amount, 'USD' AS currency,
        'posted' AS status, 'DEPOSIT' AS type, 'CREDIT' AS direction, TIMESTAMP '${DATE}' + to_milliseconds(i % 86400000) AS posted_at, 'payment ' || i AS description FROM range(${rows}) t(i);
      CREATE TABLE silver.ledger_entries (entry_id BIGINT, transaction_id BIGINT);
      COPY (SELECT transaction_id AS txn_id, DATE '${DATE}' AS date, CASE WHEN transaction_id % 1000 = 7 THEN amount + CAST(0.01 AS DECIMAL(20,2)) ELSE amount END AS amount, currency, description FROM silver.transactions
        WHERE transaction_id % 1000 <> 3) TO '${file}' (HEADER)`);
    const join = await exactJoin(store, file);
    const begun = process.cpuUsage();
    const { stagesMs, refused } = await store.run({ source: new Sources(folder).get('bank_csv'), date: DATE, file });
    if (refused !== null) throw new Error(refused);
    const { user, system } = process.cpuUsage(begun);
    const totalMs = Object.values(stagesMs).reduce((sum, ms) => sum + ms, 0);
    const [[matched, breaks]] = (await rowsOf(connection, 'SELECT matched_external, breaks FROM gold.recon_summary')) as [[bigint, bigint]];
    const figures = { rows, csvMiB: mib(statSync(file).size), totalMs, stagesMs, cpuMs: (user + system) / 1_000, peakRssMiB: mib(process.resourceUsage().maxRSS * 1_024), matched: Number(matched), breaks: Number(breaks), exactJoinMs: join, ratio: totalMs / join }; // prettier-ignore
    tell(`recon ${rows} x ${rows} with ids: ${(totalMs / 1_000).toFixed(1)} s, ${(totalMs / join).toFixed(1)} x a single exact join (${(join / 1_000).toFixed(2)} s), ${figures.peakRssMiB} MiB at most`); // prettier-ignore
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same question without anything around it: read the file, join by number, amount and currency. */
async function exactJoin({ connection }: PrivateStore, file: string): Promise<number> {
  const begun = performance.now();
  await rowsOf(
    connection,
    `SELECT count(*) FROM read_csv('${file}', all_varchar = true) e JOIN silver.transactions t ON CAST(e.txn_id AS BIGINT) = t.transaction_id AND CAST(e.amount AS DECIMAL(20,4)) = t.amount AND e.currency = t.currency`,
  );
  return performance.now() - begun;
}

async function idLess(rows: number, tell: BenchOptions['tell']): Promise<object> {
  const random = new Random(7);
  const { external, internal, truth } = noisyPayments(rows, () => random.next());
  const rules = ruleSetSchema.parse({
    ...{ id: 'bench', version: 1, mode: 'probable' },
    ...{ amount: { below: { percent: '3.5' }, above: { percent: '1.5' } }, window: { beforeDays: 0, afterDays: 20 }, timePrecision: 'day' },
  });
  const folder = mkdtempSync(path.join(tmpdir(), 'lf-bench-recon-'));
  try {
    await using store = await PrivateStore.open(folder, { memory_limit: '1GB', temp_directory: path.join(folder, 'spill') });
    const [begun, cpu] = [performance.now(), process.cpuUsage()];
    const { matches } = await matchRowsByChance(store.connection, { external, internal }, rules);
    const ms = performance.now() - begun;
    const { user, system } = process.cpuUsage(cpu);
    const right = matches.filter((match) => truth.has(`${match.external[0]!.id} ${match.internal[0]!.id}`)).length;
    const [precision, recall] = [right / matches.length, right / truth.size];
    const figures = { rows, ms, cpuMs: (user + system) / 1_000, confirmed: matches.length, precision, recall, f1: (2 * precision * recall) / (precision + recall) }; // prettier-ignore
    tell(`recon ${rows} x ${rows} without ids: ${(ms / 1_000).toFixed(1)} s (CPU ${(figures.cpuMs / 1_000).toFixed(1)} s), precision ${precision.toFixed(4)}, F1 ${figures.f1.toFixed(4)}`); // prettier-ignore
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const mib = (bytes: number): number => Math.round(bytes / 1_048_576);
