// What a customer's login may do: move money out of their own accounts, and see them. Operators and services may do everything.
// One answer for an account of somebody else and for one that does not exist: ids cannot be probed.

import type { Command } from '../ledger/commands.ts';
import { boundCustomer, type Principal } from '../auth/principal.ts';
import { isHouseAccount } from '../store/house-range.ts';
import { problem } from './problem.ts';

/** Owners never change, so they can be remembered. */
const OWNERS_MAX = 100_000;

/** What only operators and services may ask for. */
const RESERVED: ReadonlySet<Command['operation']> = new Set(['fee', 'refund', 'reversal', 'capture', 'freeze', 'unfreeze', 'reopen']);

export interface Owners {
  ownerOf(accountId: bigint): Promise<bigint | undefined>;
  accountOfHold(holdId: bigint): Promise<bigint | undefined>;
}

export class Guard {
  readonly #owners: Owners;
  readonly #known = new Map<bigint, bigint>();

  constructor(owners: Owners) {
    this.#owners = owners;
  }

  /** @throws HttpProblem forbidden */
  async requireOwn(principal: Principal, accountId: bigint, field: string): Promise<void> {
    const customer = boundCustomer(principal);
    if (customer === null) return;
    if ((await this.ownerOf(accountId)) !== customer) throw problem('forbidden', `account ${accountId} is not one of yours`, field);
  }

  /** @throws HttpProblem forbidden */
  requireStaff(principal: Principal, what: string): void {
    if (boundCustomer(principal) !== null) throw problem('forbidden', `${what} is for operators and services`);
  }

  /** The customer a request is about: their own for customers, the named one for others. @throws HttpProblem forbidden, malformed_request */
  customerOf(principal: Principal, named: bigint | undefined): bigint {
    const customer = boundCustomer(principal);
    if (customer !== null) {
      if (named !== undefined && named !== customer) throw problem('forbidden', `customer ${named} is not you`, 'customer_id');
      return customer;
    }
    if (named !== undefined) return named;
    if (principal.kind === 'user' && principal.customerId !== null) return principal.customerId;
    throw problem('malformed_request', 'customer_id is needed: this caller is no customer', 'customer_id');
  }

  /** The command as this caller may run it; asks nobody for those who may do everything. @throws HttpProblem forbidden */
  async admit(principal: Principal, command: Command): Promise<Command> {
    const customer = boundCustomer(principal);
    if (customer === null) return command;
    if (RESERVED.has(command.operation)) this.requireStaff(principal, command.operation);
    if ('effective_at' in command && command.effective_at !== undefined)
      throw problem('forbidden', 'only operators and services set effective_at', 'effective_at');
    if (command.operation === 'trade' && command.fee !== undefined)
      throw problem('forbidden', 'fees are set by operators and services', 'fee');
    if (command.operation === 'open_account') return ownAccount(command, customer);
    for (const { accountId, field } of await this.#spending(command)) await this.requireOwn(principal, accountId, field);
    for (const accountId of receiversOf(command))
      if (isHouseAccount(accountId)) throw problem('forbidden', `account ${accountId} belongs to the bank`);
    return command;
  }

  /** The accounts that a command takes money from or decides about. */
  async #spending(command: Command): Promise<{ readonly accountId: bigint; readonly field: string }[]> {
    switch (command.operation) {
      case 'transfer':
        return [{ accountId: command.from_account_id, field: 'from_account_id' }];
      case 'void': {
        const accountId = await this.#owners.accountOfHold(command.hold_id);
        return [{ accountId: accountId ?? 0n, field: 'hold_id' }];
      }
      case 'multileg':
        if (command.form === 'exchange') throw problem('forbidden', 'rates are set by operators and services', 'form');
        if (command.form === 'legs')
          return command.legs.flatMap((leg, at) =>
            leg.direction === 'DEBIT' ? [{ accountId: leg.account_id, field: `legs.${at}.account_id` }] : [],
          );
        if (command.form === 'transfer_with_fee') return [{ accountId: command.from_account_id, field: 'from_account_id' }];
        return [{ accountId: command.account_id, field: 'account_id' }];
      default:
        return 'account_id' in command ? [{ accountId: command.account_id, field: 'account_id' }] : [];
    }
  }

  /** Whose account it is; undefined when there is none. */
  async ownerOf(accountId: bigint): Promise<bigint | undefined> {
    const known = this.#known.get(accountId);
    if (known !== undefined) return known;
    const owner = await this.#owners.ownerOf(accountId);
    if (owner === undefined) return undefined;
    if (this.#known.size >= OWNERS_MAX) this.#known.clear();
    this.#known.set(accountId, owner);
    return owner;
  }
}

function ownAccount(command: Extract<Command, { operation: 'open_account' }>, customer: bigint): Command {
  if (command.customer_id !== undefined && command.customer_id !== customer)
    throw problem('forbidden', `customer ${command.customer_id} is not you`, 'customer_id');
  if (command.type === 'credit' || command.overdraft_limit !== undefined)
    throw problem('forbidden', 'credit is given by operators and services', command.type === 'credit' ? 'type' : 'overdraft_limit');
  const { owner: _, ...rest } = command;
  return { ...rest, customer_id: customer };
}

function receiversOf(command: Command): bigint[] {
  if (command.operation === 'transfer') return [command.to_account_id];
  if (command.operation !== 'multileg') return [];
  switch (command.form) {
    case 'legs':
      return command.legs.map((leg) => leg.account_id);
    case 'split':
      return command.shares.map((share) => share.account_id);
    case 'allotment':
      return [...command.parts.map((part) => part.account_id), ...(command.rest_account_id === undefined ? [] : [command.rest_account_id])];
    default:
      return [command.to_account_id];
  }
}
