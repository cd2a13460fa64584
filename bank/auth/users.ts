// Users in MySQL: registration makes the customer, the user and the password hash in one transaction.

import type { PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { inTransaction, isDuplicate, type Committed } from '../store/transaction.ts';
import { hashPassword, verifyPassword } from './password.ts';
import type { Role } from './principal.ts';
import type { UserStore } from './user-store.ts';

export interface NewUser {
  /** In lower case. */
  readonly email: string;
  readonly password: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: Role;
}

export interface User {
  readonly userId: bigint;
  readonly email: string;
  readonly role: Role;
  readonly customerId: bigint | null;
  readonly createdAt: string;
}

/** Answers undefined when the address has a user already. */
export async function addUser({ pool, bank }: UserStore, wanted: NewUser): Promise<Committed<bigint> | undefined> {
  const hash = await hashPassword(wanted.password);
  try {
    return await inTransaction(pool, async (connection) => {
      const customer = wanted.role === 'customer' ? await addCustomer(connection, bank, wanted) : null;
      const [user] = await connection.query<ResultSetHeader>('INSERT INTO users (customer_id, email, role) VALUES (?, ?, ?)', [
        customer,
        wanted.email,
        wanted.role,
      ]);
      await connection.query('INSERT INTO user_credentials (user_id, password_hash) VALUES (?, ?)', [user.insertId, hash]);
      return BigInt(user.insertId);
    });
  } catch (error) {
    if (isDuplicate(error)) return undefined;
    throw error;
  }
}

async function addCustomer(connection: PoolConnection, bank: string, { firstName, lastName, email }: NewUser): Promise<number> {
  const [customer] = await connection.query<ResultSetHeader>('INSERT INTO ??.customers (first_name, last_name, email) VALUES (?, ?, ?)', [
    bank,
    firstName,
    lastName,
    email,
  ]);
  return customer.insertId;
}

/** The active user with that password; as slow for an unknown address as for a known one. */
export async function checkLogin({ pool }: UserStore, email: string, password: string): Promise<User | undefined> {
  const [rows] = await pool.query<RowDataPacket[]>(
    `SELECT u.user_id, u.email, u.role, u.customer_id, u.created_at, c.password_hash
     FROM users u JOIN user_credentials c USING (user_id) WHERE u.email = ? AND u.status = 'active'`,
    [email],
  );
  const right = await verifyPassword(password, rows[0]?.['password_hash'] as string | undefined);
  return right && rows[0] !== undefined ? userOf(rows[0]) : undefined;
}

export async function findUser({ pool }: UserStore, userId: bigint): Promise<User | undefined> {
  const [rows] = await pool.query<RowDataPacket[]>('SELECT user_id, email, role, customer_id, created_at FROM users WHERE user_id = ?', [
    userId.toString(),
  ]);
  return rows[0] === undefined ? undefined : userOf(rows[0]);
}

function userOf(row: RowDataPacket): User {
  const customer = row['customer_id'] as string | number | null;
  return {
    userId: BigInt(row['user_id'] as string | number),
    email: String(row['email']),
    role: row['role'] as Role,
    customerId: customer === null ? null : BigInt(customer),
    createdAt: `${String(row['created_at']).replace(' ', 'T')}Z`,
  };
}
