// Learns, without labels, what speaks for a pair: expectation maximisation as in Winkler (1988), with one change: a row has at most one partner,
// so the chances of a row's pairs and of its being alone are shares of one whole, on both sides. Pairs stay in DuckDB; what comes out is a
// number for each pattern. Sums are of whole numbers, so that they do not depend on the order in which threads add them up.

import { DOUBLE, INTEGER, type DuckDBConnection } from '@duckdb/node-api';
import { RowsOut } from '../../run/rows-out.ts';
import { rowsOf } from '../../run/stage.ts';
import { bitsOf, evidenceOf, firstGuess, type Evidence } from './model.ts';
import type { Pattern } from './patterns.ts';

export interface SideCounts {
  readonly external: number;
  readonly internal: number;
}

const ROUNDS_MAX = 25;
const SETTLED = 0.002;
/** Scalings of rows and columns in a round; the next round goes on from there. */
const SWEEPS = 2;
const LAST_SWEEPS = 8;
const SHARE_STEPS = 1_000_000_000;
const ODDS_MAX = 1_000_000_000;

/** From temp.likely_patterned: temp.likely_odds, likely_alone_e and likely_alone_i, which together give the chance of every pair (CHANCE). @returns the evidence of each pattern */
export async function train(connection: DuckDBConnection, patterns: readonly Pattern[], sides: SideCounts): Promise<readonly Evidence[]> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE likely_alone_e AS SELECT DISTINCT e, 0.5::DOUBLE AS share FROM temp.likely_patterned;
    CREATE OR REPLACE TEMP TABLE likely_alone_i AS SELECT DISTINCT i, 0.5::DOUBLE AS share FROM temp.likely_patterned`);
  const shares = new Shares(connection, patterns, sides);
  let evidence = firstGuess(patterns);
  let partnered = 0.5; // share of the external rows that have a partner
  for (let [round, change] = [0, Infinity]; round < ROUNDS_MAX && change > SETTLED; round += 1) {
    const together = await shares.settle(evidence, partnered, SWEEPS);
    const next = Math.min(0.999, Math.max(0.001, together.reduce((all, it) => all + it, 0) / sides.external));
    change = Math.abs(next - partnered);
    partnered = next;
    evidence = evidenceOf(patterns, together);
  }
  await shares.settle(evidence, partnered, LAST_SWEEPS);
  return evidence;
}

export const CHANCE = `least(1, odds * alone_e.share * alone_i.share)`;
export const CHANCES_FROM = `temp.likely_patterned JOIN temp.likely_odds USING (pattern) JOIN temp.likely_alone_e alone_e USING (e) JOIN temp.likely_alone_i alone_i USING (i)`;

/**
 * Chances of the pairs, given that no row has two partners: chance = odds of the pair × chance of either row to be alone, with the
 * chances of every row summing to 1. Found by scaling rows and columns in turn (Sinkhorn 1964).
 */
class Shares {
  private readonly connection: DuckDBConnection;
  private readonly patterns: readonly Pattern[];
  private readonly sides: SideCounts;

  constructor(connection: DuckDBConnection, patterns: readonly Pattern[], sides: SideCounts) {
    [this.connection, this.patterns, this.sides] = [connection, patterns, sides];
  }

  /** @returns how many pairs of each pattern belong together, by their chances */
  async settle(evidence: readonly Evidence[], partnered: number, sweeps: number): Promise<Float64Array> {
    const { connection, patterns } = this;
    await this.writeOdds(evidence, partnered);
    for (let sweep = 0; sweep < sweeps; sweep += 1) {
      await connection.run(rescaleSql('e', 'i'));
      await connection.run(rescaleSql('i', 'e'));
    }
    const together = new Float64Array(patterns.length);
    const chance = `CAST(${CHANCE} * ${SHARE_STEPS} AS BIGINT)`;
    const found = await rowsOf(connection, `SELECT pattern, CAST(sum(${chance}) AS DOUBLE) FROM ${CHANCES_FROM} GROUP BY pattern`);
    for (const [pattern, sum] of found) together[Number(pattern)] = Number(sum) / SHARE_STEPS;
    return together;
  }

  private async writeOdds(evidence: readonly Evidence[], partnered: number): Promise<void> {
    const { external, internal } = this.sides;
    const pairs = this.patterns.reduce((all, it) => all + it.pairs, 0);
    const others = Math.min(0.999, (partnered * external) / internal);
    const prior = (partnered * external) / pairs / ((1 - partnered) * (1 - others));
    await this.connection.run('CREATE OR REPLACE TEMP TABLE likely_odds (pattern INTEGER, odds DOUBLE)');
    const out = await RowsOut.into(this.connection, 'likely_odds', [INTEGER, DOUBLE]);
    evidence.forEach((each, pattern) => out.add(pattern, Math.min(ODDS_MAX, prior * 2 ** bitsOf(each))));
    out.close();
  }
}

function rescaleSql(own: 'e' | 'i', other: 'e' | 'i'): string {
  return `CREATE OR REPLACE TEMP TABLE likely_alone_${own} AS SELECT ${own}, 1 / (1 + CAST(sum(CAST(odds * it.share * ${SHARE_STEPS} AS BIGINT)) AS DOUBLE) / ${SHARE_STEPS}) AS share
    FROM temp.likely_patterned JOIN temp.likely_odds USING (pattern) JOIN temp.likely_alone_${other} it USING (${other}) GROUP BY ${own}`;
}
