// Matches two files of rows that nobody has described, and compares what was found with labels. Labels and truth columns are never matched by.

import type { DuckDBConnection } from '@duckdb/node-api';
import { matchByMode } from '../match/engine.ts';
import type { MatchResult } from '../match/match.ts';
import type { MatchRow, Side } from '../match/row.ts';
import type { RuleSet } from '../match/rule-set.ts';
import { rowsOf } from '../run/stage.ts';
import type { Role } from './pair-columns.ts';
import { readLabels, readPairFile, type PairFile } from './pair-file.ts';
import { settleSigns, type Signs } from './pair-signs.ts';

export interface PairRequest {
  readonly external: string;
  readonly internal: string;
  readonly labels: string | null;
  readonly truthColumn: string | null;
  readonly told: Readonly<Record<Side, ReadonlyMap<Role, string>>>;
  /** Rules for rows that share numbers, and for rows that do not. */
  readonly rules: { readonly withNumbers: RuleSet; readonly withoutNumbers: RuleSet };
}

export interface Quality {
  readonly pairs: number;
  readonly right: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface PairEvaluation {
  readonly external: PairFile;
  readonly internal: PairFile;
  readonly signs: Signs;
  /** Whether rows are tied by numbers that both sides have; if not, why not. */
  readonly numbers: { readonly used: boolean; readonly why: string };
  readonly rules: string;
  readonly truePairs: number;
  readonly confirmed: Quality;
  readonly confirmedAndSuggested: Quality;
  /** Confirmed and suggested pairs at or above a score. */
  readonly thresholds: readonly (Quality & { readonly score: number })[];
  readonly tiers: Readonly<Record<string, number>>;
  readonly readMs: number;
  readonly matchMs: number;
  /** One exact join of the same tables by amount, currency and day (and number, where numbers are used). */
  readonly exactJoinMs: number;
  readonly ratio: number;
  readonly cpuMs: number;
  readonly peakRssMiB: number;
}

const THRESHOLDS = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];

/** @throws LedgerflowError LF_RECON_FILE, LF_RECON_COLUMNS */
export async function evaluatePair(connection: DuckDBConnection, request: PairRequest): Promise<PairEvaluation> {
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  const { truthColumn, told, rules: choices } = request;
  const external = await readPairFile(connection, { side: 'external', file: request.external, told: told.external, truthColumn });
  const internal = await readPairFile(connection, { side: 'internal', file: request.internal, told: told.internal, truthColumn });
  if (request.labels !== null) await readLabels(connection, request.labels);
  const signs = await settleSigns(connection);
  const numbers = await usableNumbers(connection, truthColumn);
  const truth = await truePairs(connection, request.labels !== null);
  const rules = numbers.used ? choices.withNumbers : choices.withoutNumbers;
  const sides = { external: await matchable(connection, 'external', numbers.used), internal: await matchable(connection, 'internal', numbers.used) }; // prettier-ignore
  const read = performance.now();
  const result = await matchByMode(connection, sides, rules, { named: () => numbers.used });
  const matched = performance.now();
  const exactJoinMs = await exactJoin(connection, numbers.used);
  const { user, system } = process.cpuUsage(cpu);
  return {
    ...{ external, internal, signs, numbers, rules: `${rules.id} v${rules.version}`, truePairs: truth.size },
    ...qualities(result, truth),
    ...{ readMs: read - begun, matchMs: matched - read, exactJoinMs, ratio: (matched - read) / exactJoinMs },
    ...{ cpuMs: (user + system) / 1_000, peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1_024) },
  };
}

/** A number of both sides ties rows when many rows have one and those rows are about the same money; a row counter does not. */
async function usableNumbers(connection: DuckDBConnection, truthColumn: string | null): Promise<PairEvaluation['numbers']> {
  const sql = `SELECT (SELECT count(*) FROM temp.pair_external), (SELECT count(*) FROM temp.pair_internal), count(*), count(*) FILTER (WHERE abs(e.amount - i.amount) * 5 <= greatest(abs(e.amount), abs(i.amount)))
    FROM (SELECT id, any_value(amount) AS amount FROM temp.pair_external GROUP BY id HAVING count(*) = 1) e JOIN (SELECT id, any_value(amount) AS amount FROM temp.pair_internal GROUP BY id HAVING count(*) = 1) i USING (id)`;
  const [external, internal, shared, alike] = (await rowsOf(connection, sql))[0]!.map(Number) as [number, number, number, number];
  if (truthColumn !== null && (await namesTruth(connection)))
    return { used: false, why: 'the number column says what the truth column says' };
  if (shared * 10 < Math.min(external, internal)) return { used: false, why: `${shared} numbers are on both sides` };
  if (alike * 2 < shared) return { used: false, why: `${shared} numbers are on both sides, but only ${alike} with like amounts` };
  return { used: true, why: `${shared} numbers are on both sides, ${alike} with like amounts` };
}

