// Idempotency: the account a key belongs to, and the fingerprint that tells a repetition from another request under the same key.

import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Command, LedgerCommand } from './commands.ts';
import type { LedgerState } from './state.ts';

/** SHA-256 of the canonical JSON (RFC 8785) of operation and body, hex. Ids and amounts as the text they were given as. */
export function fingerprintOf(command: Command): string {
  return createHash('sha256')
    .update(canonicalize(plain(command)) ?? '')
    .digest('hex');
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}

/** The account acted on: debited by transfers, otherwise the one account; undefined while it is not known to exist. */
export function keyAccountOf(state: LedgerState, command: LedgerCommand): bigint | undefined {
  switch (command.operation) {
    case 'transfer':
      return command.from_account_id;
    case 'refund':
    case 'reversal':
      return state.originals.get(command.transaction_id)?.accountId;
    case 'capture':
    case 'void':
    case 'expire':
      return state.holds.get(command.hold_id)?.accountId;
    case 'multileg':
      if (command.form === 'legs') return (command.legs.find(({ direction }) => direction === 'DEBIT') ?? command.legs[0])?.account_id;
      return 'from_account_id' in command ? command.from_account_id : command.account_id;
    default:
      return command.account_id;
  }
}

/** Every account that the command touches and that has to be locked before it is decided; house accounts are among them. */
export function accountsOf(state: Pick<LedgerState, 'originals' | 'holds'>, command: LedgerCommand): bigint[] {
  switch (command.operation) {
    case 'transfer':
      return [command.from_account_id, command.to_account_id];
    case 'refund':
    case 'reversal': {
      const original = state.originals.get(command.transaction_id);
      return original === undefined ? [] : [original, ...original.linked].flatMap(({ legs }) => legs.map(({ accountId }) => accountId));
    }
    case 'capture':
    case 'void':
    case 'expire': {
      const hold = state.holds.get(command.hold_id);
      return hold === undefined ? [] : [hold.accountId];
    }
    case 'multileg':
      if (command.form === 'legs') return command.legs.map(({ account_id: id }) => id);
      if (command.form === 'split') return [command.account_id, ...command.shares.map(({ account_id: id }) => id)];
      if (command.form === 'allotment') {
        const rest = command.rest_account_id === undefined ? [] : [command.rest_account_id];
        return [command.account_id, ...command.parts.map(({ account_id: id }) => id), ...rest];
      }
      return [command.from_account_id, command.to_account_id];
    default:
      return [command.account_id];
  }
}
