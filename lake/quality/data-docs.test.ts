import { expect, it } from 'vitest';
import { renderDataDocs, type CheckEntry } from './data-docs.ts';

const check: CheckEntry = {
  ...{ check: 'transactions_status', table: 'silver.transactions', severity: 'page', dimension: 'validity', kind: 'accepted_values' },
  ...{
    expected: 'pending, posted or failed',
    status: 'failed',
    violations: '2',
    rows: '[{"status":"<script>"}]',
    at: '2026-11-21T10:00:00Z',
  },
  trend: ['passed', 'failed'],
};
const objective = { slo: 'validity', weight: 'money', target: '0.999', achieved: '0.9985', budgetLeft: '-0.5', meaning: 'it passes' };
const incident = {
  id: '3',
  severity: 'page',
  subject: 'transactions_status',
  openedAt: '2026-11-21T09:00:00Z',
  closedAt: null,
  summary: '2 rows',
};
const page = { generatedAt: '2026-11-21T10:00:00Z', position: 'u:1-7', checks: [check], objectives: [objective], incidents: [incident] };

it('shows checks with result and trend, objectives with their budget, and incidents, with everything escaped', () => {
  const html = renderDataDocs(page);
  expect(html).toContain('1 of 1 checks do not hold');
  expect(html).toContain('<span class="failed">failed</span>: 2 rows<br><code>[{&quot;status&quot;:&quot;&lt;script&gt;&quot;}]</code>');
  expect(html).toContain('aria-label="1 of the last 2 results did not pass"');
  expect(html).toContain('<td>99.9 %</td><td>99.85 %</td><td>-50 %</td>');
  expect(html).toContain('<span class="failed">open</span>');
  expect(html).not.toContain('<script');
});

it('says so when there is nothing', () => {
  const html = renderDataDocs({ ...page, checks: [], objectives: [], incidents: [] });
  expect(html).toContain('all 0 checks hold');
  expect(html).toContain('<h2>Incidents</h2><p>none</p>');
});
