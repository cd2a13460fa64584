// Tokens: a value encrypted so that equal values under one key give equal tokens (a synthetic initialisation vector), and nobody without
// the key can turn one back. The token carries everything but the key: deleting the key is deleting the value, in every copy of it.
//
// tok_ number-of-the-key base64url( vector 12 · ciphertext · tag 16 ); the text is padded to 16 bytes, so its length shows roughly only.

import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { TokenKey } from './key-files.ts';

/** What becomes of values of an erased customer that come later. */
export const ERASED = 'tok_erased';
/** A token of a key, or of an erased customer. */
export const TOKEN_PATTERN = 'tok_(?:erased|[A-Za-z0-9_-]{8}[A-Za-z0-9_-]{58,})';
const TOKEN = new RegExp(`^${TOKEN_PATTERN}$`);

const [VECTOR, TAG, BLOCK] = [12, 16, 16];
const NUMBER_AT = 4;
const BODY_AT = 12;

/** @param key null for an erased customer */
export function tokenOf(text: string, key: TokenKey | null): string {
  if (key === null) return ERASED;
  const { mac, cipher } = keysOf(key);
  const plain = padded(Buffer.from(text, 'utf8'));
  const vector = createHmac('sha256', mac).update(plain).digest().subarray(0, VECTOR);
  const encryption = createCipheriv('aes-256-gcm', cipher, vector);
  const body = Buffer.concat([vector, encryption.update(plain), encryption.final(), encryption.getAuthTag()]);
  return `tok_${key.number}${body.toString('base64url')}`;
}

/** Number of the key of a token. @throws LedgerflowError LF_TOKEN_UNKNOWN when it is none */
export function keyNumberOf(token: string): string {
  if (!TOKEN.test(token)) throw new LedgerflowError('LF_TOKEN_UNKNOWN', 'this is no token');
  if (token === ERASED) throw new LedgerflowError('LF_TOKEN_UNKNOWN', 'the customer was erased before the value came');
  return token.slice(NUMBER_AT, BODY_AT);
}

/** The value. @throws LedgerflowError LF_TOKEN_UNKNOWN when the token was altered */
export function revealed(token: string, key: TokenKey): string {
  const body = Buffer.from(token.slice(BODY_AT), 'base64url');
  try {
    const decryption = createDecipheriv('aes-256-gcm', keysOf(key).cipher, body.subarray(0, VECTOR));
    decryption.setAuthTag(body.subarray(-TAG));
    const plain = Buffer.concat([decryption.update(body.subarray(VECTOR, -TAG)), decryption.final()]);
    return plain.subarray(0, plain.length - (plain.at(-1) ?? 0)).toString('utf8');
  } catch (error) {
    throw new LedgerflowError('LF_TOKEN_UNKNOWN', 'the token was altered: its key does not open it', { cause: error });
  }
}

/** Filled up with bytes that say how many they are, 1 to 16. */
function padded(bytes: Buffer): Buffer {
  const missing = BLOCK - (bytes.length % BLOCK);
  return Buffer.concat([bytes, Buffer.alloc(missing, missing)]);
}

const derived = new WeakMap<TokenKey, { readonly mac: Buffer; readonly cipher: Buffer }>();

function keysOf(key: TokenKey): { readonly mac: Buffer; readonly cipher: Buffer } {
  const known = derived.get(key);
  if (known !== undefined) return known;
  const [mac, cipher] = ['vector', 'cipher'].map((purpose) => Buffer.from(hkdfSync('sha256', key.key, '', purpose, 32)));
  const made = { mac: mac!, cipher: cipher! };
  derived.set(key, made);
  return made;
}
