// The server's half of SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding.
// Own code because no kept library offers the server's half alone: pg-gateway brings its own socket and message layer and no extended protocol.

import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { SqlFailure } from './failures.ts';

const ITERATIONS = 4096;
const KEY_BYTES = 32;

/** What is kept of a password: enough to check it, not enough to log in with. */
export interface ScramVerifier {
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

export function scramVerifier(password: string, salt = randomBytes(16)): ScramVerifier {
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, ITERATIONS, KEY_BYTES, 'sha256');
  return { salt, storedKey: sha256(hmac(salted, 'Client Key')), serverKey: hmac(salted, 'Server Key') };
}

/** One login: `challenge` answers the client's first message, `finish` checks its proof and returns the server's signature. */
export class ScramExchange {
  readonly #verifier: ScramVerifier;
  #clientFirstBare = '';
  #serverFirst = '';
  #nonce = '';
  #header = '';

  constructor(verifier: ScramVerifier) {
    this.#verifier = verifier;
  }

  challenge(clientFirst: string): string {
    const match = /^([ny],[^,]*,)((?:m=[^,]*,)?n=[^,]*,r=([\x21-\x2b\x2d-\x7e]+).*)$/.exec(clientFirst);
    if (match === null) throw malformed('the first SCRAM message is not understood');
    const [, header = '', bare = '', clientNonce = ''] = match;
    this.#header = header;
    this.#clientFirstBare = bare;
    this.#nonce = clientNonce + randomBytes(18).toString('base64');
    this.#serverFirst = `r=${this.#nonce},s=${this.#verifier.salt.toString('base64')},i=${ITERATIONS}`;
    return this.#serverFirst;
  }

  /** The server's last message, or undefined when the proof is wrong. */
  finish(clientFinal: string): string | undefined {
    const match = /^(c=([^,]+),r=([^,]+)),p=([^,]+)$/.exec(clientFinal);
    if (match === null || this.#nonce === '') throw malformed('the last SCRAM message is not understood');
    const [, withoutProof = '', binding = '', nonce = '', proofText = ''] = match;
    if (nonce !== this.#nonce || Buffer.from(binding, 'base64').toString() !== this.#header)
      throw malformed('the SCRAM messages do not belong together');
    const signed = `${this.#clientFirstBare},${this.#serverFirst},${withoutProof}`;
    const proof = Buffer.from(proofText, 'base64');
    if (proof.length !== KEY_BYTES) return undefined;
    const clientKey = xor(proof, hmac(this.#verifier.storedKey, signed));
    if (!timingSafeEqual(sha256(clientKey), this.#verifier.storedKey)) return undefined;
    return `v=${hmac(this.#verifier.serverKey, signed).toString('base64')}`;
  }
}

function malformed(message: string): SqlFailure {
  return new SqlFailure('08P01', message, { fatal: true });
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function xor(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));
}
