// Shapes of the ledger's answers, for the OpenAPI document and for the test that compares real answers with them.

import { z } from 'zod';

const id = z.union([z.int(), z.string()]).meta({ description: 'Text beyond 2^53.' });
const money = z.string().meta({ examples: ['100.50'] });
const instant = z.string().meta({ description: 'UTC, microseconds.', examples: ['2026-11-21T15:00:00.000000Z'] });

const committed = {
  gtid: z.string().nullable().meta({ description: 'The commit, as a GTID set; null when nothing was written.' }),
  sequence: id.nullable().meta({ description: 'Ledger position of the last entry; null when nothing was posted.' }),
};

export const postedAnswer = z.looseObject({
  transaction_id: id.optional(),
  status: z.string(),
  type: z.string(),
  account_id: id,
  counter_account_id: id,
  amount: money,
  currency: z.string(),
  balance: money.optional(),
  available: money.optional(),
  created_at: instant,
  effective_at: instant,
  ...committed,
});

/** The answer of a trade: that of its cash leg, which names the trade, and what is held afterwards. */
export const tradeAnswer = postedAnswer.extend({
  symbol: z.string(),
  side: z.enum(['buy', 'sell']),
  quantity: z.string(),
  price: money,
  fee: money.optional(),
  holding: z.string().meta({ description: 'Units of the symbol on the account afterwards.' }),
});

export const tradeView = z.object({
  position: id.meta({ description: 'Cursor of the next page.' }),
  trade_id: id,
  account_id: id,
  symbol: z.string(),
  side: z.enum(['buy', 'sell']),
  quantity: z.string(),
  price: money,
  amount: money,
  currency: z.string(),
  transaction_id: id,
  traded_at: instant,
});

export const holdingView = z.object({ account_id: id, symbol: z.string(), quantity: z.string(), updated_at: instant });

export const instrumentView = z.object({
  symbol: z.string(),
  name: z.string(),
  kind: z.string(),
  currency: z.string(),
  price: money.nullable().meta({ description: 'The last market price; null before the first.' }),
  priced_at: instant.nullable(),
});

export const holdAnswer = z.looseObject({
  hold_id: id.optional(),
  status: z.string(),
  account_id: id,
  currency: z.string(),
  created_at: instant,
  ...committed,
});
export const openedAnswer = z.looseObject({ account_id: id.optional(), currency: z.string(), ...committed });
export const statusAnswer = z.looseObject({ account_id: id, status: z.string(), changed: z.boolean(), ...committed });

export const accountAnswer = z.object({
  account_id: id,
  customer_id: id,
  owner: z.string(),
  type: z.string(),
  status: z.enum(['active', 'frozen', 'closed']),
  currency: z.string(),
  balance: money,
  available: money.nullable(),
  held: money,
  overdraft_limit: money,
  label: z.string().nullable(),
  sequence: id.nullable(),
  created_at: instant,
});

export const balanceAnswer = z.object({
  account_id: id,
  currency: z.string(),
  balance: money,
  available: money.nullable().meta({ description: 'Without what is held; null for a balance of the past and for house accounts.' }),
  held: money.nullable(),
  status: z.string(),
  at: instant.nullable().meta({ description: 'The asked instant; null for now.' }),
  sequence: id.nullable().meta({ description: 'The ledger position the balance stands at.' }),
});

export const entryAnswer = z.object({
  position: id.optional().meta({ description: 'Cursor of the next page.' }),
  event_id: id,
  transaction_id: id,
  account_id: id,
  direction: z.enum(['CREDIT', 'DEBIT']),
  amount: money,
  currency: z.string(),
  balance_after: money.nullable(),
  type: z.string(),
  counter_account_id: id,
  reference_id: id.nullable(),
  reversal_of: id.nullable(),
  merchant_id: id.nullable(),
  channel: z.string().nullable(),
  description: z.string().nullable(),
  effective_at: instant,
  created_at: instant,
});

export const historyAnswer = z.object({
  account_id: id.optional(),
  entries: z.array(entryAnswer),
  next: id.nullable().meta({ description: 'Give it as `after` for the next page; null at the end.' }),
});

export const transactionAnswer = z.object({
  transaction_id: id,
  account_id: id,
  customer_id: id,
  type: z.string(),
  status: z.enum(['posted', 'pending', 'failed']),
  direction: z.enum(['CREDIT', 'DEBIT']),
  amount: money,
  currency: z.string(),
  counter_account_id: id,
  reference_id: id.nullable(),
  reversal_of: id.nullable(),
  merchant_id: id.nullable(),
  channel: z.string().nullable(),
  description: z.string().nullable(),
  effective_at: instant,
  metadata: z.unknown(),
  created_at: instant,
  entries: z.array(entryAnswer),
});

export const holdView = z.object({
  hold_id: id,
  account_id: id,
  amount: money,
  currency: z.string(),
  status: z.enum(['authorised', 'captured', 'voided', 'expired']),
  captured: money.nullable(),
  transaction_id: id.nullable(),
  merchant_id: id.nullable(),
  expires_at: instant,
  created_at: instant,
  resolved_at: instant.nullable(),
});
