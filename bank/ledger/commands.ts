// The ledger's commands and the zod schemas of their bodies, in wire form: snake_case, amounts as decimal text, ids as digits.
// The API reads number literals of JSON as text before it parses, so no amount and no id ever passes through a float.

import { z } from 'zod';
import type { Json } from './json.ts';
import { AMOUNT_PATTERN } from './money.ts';

export const LEGS_MAX = 100;
const ID_MAX = 2n ** 63n - 1n;

/** Positive 64-bit id: digits, or a JSON number within the exact range. */
export const idSchema = z
  .union([z.string().regex(/^[1-9]\d{0,18}$/, 'must be a positive whole number'), z.int().positive()])
  .transform((value) => BigInt(value))
  .refine((value) => value <= ID_MAX, 'is too large for an id');

/** Decimal text; how many fraction digits are allowed is the currency's matter. */
export const amountSchema = z
  .string('must be a decimal number or decimal text')
  .max(82)
  .regex(AMOUNT_PATTERN, 'must be a decimal number such as "100.50", without exponent')
  .meta({ description: 'Decimal string; a JSON number is read from its literal.', examples: ['100.50'] });

export const currencySchema = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be a three-letter ISO 4217 code')
  .meta({ examples: ['USD'] });

/** Not z.json(): what came as JSON is JSON, and its recursion leaves references in the API document that lead nowhere. */
const jsonSchema = z.unknown() as unknown as z.ZodType<Json>;
export const metadataSchema = z
  .record(z.string().max(64), jsonSchema)
  .refine((value) => JSON.stringify(value).length <= 8_192, 'is larger than 8,192 characters');

const description = z.string().max(255);
const channel = z.string().regex(/^[a-z0-9_-]{1,16}$/, 'must be 1 to 16 of a-z, 0-9, _ and -');
const effectiveAt = z.iso.datetime({ offset: true });
const rate = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,9})(?:\.\d{1,12})?$/, 'must be a decimal number')
  .refine((value) => /[1-9]/.test(value), 'must be greater than zero');

export const symbolSchema = z.string().regex(/^[A-Z][A-Z0-9.]{0,11}$/, 'must be 1 to 12 of A-Z, 0-9 and a point, a letter first').meta({ examples: ['ACME'] }); // prettier-ignore
export const quantitySchema = z
  .string('must be a decimal number or decimal text')
  .regex(/^(?:0|[1-9]\d{0,11})(?:\.\d{1,8})?$/, 'must be a decimal number with at most 8 fraction digits')
  .refine((value) => /[1-9]/.test(value), 'must be greater than zero')
  .meta({ description: 'Units, a decimal string with at most 8 fraction digits.', examples: ['1.5'] });

/** What every movement may carry. */
const about = {
  description: description.optional(),
  channel: channel.optional(),
  device_id: idSchema.optional(),
  metadata: metadataSchema.optional(),
  effective_at: effectiveAt.optional(),
};

const onAccount = { account_id: idSchema, amount: amountSchema, currency: currencySchema.optional(), ...about };

const merchant = z.strictObject({
  name: z.string().min(1).max(120),
  mcc: z.string().regex(/^\d{4}$/, 'must be four digits').optional(), // prettier-ignore
  category: z.string().min(1).max(40).optional(),
  city: z.string().max(80).optional(),
  country: z.string().regex(/^[A-Z]{2}$/, 'must be a two-letter country code').optional(), // prettier-ignore
});

const place = z.strictObject({
  city: z.string().max(80).optional(),
  country: z.string().regex(/^[A-Z]{2}$/, 'must be a two-letter country code').optional(), // prettier-ignore
  latitude: z.string().regex(/^-?\d{1,2}(\.\d{1,8})?$/).optional(), // prettier-ignore
  longitude: z.string().regex(/^-?\d{1,3}(\.\d{1,8})?$/).optional(), // prettier-ignore
});

const atMerchant = { merchant_id: idSchema.optional(), merchant: merchant.optional(), place: place.optional() };
const oneMerchant = (value: { merchant_id?: unknown; merchant?: unknown }) =>
  (value.merchant_id === undefined) !== (value.merchant === undefined);
const ONE_MERCHANT = { error: 'give either merchant_id or merchant', path: ['merchant_id'] };

const leg = z.strictObject({ account_id: idSchema, direction: z.enum(['DEBIT', 'CREDIT']), amount: amountSchema });
const share = z.strictObject({ account_id: idSchema, weight: z.int().min(1).max(1_000_000) });
const allotment = z.strictObject({ account_id: idSchema, amount: amountSchema });