/** Whether the number tells the truth: then it must stay out of matching. */
async function namesTruth(connection: DuckDBConnection): Promise<boolean> {
  const [[same]] = (await rowsOf(connection, `SELECT count(*) FILTER (WHERE id = truth) * 2 > count(*) FROM (FROM temp.pair_external UNION ALL FROM temp.pair_internal)`)) as [[boolean]]; // prettier-ignore
  return same;
}

/** `external internal` by the numbers of pair_external and pair_internal. */
async function truePairs(connection: DuckDBConnection, labelled: boolean): Promise<Set<string>> {
  const on = labelled
    ? 'temp.pair_labels l JOIN temp.pair_external e ON e.id = l.external JOIN temp.pair_internal i ON i.id = l.internal'
    : 'temp.pair_external e JOIN temp.pair_internal i USING (truth)';
  return new Set((await rowsOf(connection, `SELECT e.no, i.no FROM ${on}`)).map(([one, other]) => `${one as bigint} ${other as bigint}`));
}

interface NumberedRow extends MatchRow {
  readonly no: bigint;
}

async function matchable(connection: DuckDBConnection, side: Side, byNumber: boolean): Promise<NumberedRow[]> {
  const found = await rowsOf(connection, `SELECT no, id, amount, currency, at_ms, text FROM temp.pair_${side} ORDER BY no`);
  // Without numbers, no row of one side is called what a row of the other is called.
  return found.map(([no, id, amount, currency, at, text]) => ({
    no: no as bigint,
    id: byNumber && id !== null ? (id as string) : `${side} ${String(no).padStart(10, '0')}`,
    ...{ amount: amount as bigint, currency: currency as string, at: Number(at), reference: '', description: text as string },
  }));
}

function qualities({ matches, breaks }: MatchResult, truth: ReadonlySet<string>): Pick<PairEvaluation, 'confirmed' | 'confirmedAndSuggested' | 'thresholds' | 'tiers'> {
  const tiers: Record<string, number> = {};
  for (const { tier } of matches) tiers[tier] = (tiers[tier] ?? 0) + 1;
  const suggested = breaks.filter(({ score }) => score !== null);
  const all = [...matches, ...suggested].map(({ score, external, internal }) => ({ score: score!, pairs: external.flatMap((one) => internal.map((other) => nameOf(one, other))) }));
  const of = (chosen: readonly { readonly pairs: readonly string[] }[]): Quality => quality(chosen.flatMap(({ pairs }) => pairs), truth);
  return {
    ...{ confirmed: of(all.slice(0, matches.length)), confirmedAndSuggested: of(all), tiers },
    thresholds: THRESHOLDS.map((score) => ({ score, ...of(all.filter((each) => each.score >= score)) })),
  };
} // prettier-ignore

function nameOf(external: MatchRow, internal: MatchRow): string {
  return `${(external as NumberedRow).no} ${(internal as NumberedRow).no}`;
}

/** Nothing found is a precision of 1; nothing to be found a recall of 1. */
export function quality(pairs: readonly string[], truth: ReadonlySet<string>): Quality {
  const right = pairs.filter((pair) => truth.has(pair)).length;
  const precision = pairs.length === 0 ? 1 : right / pairs.length;
  const recall = truth.size === 0 ? 1 : right / truth.size;
  return {
    pairs: pairs.length,
    right,
    precision,
    recall,
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
  };
}

async function exactJoin(connection: DuckDBConnection, byNumber: boolean): Promise<number> {
  const begun = performance.now();
  const on = byNumber ? 'id, amount, currency' : 'amount, currency, at_ms';
  await rowsOf(connection, `SELECT count(*) FROM temp.pair_external JOIN temp.pair_internal USING (${on})`);
  return performance.now() - begun;
}
