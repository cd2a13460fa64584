// The fuzzy tier for sources without numbers: pairs are weighed by what the data itself says about agreeing by chance. Pairs are found, compared
// and learnt from in DuckDB (temp.likely_*); only those that have a chance come back.

import { HUGEINT, BIGINT, INTEGER, VARCHAR, type DuckDBConnection } from '@duckdb/node-api';
import { RowsOut } from '../../run/rows-out.ts';
import { rowsOf } from '../../run/stage.ts';
import { assign } from '../assign.ts';
import type { Candidate } from '../candidates.ts';
import type { Suggestion } from '../fuzzy.ts';
import type { OpenRows } from '../open-rows.ts';
import type { Prepared } from '../prepared.ts';
import type { RuleSet } from '../rule-set.ts';
import { scorePair } from '../score.ts';
import { blockPairs } from './blocks.ts';
import { COMPONENTS, comparePairs } from './patterns.ts';
import { learnReach } from './reach.ts';
import type { Evidence } from './model.ts';
import { CHANCE, CHANCES_FROM, train } from './train.ts';
import { weighWords } from './words.ts';

/** Confirms pairs whose chance reaches `rules.probable.confirm`; answers those that reach `rules.probable.suggest`. */
export async function matchProbable(connection: DuckDBConnection, open: OpenRows, rules: RuleSet): Promise<Suggestion[]> {
  const sides = { external: open.external, internal: open.internal };
  if (sides.external.length === 0 || sides.internal.length === 0) return [];
  await writeRows(connection, [...sides.external, ...sides.internal]);
  await weighWords(connection);
  await blockPairs(connection, await learnReach(connection, rules), sides.external.length + sides.internal.length);
  const patterns = await comparePairs(connection);
  if (patterns.length === 0) return [];
  const evidence = await train(connection, patterns, { external: sides.external.length, internal: sides.internal.length });
  const suggestions: Suggestion[] = [];
  for (const candidate of assign(await candidatesOf(connection, evidence, sides, rules), rules)) {
    const { external, internal, score, components, why } = candidate as ProbableCandidate;
    if (score >= rules.probable.confirm) open.take([external], [internal], { tier: 'fuzzy', score, components, margin: null, why });
    else suggestions.push({ ...candidate, margin: null, verdict: 'suggested' });
  }
  return suggestions;
}

interface ProbableCandidate extends Candidate {
  readonly why: string;
}

interface Sides {
  readonly external: readonly Prepared[];
  readonly internal: readonly Prepared[];
}

/** Makes temp.likely_rows (side e or i, n: place on its side). */
export async function writeRows(connection: DuckDBConnection, rows: readonly Prepared[]): Promise<void> {
  await connection.run(
    'CREATE OR REPLACE TEMP TABLE likely_rows (side VARCHAR, n INTEGER, amount HUGEINT, currency VARCHAR, at_ms BIGINT, text VARCHAR)',
  );
  const out = await RowsOut.into(connection, 'likely_rows', [VARCHAR, INTEGER, HUGEINT, VARCHAR, BIGINT, VARCHAR]);
  for (const { side, index, row, at } of rows)
    out.add(side === 'external' ? 'e' : 'i', index, row.amount, row.currency, BigInt(at), `${row.description} ${row.reference}`);
  out.close();
}

/** Chances are kept to a millionth. */
const STEPS = 1e6;

async function candidatesOf(
  connection: DuckDBConnection,
  evidence: readonly Evidence[],
  sides: Sides,
  rules: RuleSet,
): Promise<ProbableCandidate[]> {
  const [external, internal] = [sides.external, sides.internal].map((rows) => new Map(rows.map((row) => [row.index, row]))) as [
    Map<number, Prepared>,
    Map<number, Prepared>,
  ];
  const found = await rowsOf(connection, `SELECT e, i, pattern, chance FROM (SELECT *, round(${CHANCE} * ${STEPS}) / ${STEPS} AS chance FROM ${CHANCES_FROM}) WHERE chance >= ${rules.probable.suggest} ORDER BY e, i`); // prettier-ignore
  await connection.run(
    ['rows', 'keys', 'texts', 'patterned', 'odds', 'alone_e', 'alone_i'].map((table) => `DROP TABLE temp.likely_${table}`).join(';'),
  );
  return found.map(([e, i, pattern, chance]) => {
    const pair = { external: external.get(e as number)!, internal: internal.get(i as number)! };
    const { components } = scorePair(pair.external, pair.internal, rules);
    return { ...pair, score: chance as number, components, why: waterfall(evidence, pattern as number, chance as number) };
  });
}

/** What each component adds, in bits: positive speaks for the pair. */
function waterfall(evidence: readonly Evidence[], pattern: number, chance: number): string {
  const steps = COMPONENTS.map((component) => {
    const bits = evidence[pattern]![component];
    return `${component} ${bits >= 0 ? '+' : ''}${bits.toFixed(2)}`;
  });
  return `chance ${chance.toFixed(4)} from ${steps.join(', ')} bits beside all other pairs of both rows`;
}
