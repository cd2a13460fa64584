// The one list of refusals: code, HTTP status, stage in the precedence, remedy. docs/bank-errors.md is generated from it.
// Of several reasons the one of the earliest stage is told; within a stage the first account or leg in the request's order.

import type { JsonObject } from './json.ts';

/** The documented precedence. Recorded stages are business refusals: kept under their idempotency key and replayed. */
export const STAGES = [
  'malformed',
  'identity',
  'unknown',
  'idempotency',
  'status',
  'currency',
  'state',
  'limit',
  'funds',
  'system',
] as const;
export type Stage = (typeof STAGES)[number];

/** Stages whose refusals are recorded: a retry with the same key never turns them into a success. */
export const RECORDED_STAGES: ReadonlySet<Stage> = new Set<Stage>(['status', 'currency', 'state', 'limit', 'funds']);

interface RefusalEntry {
  readonly status: number;
  readonly stage: Stage;
  readonly title: string;
  readonly remedy: string;
}

const entry = (status: number, stage: Stage, title: string, remedy: string): RefusalEntry => ({ status, stage, title, remedy });

export const REFUSALS = {
  malformed_request: entry(400, 'malformed', 'The request is not what the operation takes.', 'Correct the named field; the API document lists them.'),
  body_too_large: entry(413, 'malformed', 'The body is larger than allowed.', 'Send less in one request; split a batch.'),
  unsupported_media_type: entry(415, 'malformed', 'The body is not JSON.', 'Send application/json.'),
  idempotency_key_missing: entry(400, 'malformed', 'A money-moving request needs a key.', 'Send Idempotency-Key or idempotency_key, 1 to 255 printable ASCII characters.'),
  idempotency_key_invalid: entry(400, 'malformed', 'The idempotency key is not usable.', 'Use 1 to 255 printable ASCII characters.'),
  idempotency_key_mismatch: entry(400, 'malformed', 'Header and body give different keys.', 'Send one key, or the same in both.'),
  amount_invalid: entry(400, 'malformed', 'The amount is not a decimal number.', 'Send digits with an optional fraction, without exponent: "100.50".'),
  amount_not_positive: entry(400, 'malformed', 'The amount is zero or negative.', 'Send an amount greater than zero.'),
  unbalanced_legs: entry(400, 'malformed', 'Debits and credits of the legs are not equal.', 'Make the debits of every currency equal its credits.'),
  same_account: entry(400, 'malformed', 'Both sides are the same account.', 'Name two different accounts.'),
  unauthenticated: entry(401, 'identity', 'There is no valid login.', 'Log in and send the token as Authorization: Bearer.'),
  forbidden: entry(403, 'identity', 'This login may not do that.', 'Use an account of your own, or a login with the needed role.'),
  unknown_account: entry(404, 'unknown', 'There is no such account.', 'Check the account id.'),
  unknown_transaction: entry(404, 'unknown', 'There is no such transaction.', 'Check the transaction id.'),
  unknown_hold: entry(404, 'unknown', 'There is no such hold.', 'Check the hold id.'),
  unknown_customer: entry(404, 'unknown', 'There is no such customer.', 'Check the customer id.'),
  unknown_merchant: entry(404, 'unknown', 'There is no such merchant.', 'Check the merchant id, or describe the merchant by name.'),
  unknown_device: entry(404, 'unknown', 'There is no such device.', 'Check the device id, or leave it out.'),
  unknown_instrument: entry(404, 'unknown', 'There is no such instrument.', 'GET /v1/instruments lists them.'),
  not_found: entry(404, 'unknown', 'There is nothing under this address.', 'Check the path.'),
  idempotency_key_reused: entry(422, 'idempotency', 'The key was used with another request.', 'Use a new key for a new request.'),
  idempotency_in_flight: entry(409, 'idempotency', 'The first request with this key is still running.', 'Send the same request again a little later.'),
  account_closed: entry(409, 'status', 'The account is closed.', 'Re-open the account, or use another one.'),
  account_frozen: entry(409, 'status', 'The account is frozen.', 'Unfreeze the account first.'),
  house_account: entry(422, 'status', 'The account belongs to the bank itself.', 'Use a customer account; house accounts take part in transfers and legs only.'),
  currency_not_enabled: entry(422, 'currency', 'The currency is unknown or not enabled.', 'Use an enabled currency.'),
  currency_mismatch: entry(422, 'currency', 'The currency is not that of the account.', 'Send the account’s currency, or exchange the money first.'),
  amount_too_precise: entry(400, 'currency', 'The amount has more fraction digits than its currency.', 'Send no more fraction digits than the currency has.'),
  already_reversed: entry(409, 'state', 'The transaction has been reversed already.', 'Nothing to do: the money is back.'),
  not_returnable: entry(422, 'state', 'The transaction cannot be reversed or refunded.', 'Only a posted movement can be returned, and a reversal is corrected by a new movement.'),
  return_exceeds_original: entry(422, 'state', 'More would be returned than was moved.', 'Return at most what has not been returned yet.'),
  hold_resolved: entry(409, 'state', 'The hold has been captured, voided or has expired already.', 'Read the hold; authorise again if the money is still wanted.'),
  hold_expired: entry(409, 'state', 'The hold has expired.', 'Authorise again.'),
  capture_exceeds_hold: entry(422, 'state', 'More would be captured than was authorised.', 'Capture at most the amount of the hold.'),
  no_price: entry(422, 'state', 'The instrument has no price yet.', 'Try again when a price has been published.'),
  account_not_empty: entry(409, 'state', 'The account still has money, a debt or open holds.', 'Bring the balance to zero and resolve the holds, then close.'),
  amount_overflow: entry(422, 'limit', 'The amount or the new balance is larger than the ledger can hold.', 'Use a smaller amount.'),
  limit_exceeded: entry(422, 'limit', 'The credit limit would be exceeded.', 'Use a smaller amount, or pay back first.'),
  insufficient_funds: entry(422, 'funds', 'The available money is not enough.', 'Use a smaller amount, or deposit first.'),
  insufficient_holding: entry(422, 'funds', 'More would be sold than is held.', 'Sell at most the quantity of the holding.'),
  batch_aborted: entry(424, 'system', 'Another member of the all-or-nothing batch was refused.', 'Correct the refused member and send the batch again.'),
  busy: entry(503, 'system', 'The ledger could not run the request in time.', 'Send the same request with the same key again.'),
  unavailable: entry(503, 'system', 'The database cannot be reached.', 'Send the same request with the same key again; it is not lost and not doubled.'),
  internal_error: entry(500, 'system', 'Something unexpected went wrong.', 'Send the same request with the same key again; if it stays, report the request id.'),
} as const satisfies Readonly<Record<string, RefusalEntry>>; // prettier-ignore

export type RefusalCode = keyof typeof REFUSALS;

/** Why a request was refused. */
export interface Refusal {
  readonly code: RefusalCode;
  /** One sentence with the figures. */
  readonly message: string;
  /** The request's field that is wrong, for example `amount` or `legs.1.account_id`. */
  readonly field?: string;
}

/** A refusal before an account was known stays a value, not an exception. */
export function refuse(code: RefusalCode, message: string, field?: string): Refusal {
  return field === undefined ? { code, message } : { code, message, field };
}

/** True when the refusal is kept under the request's key. A wrong number of fraction digits is malformed, whenever it is found. */
export function isRecorded(code: RefusalCode): boolean {
  const { stage, status } = REFUSALS[code];
  return status !== 400 && RECORDED_STAGES.has(stage);
}

/** The problem+json body (RFC 9457) of a refusal; every error of the API has this shape. */
export function problemBody(refusal: Refusal): JsonObject {
  const { status, title, remedy } = REFUSALS[refusal.code];
  const field = refusal.field === undefined ? {} : { field: refusal.field };
  return { type: `urn:ledgerflow:error:${refusal.code}`, title, status, code: refusal.code, message: refusal.message, ...field, remedy };
}
