import { describe, expect, test } from 'vitest';
import { loadChecks, parseCheck } from '../checks/check.ts';
import { fullSelect } from './sums.ts';
import { inOrder, loadModels, parseModel } from './model.ts';

const HEADER = `-- model: m
-- description: d
-- grain: g
-- key: id
-- inputs: silver.t(id)
-- refresh: rows
-- ties to: nothing
-- column id BIGINT: number
`;

describe('model files', () => {
  test('every model states its columns, and its SELECT gives exactly them', () => {
    const models = loadModels();
    expect(models.map(({ name }) => name).sort()).toEqual([
      'account_attributes',
      'account_balances',
      'daily_account_balances',
      'daily_volumes',
      'dim_accounts',
      'dim_customers',
      'fct_ledger_entries',
      'fct_transactions',
      'pipeline_heartbeat',
    ]);
    for (const model of models) for (const column of model.columns) expect(fullSelect(model)).toContain(column.name);
  });

  test('a model comes after its inputs', () => {
    const order = loadModels().map(({ name }) => name);
    expect(order.indexOf('fct_ledger_entries')).toBeLessThan(order.indexOf('daily_account_balances'));
    expect(order.indexOf('account_balances')).toBeLessThan(order.indexOf('dim_accounts'));
  });

  test.each([
    ['a missing field', HEADER.replace('-- grain: g\n', ''), '"-- grain: …" is missing'],
    ['another name', HEADER.replace('model: m', 'model: n'), 'its name and its file name differ'],
    ['an unknown kind', HEADER.replace('refresh: rows', 'refresh: magic'), 'refresh: magic'],
    ['an input without key', HEADER.replace('silver.t(id)', 'silver.t'), 'must name its key'],
    ['rows over gold', HEADER.replace('silver.t(id)', 'gold.t'), 'rows needs one silver input'],
    ['a view over silver', HEADER.replace('refresh: rows', 'refresh: view'), 'silver may be ahead'],
    ['sums over silver', HEADER.replace('refresh: rows', 'refresh: sums'), 'sums needs one gold input'],
    ['sums of nothing', HEADER.replace('refresh: rows', 'refresh: sums').replace('silver.t(id)', 'gold.t'), '"-- sums: …" is missing'],
    ['a running total of no kind', HEADER.replace('-- key', '-- running: x\n-- key'), 'running must read'],
    ['no columns', HEADER.replace('-- column id BIGINT: number\n', ''), 'no "-- column'],
  ])('%s is refused by name', (_, text, problem) => {
    expect(() => parseModel('m', `${text}SELECT id FROM silver.t`)).toThrow(problem);
  });

  test('a circle is refused', () => {
    const circle = ['a', 'b'].map((name) =>
      parseModel(
        name,
        `${HEADER.replace('model: m', `model: ${name}`)
          .replace('refresh: rows', 'refresh: view')
          .replace('silver.t(id)', `gold.${name === 'a' ? 'b' : 'a'}`)}SELECT 1`,
      ),
    );
    expect(() => inOrder(circle)).toThrow('circle');
  });
});

describe('check files', () => {
  test('all parse, and each reads models that exist', () => {
    const models = loadModels().map(({ name }) => name);
    for (const check of loadChecks()) for (const input of check.inputs) expect(models).toContain(input);
  });

  test('a check without its full form is refused', () => {
    const text = '-- check: c\n-- model: m\n-- severity: block\n-- inputs: m\n-- scope: s\n-- expected: e\n';
    expect(() => parseCheck('c', text)).toThrow('"-- == full" is missing');
    expect(() => parseCheck('c', `${text.replace('block', 'loud')}-- == full\nSELECT 1`)).toThrow('severity loud');
  });
});
