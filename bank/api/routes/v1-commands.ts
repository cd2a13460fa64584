// The versioned form: one path per ledger operation, bodies as in bank/ledger/commands.ts.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { BODIES, idSchema, needsKey, type Command, type Operation } from '../../ledger/commands.ts';
import { holdAnswer, openedAnswer, postedAnswer, statusAnswer } from '../answers.ts';
import { commandRoute } from '../command-route.ts';
import type { BankApi } from '../context.ts';

interface Plain {
  readonly operation: Operation;
  readonly path: string;
  readonly summary: string;
  readonly tag: 'money' | 'holds' | 'accounts';
  readonly answer: z.ZodType;
}

const PLAIN: readonly Plain[] = [
  {
    operation: 'open_account',
    path: '/v1/accounts',
    summary: 'Open an account for a new or a known customer',
    tag: 'accounts',
    answer: openedAnswer,
  },
  { operation: 'deposit', path: '/v1/deposits', summary: 'Deposit into an account', tag: 'money', answer: postedAnswer },
  { operation: 'withdraw', path: '/v1/withdrawals', summary: 'Withdraw from an account', tag: 'money', answer: postedAnswer },
  { operation: 'transfer', path: '/v1/transfers', summary: 'Move money between two accounts', tag: 'money', answer: postedAnswer },
  { operation: 'purchase', path: '/v1/purchases', summary: 'Pay at a merchant', tag: 'money', answer: postedAnswer },
  { operation: 'fee', path: '/v1/fees', summary: 'Charge a fee', tag: 'money', answer: postedAnswer },
  {
    operation: 'refund',
    path: '/v1/refunds',
    summary: 'Return a purchase or fee, in part or what is left',
    tag: 'money',
    answer: postedAnswer,
  },
  { operation: 'reversal', path: '/v1/reversals', summary: 'Take a whole transaction back', tag: 'money', answer: postedAnswer },
  {
    operation: 'multileg',
    path: '/v1/journal',
    summary: 'Several legs at once: free legs, split, allotment, exchange, transfer with a fee',
    tag: 'money',
    answer: postedAnswer,
  },
  { operation: 'authorise', path: '/v1/holds', summary: 'Reserve money at once', tag: 'holds', answer: holdAnswer },
];

const params = z.object({ id: idSchema });

export function v1CommandRoutes(app: FastifyInstance, api: BankApi): void {
  for (const { operation, path, summary, tag, answer } of PLAIN) {
    commandRoute(app, api, {
      ...{ path, summary, tag, answer },
      body: BODIES[operation],
      keyed: needsKey(operation),
      status: 201,
      command: (body) => ({ operation, ...(body as object) }) as Command,
    });
  }
  holdRoutes(app, api);
  for (const prefix of ['/accounts', '/v1/accounts']) accountStatusRoutes(app, api, prefix);
}

function holdRoutes(app: FastifyInstance, api: BankApi): void {
  commandRoute(app, api, {
    path: '/v1/holds/:id/capture',
    tag: 'holds',
    summary: 'Post a hold or part of it; the rest is released',
    body: BODIES.capture.omit({ hold_id: true }).nullish(),
    params,
    keyed: true,
    status: 201,
    answer: postedAnswer,
    command: (body, { id }) => ({ operation: 'capture', hold_id: id, ...body }),
  });
  commandRoute(app, api, {
    path: '/v1/holds/:id/void',
    tag: 'holds',
    summary: 'Release a hold',
    body: BODIES.void.omit({ hold_id: true }).nullish(),
    params,
    keyed: true,
    status: 200,
    answer: holdAnswer,
    command: (body, { id }) => ({ operation: 'void', hold_id: id, ...body }),
  });
}

const STATUS_SUMMARIES = {
  freeze: 'Stop all movements of an account',
  unfreeze: 'Let a frozen account move money again',
  close: 'Close an account that is empty',
  reopen: 'Open a closed account again',
} as const;

function accountStatusRoutes(app: FastifyInstance, api: BankApi, prefix: string): void {
  for (const operation of ['freeze', 'unfreeze', 'close', 'reopen'] as const) {
    commandRoute(app, api, {
      path: `${prefix}/:id/${operation}`,
      tag: 'accounts',
      summary: STATUS_SUMMARIES[operation],
      body: BODIES[operation].omit({ account_id: true }).nullish(),
      params,
      keyed: false,
      status: 200,
      answer: statusAnswer,
      command: (body, { id }) => ({ operation, account_id: id, ...body }),
    });
  }
}
