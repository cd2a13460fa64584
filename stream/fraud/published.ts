// How the tables of fraud go into the published lake. Features stay in the store: as many rows as movements, and wide; they are exported
// (`ledgerflow features export`).

import type { PublishedModel } from '../../lake/publish/source.ts';

const own = { refresh: 'job', silverInputs: [] } as const;

export const PUBLISHED_FRAUD: readonly PublishedModel[] = [
  { ...own, name: 'fraud_alerts', key: ['alert_id'] },
  { ...own, name: 'fraud_decisions', key: ['transaction_id'] },
  { ...own, name: 'fraud_features', key: ['transaction_id', 'feature_set'], published: false },
];
