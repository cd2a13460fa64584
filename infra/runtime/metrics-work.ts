// Metrics of the work beside the stream: jobs, fraud rules, objectives, incidents and their notifications; part of METRICS.

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export const WORK_METRICS = {
  fraudEvaluated: {
    kind: 'counter',
    name: 'ledgerflow_fraud_evaluated_total',
    unit: 'transactions',
    help: 'Movements that the fraud rules have looked at; one that is judged again counts again.',
  },
  fraudAlerts: {
    kind: 'counter',
    name: 'ledgerflow_fraud_alerts_total',
    unit: 'alerts',
    help: 'Fraud alerts that were raised.',
  },
  fraudProduced: {
    kind: 'counter',
    name: 'ledgerflow_fraud_alerts_produced_total',
    unit: 'alerts',
    help: 'Fraud alerts produced to the topic ledgerflow.alerts.',
  },
  jobRuns: {
    kind: 'counter',
    name: 'ledgerflow_job_runs_total',
    unit: 'runs',
    help: 'Attempts of runs of jobs, by job and how they ended (succeeded, retrying, failed).',
    labels: ['job_name', 'state'],
  },
  jobSeconds: {
    kind: 'histogram',
    name: 'ledgerflow_job_duration_seconds',
    unit: 'seconds',
    help: 'Time of one run of a job.',
    labels: ['job_name'],
    buckets: SECONDS,
  },
  sloUnits: {
    kind: 'counter',
    name: 'ledgerflow_slo_units_total',
    unit: 'units',
    help: 'Rows written to silver (weight rows) and the money they carry (weight money), by objective.',
    labels: ['slo', 'weight'],
  },
  sloBadUnits: {
    kind: 'counter',
    name: 'ledgerflow_slo_bad_units_total',
    unit: 'units',
    help: 'Those of them that missed the objective.',
    labels: ['slo', 'weight'],
  },
  incidentsOpen: {
    kind: 'gauge',
    name: 'ledgerflow_incidents_open',
    unit: 'incidents',
    help: 'Open incidents by severity (block, page, warn); absent until the first count.',
    labels: ['severity'],
  },
  notifications: {
    kind: 'counter',
    name: 'ledgerflow_notifications_total',
    unit: 'notifications',
    help: 'Notifications of incidents, by sink and how an attempt ended (sent, retrying, failed).',
    labels: ['sink', 'state'],
  },
} as const;
