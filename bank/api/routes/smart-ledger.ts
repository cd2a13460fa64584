// The paths of the Smart Ledgering System (seed 001), with exactly its bodies: /ledger/account/, /ledger/transfer/, /ledger/events/.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { amountSchema, currencySchema, idSchema, metadataSchema, parseCommand } from '../../ledger/commands.ts';
import { openedAnswer, postedAnswer } from '../answers.ts';
import { commandRoute } from '../command-route.ts';
import type { BankApi } from '../context.ts';

/** `user` is the seed's word for an ordinary account. */
const type = z.enum(['user', 'checking', 'savings', 'credit', 'investment']).default('user');
const accountBody = z.strictObject({ currency: currencySchema, type, metadata: metadataSchema.optional() });
const transferBody = z.strictObject({
  source_account_id: idSchema,
  destination_account_id: idSchema,
  amount: amountSchema,
  currency: currencySchema,
  metadata: metadataSchema.optional(),
});

export function smartLedgerRoutes(app: FastifyInstance, api: BankApi): void {
  commandRoute(app, api, {
    path: '/ledger/account/',
    tag: 'accounts',
    summary: 'Open an account; metadata.name is its owner',
    body: accountBody,
    keyed: false,
    status: 201,
    answer: openedAnswer,
    command: ({ currency, type: wanted, metadata }) => {
      const name = metadata?.['name'];
      const owner = typeof name === 'string' && name !== '' ? name.slice(0, 160) : 'Unnamed';
      const more = metadata === undefined ? {} : { metadata };
      return parseCommand('open_account', { owner, currency, type: wanted === 'user' ? 'checking' : wanted, ...more });
    },
  });
  commandRoute(app, api, {
    path: '/ledger/transfer/',
    tag: 'money',
    summary: 'Move money between two accounts of the same currency',
    body: transferBody,
    keyed: true,
    status: 201,
    answer: postedAnswer,
    command: ({ source_account_id: from, destination_account_id: to, amount, currency, metadata }) => ({
      operation: 'transfer',
      from_account_id: from,
      to_account_id: to,
      amount,
      currency,
      ...(metadata === undefined ? {} : { metadata }),
    }),
  });
}
