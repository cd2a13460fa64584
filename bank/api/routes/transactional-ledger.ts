// The paths of the Transactional Ledger Service (seed 004), with exactly its bodies: /accounts/, /deposit/, /transfer/.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { amountSchema, currencySchema, idSchema, parseCommand } from '../../ledger/commands.ts';
import { openedAnswer, postedAnswer } from '../answers.ts';
import { commandRoute } from '../command-route.ts';
import type { BankApi } from '../context.ts';

const openBody = z.strictObject({ owner: z.string().min(1).max(160), currency: currencySchema });
const kind = z
  .string()
  .regex(/^(deposit|withdrawal|withdraw)$/i, 'must be DEPOSIT or WITHDRAWAL')
  .meta({ examples: ['DEPOSIT'] });
const depositBody = z.strictObject({ account_id: idSchema, amount: amountSchema, type: kind.optional() });
const transferBody = z.strictObject({ from_account_id: idSchema, to_account_id: idSchema, amount: amountSchema });

export function transactionalLedgerRoutes(app: FastifyInstance, api: BankApi): void {
  commandRoute(app, api, {
    path: '/accounts/',
    tag: 'accounts',
    summary: 'Open an account for a new owner',
    body: openBody,
    keyed: false,
    status: 201,
    answer: openedAnswer,
    command: ({ owner, currency }) => parseCommand('open_account', { owner, currency }),
  });
  for (const [path, usual] of [
    ['/deposit/', 'DEPOSIT'],
    ['/withdrawal/', 'WITHDRAWAL'],
    ['/withdraw/', 'WITHDRAWAL'],
  ] as const) {
    commandRoute(app, api, {
      path,
      tag: 'money',
      summary: usual === 'DEPOSIT' ? 'Deposit into an account, or withdraw from it, by type' : 'Withdraw from an account',
      body: depositBody,
      keyed: true,
      status: 201,
      answer: postedAnswer,
      command: ({ account_id, amount, type = usual }) => ({
        operation: type.toUpperCase() === 'DEPOSIT' ? 'deposit' : 'withdraw',
        account_id,
        amount,
      }),
    });
  }
  commandRoute(app, api, {
    path: '/transfer/',
    tag: 'money',
    summary: 'Move money between two accounts',
    body: transferBody,
    keyed: true,
    status: 201,
    answer: postedAnswer,
    command: (body) => ({ operation: 'transfer', ...body }),
  });
}
