// Users of the bank API in tests: customers that register and log in, operators, accounts of theirs.

import { createPool, type Pool } from 'mysql2/promise';
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

let users = 0;

export function newEmail(): string {
  users += 1;
  return `user${users}@example.com`;
}

export function usersPool(api: TestApi): Pool {
  return createPool({ ...api.mysql, database: 'bank', supportBigNumbers: true, bigNumberStrings: true, dateStrings: true });
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

export async function newOperator(api: TestApi, pool: Pool): Promise<Tokens> {
  const email = newEmail();
  await addUser(pool, { email, password: PASSWORD, firstName: '', lastName: '', role: 'operator' });
  return await login(api, email);
}

/** A new account of the token's user. */
export async function newAccount(api: TestApi, token: string): Promise<number> {
  return (await api.post('/accounts/', { owner: 'ignored', currency: 'USD' }, { token })).json.account_id;
}
