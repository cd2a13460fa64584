// Who makes a request, and what they may reach. A customer reaches the accounts of one customer; operators and services reach all.

export type Role = 'customer' | 'operator';

export type Principal =
  /** No login, while LEDGERFLOW_BANK_AUTH is off. */
  | { readonly kind: 'open'; readonly actor: string }
  | { readonly kind: 'service'; readonly actor: string; readonly keyId: bigint }
  | {
      readonly kind: 'user';
      readonly actor: string;
      readonly userId: bigint;
      readonly sessionId: string;
      readonly role: Role;
      readonly customerId: bigint | null;
    };

export const OPEN: Principal = { kind: 'open', actor: 'open' };

/** The one customer a principal is bound to; null for those who reach all. */
export function boundCustomer(principal: Principal): bigint | null {
  return principal.kind === 'user' && principal.role === 'customer' ? principal.customerId : null;
}
