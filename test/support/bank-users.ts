// Users of the bank API in tests: customers that register and log in, operators, accounts of theirs.

import { openUserStore, type UserStore } from '../../bank/auth/user-store.ts';
import { addUser } from '../../bank/auth/users.ts';
import type { TestApi } from './bank-api.ts';

export const PASSWORD = 'correct horse battery';

export interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

export interface Customer extends Tokens {
  readonly email: string;
  readonly customerId: number;
}

let emails = 0;

export function newEmail(): string {
  emails += 1;
  return `user${emails}@example.com`;
}

/** The caller ends its pool. */
export function usersOf(api: TestApi): UserStore {
  return openUserStore({ ...api.mysql, database: 'bank' });
}

export async function login(api: TestApi, email: string, password = PASSWORD): Promise<Tokens> {
  const { json } = await api.post('/auth/login', { email, password });
  return { access: json.access_token, refresh: json.refresh_token };
}

export async function newCustomer(api: TestApi): Promise<Customer> {
  const email = newEmail();
  const { json } = await api.post('/auth/register', { email, password: PASSWORD, first_name: 'Ann', last_name: 'Other' });
  return { email, customerId: json.customer_id, ...(await login(api, email)) };
}

export async function newOperator(api: TestApi, users: UserStore): Promise<Tokens> {
  const email = newEmail();
  await addUser(users, { email, password: PASSWORD, firstName: '', lastName: '', role: 'operator' });
  return await login(api, email);
}

/** A new account of the token's user. */
export async function newAccount(api: TestApi, token: string): Promise<number> {
  return (await api.post('/accounts/', { owner: 'ignored', currency: 'USD' }, { token })).json.account_id;
}
