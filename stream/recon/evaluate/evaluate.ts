// Reconciles a generated world day by day as it would have been, and compares what was confirmed and what was found with what is true.

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../../infra/runtime/sql-text.ts';
import type { Source, Sources } from '../run/source.ts';
import { rowsOf } from '../run/stage.ts';
import { PrivateStore } from './private-store.ts';
import { pairsOf, readTruth, type Truth } from './truth.ts';

export interface Score {
  readonly precision: number;
  readonly recall: number;
  readonly found: number;
  readonly expected: number;
  /** Some that differ, to look at. */
  readonly wrong: readonly string[];
  readonly missed: readonly string[];
}

export interface Evaluation {
  readonly runs: number;
  readonly externalRows: number;
  readonly internalRows: number;
  /** Pairs confirmed without a person, against all pairs that belong together and have no break. */
  readonly confirmed: Score;
  /** By kind of break as the generator names them. */
  readonly breaks: Readonly<Record<string, Score>>;
  readonly ms: number;
}

export interface EvaluationInput {
  /** Folder that `ledgerflow generate --history … --to` has written. */
  readonly world: string;
  readonly sources: Sources;
  /** Default: all. */
  readonly currencies?: readonly string[] | undefined;
  /** `float`, `settlement`; default: both. */
  readonly accounts?: readonly string[] | undefined;
}

export async function evaluateWorld(input: EvaluationInput): Promise<Evaluation> {
  const world = path.resolve(input.world); // locations of statements are found from another folder
  const begun = performance.now();
  await using store = await PrivateStore.open(world);
  const { connection } = store;
  const table = ['parquet', 'csv'].map((kind) => path.join(world, `transactions.${kind}`)).find((file) => existsSync(file)) ?? '';
  await connection.run(
    `CREATE TABLE silver.transactions AS SELECT * FROM ${literal(table)}; CREATE TABLE silver.ledger_entries (entry_id BIGINT, transaction_id BIGINT)`,
  );
  const refused: string[] = [];
  let runs = 0;
  for (const { source, folder } of statementsOf(input)) {
    for (const file of readdirSync(path.join(world, 'statements', folder)).sort()) {
      const date = file.slice(0, 10);
      const result = await store.run({ source, date, file: path.join(world, 'statements', folder, file) });
      if (result.refused !== null) refused.push(path.join(folder, file));
      runs += 1;
    }
  }
  const [[externalRows, internalRows]] = (await rowsOf(
    connection,
    `SELECT count(*) FILTER (WHERE side = 'external'), count(*) FILTER (WHERE side = 'internal') FROM ops.recon_rows`,
  )) as [[bigint, bigint]];
  const scores = await compare(connection, truthOf(input), refused);
  return { runs, externalRows: Number(externalRows), internalRows: Number(internalRows), ...scores, ms: performance.now() - begun };
}

function truthOf({ world, currencies, accounts }: EvaluationInput): Truth {
  const { matches, breaks } = readTruth(path.join(world, 'truth'));
  return {
    matches,
    breaks: breaks.filter((it) => (currencies?.includes(it.currency) ?? true) && (accounts?.includes(it.account) ?? true)),
  };
}

interface Statements {
  readonly source: Source;
  /** Under `statements`. */
  readonly folder: string;
}

/** The shipped sources of the generator's statements, for each currency that it wrote some for. */
function statementsOf({ world, sources, currencies, accounts }: EvaluationInput): Statements[] {
  return Object.entries({ nostro: 'float', scheme: 'settlement' }).flatMap(([name, account]) => {
    if (accounts?.includes(account) === false) return [];
    const source = sources.get(name);
    const found = readdirSync(path.join(world, 'statements', account)).filter((currency) => currencies?.includes(currency) ?? true);
    return found.map((currency) => ({
      source: { ...source, name: `${name}_${currency.toLowerCase()}`, ledger: { ...source.ledger, currencies: [currency] } },
      folder: path.join(account, currency),
    }));
  });
}

