// Who uses the page. A customer sees one customer's rows; an operator sees all.

export interface Session {
  /** Names the user for limits: `user:101`, `demo:1002`, `demo:operator`. */
  readonly user: string;
  readonly role: 'customer' | 'operator';
  readonly customerId: string | null;
  /** The bank's access token; null for a session without a password, which the bank takes as it is. */
  readonly token: string | null;
  readonly expiresAtMs: number;
}
