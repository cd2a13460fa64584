// Metrics of the bank service, served by it at /metrics; docs/metrics.md is generated from here and from metrics.ts.

import { Registry } from 'prom-client';
import { instrument, type InstrumentOf, type MetricDeclaration } from './metrics.ts';

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const requests = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048];

export const BANK_METRICS = {
  requests: {
    kind: 'counter',
    name: 'ledgerflow_bank_requests_total',
    unit: 'requests',
    help: 'Requests answered by the bank API, by route, method and status.',
    labels: ['route', 'method', 'status'],
  },
  requestSeconds: {
    kind: 'histogram',
    name: 'ledgerflow_bank_request_duration_seconds',
    unit: 'seconds',
    help: 'Time from the head of a request to the end of its answer, by route.',
    labels: ['route'],
    buckets: seconds,
  },
  groupRequests: {
    kind: 'histogram',
    name: 'ledgerflow_bank_group_requests',
    unit: 'requests',
    help: 'Requests in one database transaction of the ledger.',
    buckets: requests,
  },
  groupSeconds: {
    kind: 'histogram',
    name: 'ledgerflow_bank_group_duration_seconds',
    unit: 'seconds',
    help: 'Time of one group from its first statement to its commit, retries not included.',
    buckets: seconds,
  },
  troubles: {
    kind: 'counter',
    name: 'ledgerflow_bank_group_troubles_total',
    unit: 'groups',
    help: 'Groups that did not commit at once, by why: conflict (tried again), divided (halved), lost (connection made again), failed.',
    labels: ['why'],
  },
  queued: { kind: 'gauge', name: 'ledgerflow_bank_queued_requests', unit: 'requests', help: 'Requests that wait for a group.' },
  driftedAccounts: {
    kind: 'gauge',
    name: 'ledgerflow_bank_drifted_accounts',
    unit: 'accounts',
    help: 'Accounts whose cached balance, count or held sum differs from their entries, at the last check; absent before the first.',
  },
  driftCheckedSeconds: {
    kind: 'gauge',
    name: 'ledgerflow_bank_drift_checked_timestamp_seconds',
    unit: 'seconds',
    help: 'When the last check for drift ended, since 1970.',
  },
  auditBroken: {
    kind: 'gauge',
    name: 'ledgerflow_bank_audit_chain_broken',
    unit: 'boolean',
    help: '1 when the audit chain does not continue what it was, 0 when it does; absent before the first round.',
  },
} as const satisfies Record<string, MetricDeclaration>;

type BankMetricName = keyof typeof BANK_METRICS;
export type BankMetrics = { readonly [K in BankMetricName]: InstrumentOf<(typeof BANK_METRICS)[K]> } & { readonly registry: Registry };

/** Fresh metrics in their own registry. Gauges are absent until their value is known. */
export function createBankMetrics(): BankMetrics {
  const registry = new Registry();
  const made: Record<string, unknown> = { registry };
  for (const [key, declaration] of Object.entries<MetricDeclaration>(BANK_METRICS)) made[key] = instrument(declaration, registry);
  const metrics = made as unknown as BankMetrics;
  for (const gauge of [metrics.queued, metrics.driftedAccounts, metrics.driftCheckedSeconds, metrics.auditBroken]) gauge.remove();
  return metrics;
}
