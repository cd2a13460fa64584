// Keys of other services: `lfk_<id>_<secret>`. Only the SHA-256 of the secret is kept: 256 random bits need no slow hash.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Pool, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { isDuplicate } from '../store/transaction.ts';
import type { UserStore } from './user-store.ts';

export const SERVICE_KEY = /^lfk_(\d{1,18})_([\w-]{43})$/;
/** A revoked key is refused after this time at the latest. */
const TRUST_MS = 10_000;
const KEYS_MAX = 1_000;

export interface ServiceKey {
  readonly keyId: bigint;
  readonly name: string;
  readonly createdAt: string;
  readonly revokedAt: string | null;
}

interface Known {
  readonly name: string;
  readonly hash: Buffer;
  readonly untilMs: number;
}

export class ServiceKeys {
  readonly #pool: Pool;
  readonly #known = new Map<string, Known>();

  constructor({ pool }: UserStore) {
    this.#pool = pool;
  }

  /** Makes a key; its text is told this once. Undefined when the name is in use. */
  async create(name: string): Promise<{ readonly key: string; readonly keyId: bigint } | undefined> {
    const secret = randomBytes(32).toString('base64url');
    try {
      const [row] = await this.#pool.query<ResultSetHeader>('INSERT INTO service_keys (name, secret_hash) VALUES (?, ?)', [
        name,
        hashOf(secret),
      ]);
      return { key: `lfk_${row.insertId}_${secret}`, keyId: BigInt(row.insertId) };
    } catch (error) {
      if (isDuplicate(error)) return undefined;
      throw error;
    }
  }

  /** False when there is no such key, or it was revoked before. */
  async revoke(name: string): Promise<boolean> {
    const [row] = await this.#pool.query<ResultSetHeader>(
      'UPDATE service_keys SET revoked_at = UTC_TIMESTAMP(6) WHERE name = ? AND revoked_at IS NULL',
      [name],
    );
    this.#known.clear();
    return row.affectedRows === 1;
  }

  async list(): Promise<ServiceKey[]> {
    const [rows] = await this.#pool.query<RowDataPacket[]>('SELECT key_id, name, created_at, revoked_at FROM service_keys ORDER BY key_id');
    return rows.map((row) => ({
      keyId: BigInt(row['key_id'] as string | number),
      name: String(row['name']),
      createdAt: String(row['created_at']),
      revokedAt: row['revoked_at'] === null ? null : String(row['revoked_at']),
    }));
  }

  /** The key's id and name, or undefined when it is not valid. */
  async verify(text: string, now: number): Promise<{ readonly keyId: bigint; readonly name: string } | undefined> {
    const [, id = '', secret = ''] = SERVICE_KEY.exec(text) ?? [];
    if (id === '') return undefined;
    const known = await this.#find(id, now);
    if (known === undefined || !timingSafeEqual(known.hash, hashOf(secret))) return undefined;
    return { keyId: BigInt(id), name: known.name };
  }

  async #find(id: string, now: number): Promise<Known | undefined> {
    const cached = this.#known.get(id);
    if (cached !== undefined && cached.untilMs > now) return cached;
    const [rows] = await this.#pool.query<RowDataPacket[]>(
      'SELECT name, secret_hash FROM service_keys WHERE key_id = ? AND revoked_at IS NULL',
      [id],
    );
    this.#known.delete(id);
    const [row] = rows;
    if (row === undefined) return undefined;
    const found = { name: String(row['name']), hash: row['secret_hash'] as Buffer, untilMs: now + TRUST_MS };
    if (this.#known.size >= KEYS_MAX) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(id, found);
    return found;
  }
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
