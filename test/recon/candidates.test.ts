// The score that rows for a match by hand carry is the one that matching gives.

import { expect, it } from 'vitest';
import { candidatesQuery } from '../../dashboards/api/operator/recon-queries.ts';
import { prepare } from '../../stream/recon/match/prepared.ts';
import { unitsOf } from '../../stream/recon/match/rule-set.ts';
import { scorePair } from '../../stream/recon/match/score.ts';
import { ReconStand } from '../../stream/recon/run/testkit.ts';

const HEAD = 'txn_id,date,amount,currency,reference,description\n';
const LINE = 'B1,2025-07-13,80.00,USD,,Invoice Acme Corp\n';
const OURS = [
  [1, '80.30', '2025-07-12', 'ACME payment'],
  [2, '80.00', '2025-07-10', 'other'],
  [3, '95.00', '2025-07-13', 'Invoice of Acme'],
  [4, '-80.00', '2025-07-13', ''],
] as const;

it('scores open rows against the rows of a break as matching does', async () => {
  await using stand = await ReconStand.open();
  const values = OURS.map(([id, amount, day, text]) => `(${id}, 1, NULL, ${amount.replace('-', '')}, 'USD', 'posted', 'DEPOSIT', '${amount.startsWith('-') ? 'DEBIT' : 'CREDIT'}', '${day} 10:00:00', '${text}')`); // prettier-ignore
  await stand.store.run(`INSERT INTO silver.transactions VALUES ${values.join(', ')}`);
  await stand.run('bank_csv', '2025-07-13', stand.file('line.csv', `${HEAD}${LINE}`));
  const [[id]] = (await stand.rows(`SELECT break_id FROM gold.recon_breaks WHERE reason = 'missing_internal'`)) as [[string]];
  const prepared = await stand.store.prepare(candidatesQuery(id).sql);
  prepared.bind([id]);
  const rows = (await prepared.runAndReadAll()).getRowObjects();
  const rules = stand.desk.parts.sources.get('bank_csv').rules;
  const at = (day: string): number => Date.parse(`${day}T00:00:00Z`);
  const [line] = prepare('external', [{ id: 'B1', amount: unitsOf('80'), currency: 'USD', at: at('2025-07-13'), reference: '', description: 'Invoice Acme Corp' }], rules); // prettier-ignore
  for (const [no, amount, day, description] of OURS) {
    const signed = amount.startsWith('-') ? -unitsOf(amount.slice(1)) : unitsOf(amount);
    const [ours] = prepare(
      'internal',
      [{ id: String(no), amount: signed, currency: 'USD', at: at(day), reference: '', description }],
      rules,
    );
    const { components } = scorePair(line!, ours!, rules);
    const parts = { ...components, amount: signed > 0n ? Math.max(0, components.amount) : 0 };
    const said = (['amount', 'date', 'reference', 'description'] as const).filter((name) => parts[name] !== null);
    const weight = said.reduce((sum, name) => sum + rules.weights[name], 0);
    const score = said.reduce((sum, name) => sum + rules.weights[name] * parts[name]!, 0) / weight;
    expect(Number(rows.find((row) => row['id'] === String(no))?.['score'])).toBeCloseTo(score, 9);
  }
});
