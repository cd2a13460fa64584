// What the OpenAPI document says of the bank's API.

import type { ApiDescription } from '../../infra/runtime/api-docs.ts';
import { describeSchemas } from './openapi-schemas.ts';

export const BANK_API: Omit<ApiDescription, 'version'> = {
  title: 'LedgerFlow bank',
  description: `The bank's ledger service: accounts, deposits, withdrawals, transfers, holds, refunds, and what users set for themselves.

Money is a decimal string ("100.50"); a JSON number is taken only as it is written, never through a float. Every request that moves money
needs an idempotency key (header \`Idempotency-Key\` or field \`idempotency_key\`): sent again with the same key it answers the same and moves nothing.
Every refusal is one shape with \`code\`, \`message\`, \`field\` and \`remedy\`. A write answers with the GTID of its commit (\`Ledger-GTID\`, \`gtid\`),
which \`ledgerflow wait --gtid\` waits for in the lake.`,
  tags: [
    { name: 'accounts', description: 'Opening, reading, freezing and closing accounts.' },
    { name: 'money', description: 'Everything that moves money.' },
    { name: 'holds', description: 'Two-phase payments: authorise, then capture or void.' },
    { name: 'auth', description: 'Users, logins and tokens.' },
    { name: 'settings', description: 'Budgets, watch lists and price alerts of a customer.' },
    { name: 'market', description: 'Instruments, prices and paper trades.' },
    { name: 'service', description: 'Health and keys.' },
  ],
  bearer: 'A token of POST /auth/login, or a service key (lfk_…).',
  transform: describeSchemas,
};
