import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { knownCurrencies, minorUnitsOf } from './currency.ts';

it("has the currencies of the bank's table, each with its minor units", () => {
  const sql = readFileSync(path.join(import.meta.dirname, '../../../bank/schema/001_currencies.sql'), 'utf8');
  const rows = [...sql.matchAll(/\('([A-Z]{3})', '\d{3}', (\d|NULL),/g)].filter(([, , digits]) => digits !== 'NULL');
  expect(rows.length).toBeGreaterThan(150);
  expect(rows.map(([, code]) => [code, minorUnitsOf(code!)])).toEqual(rows.map(([, code, digits]) => [code, Number(digits)]));
  expect(new Set(knownCurrencies())).toEqual(new Set(rows.map(([, code]) => code)));
});
