import { describe, expect, it } from 'vitest';
import { BANK_METRICS } from './bank-metrics.ts';
import { createMetrics, METRICS } from './metrics.ts';

describe('METRICS', () => {
  it('names follow the Prometheus habits: prefix, unit suffix, _total for counters only', () => {
    for (const metric of [...Object.values(METRICS), ...Object.values(BANK_METRICS)]) {
      expect(metric.name).toMatch(/^ledgerflow_[a-z_]+$/);
      expect(metric.name.endsWith('_total'), metric.name).toBe(metric.kind === 'counter');
      expect(metric.help).toMatch(/\.$/);
      if (metric.unit === 'seconds' || metric.unit === 'bytes') expect(metric.name).toContain(`_${metric.unit}`);
    }
  });

  it('are separate in every set', async () => {
    const one = createMetrics();
    const other = createMetrics();
    one.commits.inc(2);
    expect(await one.registry.metrics()).toContain('ledgerflow_commits_total 2');
    expect(await other.registry.metrics()).toContain('ledgerflow_commits_total 0');
  });
});
