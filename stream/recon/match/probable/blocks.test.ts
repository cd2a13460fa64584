// Few rows are all compared: what the blocks answer is exactly what the gates let through, ends included.

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { prepare } from '../prepared.ts';
import { rowsOf } from '../../run/stage.ts';
import { DAY_MS, type MatchRow } from '../row.ts';
import { ruleSetSchema, type RuleSet } from '../rule-set.ts';
import { passesGates } from '../score.ts';
import { blockPairs } from './blocks.ts';
import { writeRows } from './match-probable.ts';
import { weighWords } from './words.ts';

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  connection = await instance.connect();
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

async function both(external: readonly MatchRow[], internal: readonly MatchRow[], rules: RuleSet): Promise<[string[], string[]]> {
  const [one, other] = [prepare('external', external, rules), prepare('internal', internal, rules)];
  await writeRows(connection, [...one, ...other]);
  await weighWords(connection);
  await blockPairs(connection, rules, one.length + other.length);
  const blocked = (await rowsOf(connection, 'SELECT e, i FROM temp.likely_pairs')).map((pair) => pair.join(' '));
  const passing = one.flatMap((row) => other.filter((it) => passesGates(row, it, rules)).map((it) => `${row.index} ${it.index}`));
  return [blocked.sort(), passing.sort()];
}

const RULES = ruleSetSchema.parse({
  ...{ id: 'ends', version: 1, amount: { below: { absolute: '0.50', percent: '2' }, above: { percent: '1' } } },
  window: { beforeDays: 1, afterDays: 3 },
});
const row = (id: string, units: number, hours: number): MatchRow => ({ id, amount: BigInt(units), currency: 'USD', at: (hours * DAY_MS) / 24, reference: '', description: '' }); // prettier-ignore

it('includes the ends of every tolerance and leaves out what lies a step beyond, on both sides', async () => {
  const ours = [row('i', 1_000_000, 240)];
  const theirs = [980_000, 979_999, 1_010_000, 1_010_001].map((units, at) => row(`e${at}`, units, 240));
  const times = [216, 215, 312, 313].map((hours, at) => row(`t${at}`, 1_000_000, hours));
  const small = [row('s0', 95_000, 240), row('s1', 94_999, 240)];
  const [blocked, passing] = await both([...theirs, ...times, ...small], [...ours, row('j', 100_000, 240)], RULES);
  expect(blocked).toEqual(passing);
  expect(passing).toHaveLength(5);
});

it('lets through what the gates let through, for any rows', async () => {
  const rows = (side: string): fc.Arbitrary<MatchRow[]> =>
    fc.array(fc.tuple(fc.integer({ min: 1, max: 12_000 }), fc.integer({ min: 0, max: 240 }), fc.boolean(), fc.constantFrom('', 'rent', 'corner shop')), { maxLength: 12 }) // prettier-ignore
      .map((all) => all.map(([units, hours, out, description], at) => ({ ...row(`${side}${at}`, out ? -units : units, hours), description })));
  const tolerance = fc.record({ absolute: fc.constantFrom('0', '0.01', '0.20'), percent: fc.constantFrom('0', '1', '15') });
  const window = fc.record({ beforeDays: fc.integer({ min: 0, max: 3 }), afterDays: fc.integer({ min: 0, max: 3 }) });
  await fc.assert(
    fc.asyncProperty(rows('e'), rows('i'), fc.record({ below: tolerance, above: tolerance }), window, async (external, internal, amount, days) => {
      const [blocked, passing] = await both(external, internal, ruleSetSchema.parse({ id: 'any', version: 1, amount, window: days }));
      expect(blocked).toEqual(passing);
    }),
    { numRuns: 25 },
  );
}); // prettier-ignore
