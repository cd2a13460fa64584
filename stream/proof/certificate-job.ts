// The daily certificate: made beside the run's transaction, from a barrier of its own, and kept in it.

import { keepCertificate, type Certifier } from '../../lake/verify/certify.ts';
import type { Job } from '../jobs/job.ts';

const TIME_LIMIT_MS = 300_000;

export function certificateJob(certifier: Pick<Certifier, 'certify'>): Job {
  return {
    name: 'certificate',
    description: 'a signed certificate of entries and balances, compared with MySQL, once a day',
    version: '1',
    inputs: ['silver.ledger_entries'],
    outputs: [], // gold.certificates is shared with `ledgerflow certify`
    trigger: { cron: '13 0 * * *' },
    timeLimitMs: TIME_LIMIT_MS,
    run: async ({ connection }) => {
      const certificate = await certifier.certify({ at: 'now', requestedBy: 'schedule' });
      await keepCertificate(connection, certificate);
      const { id, gtid, lake } = certificate.content;
      return { summary: { certificate: id, gtid, entries: lake.entries.count, accounts: lake.balances.accounts } };
    },
  };
}