/** One schema per operation: the body of its request, without the idempotency key. */
export const BODIES = {
  open_account: z.strictObject({
    /** Name of a new customer, when customer_id is not given. */
    owner: z.string().min(1).max(160).optional(),
    customer_id: idSchema.optional(),
    currency: currencySchema,
    type: z.enum(['checking', 'savings', 'credit', 'investment']).default('checking'),
    overdraft_limit: amountSchema.optional(),
    label: z.string().max(120).optional(),
    metadata: metadataSchema.optional(),
  }),
  deposit: z.strictObject(onAccount),
  withdraw: z.strictObject(onAccount),
  fee: z.strictObject({ ...onAccount, reference_id: idSchema.optional() }),
  transfer: z.strictObject({ from_account_id: idSchema, to_account_id: idSchema, amount: amountSchema, currency: currencySchema.optional(), ...about }),
  purchase: z.strictObject({ ...onAccount, ...atMerchant }).refine(oneMerchant, ONE_MERCHANT),
  /** Returns part of a purchase, or all that is left without amount. */
  refund: z.strictObject({ transaction_id: idSchema, amount: amountSchema.optional(), ...about }),
  /** Takes a whole transaction back, every leg swapped. */
  reversal: z.strictObject({ transaction_id: idSchema, description: description.optional(), metadata: metadataSchema.optional() }),
  multileg: z.discriminatedUnion('form', [
    /** Free legs in one currency; debits equal credits. */
    z.strictObject({ form: z.literal('legs'), legs: z.array(leg).min(2).max(LEGS_MAX), ...about }),
    /** One payer, shares by weight: floored, left-over units to the largest remainders. */
    z.strictObject({ form: z.literal('split'), ...onAccount, shares: z.array(share).min(1).max(LEGS_MAX - 1) }),
    /** One payer, fixed parts; what is left of amount goes to rest_account_id (needed when the parts are less). */
    z.strictObject({ form: z.literal('allotment'), ...onAccount, parts: z.array(allotment).min(1).max(LEGS_MAX - 2), rest_account_id: idSchema.optional() }),
    /** Another currency through the FX house accounts: amount leaves, amount × rate, floored, arrives; the fee is in the leaving currency. */
    z.strictObject({
      form: z.literal('exchange'), from_account_id: idSchema, to_account_id: idSchema, amount: amountSchema, rate, fee: amountSchema.optional(), ...about,
    }),
    /** A transfer with a fee for the payer in one transaction. */
    z.strictObject({
      form: z.literal('transfer_with_fee'), from_account_id: idSchema, to_account_id: idSchema, amount: amountSchema, fee: amountSchema, ...about,
    }),
  ]),
  /** Buys or sells at the last market price; the cash leg and the trade are one commit. The fee is a FEE transaction that names the cash leg. */
  trade: z.strictObject({ account_id: idSchema, symbol: symbolSchema, side: z.enum(['buy', 'sell']), quantity: quantitySchema, fee: amountSchema.optional(), ...about }),
  /** Reserves money at once; expires_in_seconds: 7 days when not given. */
  authorise: z
    .strictObject({ ...onAccount, ...atMerchant, expires_in_seconds: z.int().min(1).max(31 * 86_400).default(7 * 86_400) })
    .refine(oneMerchant, ONE_MERCHANT),
  /** Posts the hold, or part of it; the rest is released. */
  capture: z.strictObject({ hold_id: idSchema, amount: amountSchema.optional(), ...about }),
  void: z.strictObject({ hold_id: idSchema, description: description.optional() }),
  freeze: z.strictObject({ account_id: idSchema, reason: description.optional() }),
  unfreeze: z.strictObject({ account_id: idSchema, reason: description.optional() }),
  close: z.strictObject({ account_id: idSchema, reason: description.optional() }),
  reopen: z.strictObject({ account_id: idSchema, reason: description.optional() }),
} as const; // prettier-ignore

export type Operation = keyof typeof BODIES;

/** The parsed body of one operation. */
export type Body<O extends Operation> = z.output<(typeof BODIES)[O]>;

/** A command: an operation and its parsed body in one object. */
export type Command = { [O in Operation]: { readonly operation: O } & Readonly<Body<O>> }[Operation];
export type CommandOf<O extends Operation> = Extract<Command, { operation: O }>;

/** What the expiry job asks for; no client can. */
export interface ExpireCommand {
  readonly operation: 'expire';
  readonly hold_id: bigint;
}

/** Everything that is decided on locked state: opening an account needs none. */
export type LedgerCommand = Exclude<Command, { operation: 'open_account' }> | ExpireCommand;

const WITHOUT_KEY: ReadonlySet<Operation> = new Set<Operation>(['open_account', 'freeze', 'unfreeze', 'close', 'reopen']);

/** True for operations that move or reserve money: they need an idempotency key. */
export function needsKey(operation: Operation): boolean {
  return !WITHOUT_KEY.has(operation);
}

export const KEY_PATTERN = /^[\x20-\x7e]{1,255}$/;

/** Parses a body into a command. @throws ZodError with the path of the first wrong field */
export function parseCommand<O extends Operation>(operation: O, body: unknown): CommandOf<O> {
  return { operation, ...(BODIES[operation].parse(body) as object) } as CommandOf<O>;
}
