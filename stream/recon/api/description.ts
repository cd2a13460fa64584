// What the OpenAPI document says of the API of reconciliation.

import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { ApiDescription } from '../../../infra/runtime/api-docs.ts';

export const RECON_API: Omit<ApiDescription, 'version'> = {
  title: 'LedgerFlow reconciliation',
  description: `External statements against the ledger: runs by source and business date, their logs and summaries, breaks and what people do with them.
Amounts are decimal strings. Every refusal is \`{"error": {code, message, where, remedy}}\`.`,
  bearer: "An operator's token of the bank's POST /auth/login.",
  transform: jsonSchemaTransform,
};