async function compare(
  connection: DuckDBConnection,
  truth: Truth,
  refused: readonly string[],
): Promise<Pick<Evaluation, 'confirmed' | 'breaks'>> {
  const texts = async (sql: string): Promise<string[]> => (await rowsOf(connection, sql)).map(([text]) => text as string);
  const read = new Set(await texts(`SELECT row_id FROM ops.recon_rows WHERE side = 'external'`));
  const open = (reason: string, side: string): Promise<string[]> =>
    texts(`SELECT r.row_id FROM gold.recon_breaks b JOIN ops.recon_break_rows x ON x.break_id = b.break_id AND x.side = '${side}' JOIN ops.recon_rows r ON r.row_no = x.row_no
      WHERE b.reason = '${reason}' AND b.state <> 'resolved'`);
  const labelled = (kind: string): Truth['breaks'] =>
    truth.breaks.filter((it) => it.kind === kind && (it.external_ids ?? []).every((id) => read.has(id)));
  const movements = (kind: string): string[] => labelled(kind).flatMap((it) => (it.transaction_ids ?? []).map(String));
  const differing = new Set(['amount', 'date'].flatMap((kind) => truth.breaks.filter((it) => it.kind === kind)).flatMap((it) => it.external_ids ?? [])); // prettier-ignore
  const confirmable = truth.matches.filter((it) => it.external_ids.every((id) => read.has(id) && !differing.has(id)));
  const confirmed = await texts(`SELECT e.row_id || ' ' || i.row_id FROM ops.recon_active_rows x JOIN ops.recon_rows e ON e.row_no = x.row_no AND x.side = 'external'
    JOIN ops.recon_active_rows y ON y.match_id = x.match_id AND y.side = 'internal' JOIN ops.recon_rows i ON i.row_no = y.row_no`);
  // Movements whose lines were in no file that was accepted look missing, and are not labelled so.
  const unread = new Set(truth.matches.filter((it) => !it.external_ids.every((id) => read.has(id))).flatMap((it) => it.transaction_ids.map(String))); // prettier-ignore
  const reconciled = new Set(await texts(`SELECT row_id FROM ops.recon_rows WHERE side = 'internal'`));
  const expected = new Set(
    await texts(`SELECT r.row_id FROM ops.recon_findings f JOIN ops.recon_rows r ON r.row_no = f.internal[1] WHERE f.kind = 'expected'
      AND f.run_id IN (SELECT max(run_id) FROM ops.recon_runs WHERE state = 'succeeded' GROUP BY source)`),
  );
  const missing = (await open('missing_external', 'internal')).filter((id) => !unread.has(id));
  // Sums are not made of movements whose settlement time has not ended; their parts and they wait for a later file.
  const waiting = labelled('split').filter((it) => (it.transaction_ids ?? []).some((id) => expected.has(String(id))));
  const parts = new Set(waiting.flatMap((it) => it.external_ids ?? []));
  const sums = new Set(waiting.flatMap((it) => (it.transaction_ids ?? []).map(String)));
  const decided = confirmable.filter((it) => !it.external_ids.some((id) => parts.has(id)));
  return {
    confirmed: score(confirmed, decided.flatMap(pairsOf)),
    breaks: {
      amount: score(await open('amount', 'internal'), movements('amount')),
      date: score(await open('date', 'internal'), movements('date')),
      duplicate: score(await open('duplicate', 'external'), labelled('duplicate').flatMap((it) => it.external_ids?.slice(1) ?? [])),
      missing_internal: score((await open('missing_internal', 'external')).filter((id) => !parts.has(id)), labelled('missing_internal').flatMap((it) => it.external_ids ?? [])),
      missing_external: score(missing, movements('missing_external').filter((id) => reconciled.has(id) && !expected.has(id))),
      split: score(
        await texts(`SELECT r.row_id FROM ops.recon_matches m JOIN ops.recon_match_rows x ON x.match_id = m.match_id AND x.side = 'internal' JOIN ops.recon_rows r ON r.row_no = x.row_no
          WHERE (SELECT count(*) FROM ops.recon_match_rows y WHERE y.match_id = m.match_id AND y.side = 'external') > 1`),
        movements('split').filter((id) => !sums.has(id)),
      ),
      'file refused': score(refused, truth.breaks.flatMap(({ file }) => file ?? [])),
    },
  };
} // prettier-ignore

const SHOWN = 10;

function score(found: readonly string[], expected: readonly string[]): Score {
  const [is, should] = [new Set(found), new Set(expected)];
  const wrong = [...is].filter((each) => !should.has(each));
  const missed = [...should].filter((each) => !is.has(each));
  return {
    precision: is.size === 0 ? 1 : (is.size - wrong.length) / is.size,
    recall: should.size === 0 ? 1 : (should.size - missed.length) / should.size,
    ...{ found: is.size, expected: should.size, wrong: wrong.slice(0, SHOWN), missed: missed.slice(0, SHOWN) },
  };
}
