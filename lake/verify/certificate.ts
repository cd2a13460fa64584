// A certificate: what was proven at one source transaction, signed with Ed25519. docs/certificates.md describes the file.

import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { planSchema } from './plan.ts';

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const whole = z.int();

const rangeSchema = z.strictObject({ range: whole, entries: whole, hash });

/** Entries and balances of the lake at a source transaction. */
export const measureSchema = z.strictObject({
  entries: z.strictObject({
    count: whole,
    /** Merkle root over the ranges' hashes. */
    root: hash,
    columns: planSchema.shape.columns,
    /** Entry numbers in one range. */
    width: z.int().min(1),
    /** Hash over the entries' hashes per range of entry numbers: an alteration is named by them. */
    ranges: z.array(rangeSchema),
  }),
  balances: z.strictObject({
    accounts: whole,
    /** Sum of the balances' digests: order does not matter. */
    digest: z.string().regex(/^\d+$/),
    byCurrency: z.array(z.strictObject({ currency: z.string(), entries: whole, credits: decimal, debits: decimal })),
  }),
});
export type Measure = z.infer<typeof measureSchema>;

const provenSchema = z.strictObject({ table: z.string(), gtid: z.string(), rows: whole, digest: z.string() });

export const contentSchema = z.strictObject({
  format: z.literal('ledgerflow-certificate/1'),
  id: z.string(),
  createdAt: z.string(),
  requestedBy: z.string(),
  gtid: z.string(),
  seq: whole,
  /** The comparison with MySQL at the same transaction; null for a transaction of the past, which MySQL cannot be asked about. */
  source: z
    .strictObject({
      version: z.string(),
      tables: z.array(z.strictObject({ table: z.string(), rows: whole, digest: z.string() })),
      balances: z.strictObject({ accounts: whole, digest: z.string() }),
    })
    .nullable(),
  /** The first commit of the working store with the transaction, the head of the chain over bronze there, and the topic of the entries. */
  bronze: z.strictObject({ commitId: whole, chain: z.string(), topic: z.string() }),
  lake: measureSchema,
  /** Where each table was last found equal to MySQL. */
  proven: z.array(provenSchema),
  checks: z.strictObject({ passed: z.array(z.string()), failed: z.array(z.string()) }),
  versions: z.strictObject({ ledgerflow: z.string(), duckdb: z.string(), node: z.string() }),
});
export type CertificateContent = z.infer<typeof contentSchema>;

export const certificateSchema = z.strictObject({
  content: contentSchema,
  /** Ed25519 over the canonical JSON (RFC 8785) of the content, base64. */
  signature: z.string(),
  /** SPKI, PEM. */
  publicKey: z.string(),
});
export type Certificate = z.infer<typeof certificateSchema>;

/** The bytes that are signed. */
export function canonicalBytes(value: object): Buffer {
  return Buffer.from(canonicalize(value) ?? '');
}

/** SHA-256 in hexadecimal over the canonical JSON. */
export function digestOf(value: object): string {
  return createHash('sha256').update(canonicalBytes(value)).digest('hex');
}

/** @param privateKey PKCS #8, PEM */
export function signContent<T extends object>(content: T, privateKey: string): { content: T; signature: string; publicKey: string } {
  const key = createPrivateKey(privateKey);
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' });
  return { content, signature: sign(null, canonicalBytes(content), key).toString('base64'), publicKey: String(publicKey) };
}

/**
 * @param text the file
 * @param trusted public key (PEM) that must have signed it
 * @throws LedgerflowError LF_CERTIFICATE_INVALID naming what is wrong
 */
export function readCertificate(text: string, trusted: string): Certificate {
  const parsed = certificateSchema.safeParse(asJson(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(`it is no certificate: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
  }
  const { content, signature, publicKey } = parsed.data;
  if (publicKey.trim() !== trusted.trim()) throw invalid('it was signed with another key than the trusted one');
  const good = verify(null, canonicalBytes(content), createPublicKey(publicKey), Buffer.from(signature, 'base64'));
  if (!good) throw invalid('the signature does not belong to this content: the file was altered');
  return parsed.data;
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid('it is no JSON', error);
  }
}

export function invalid(why: string, cause?: unknown): LedgerflowError {
  return new LedgerflowError('LF_CERTIFICATE_INVALID', why, cause === undefined ? {} : { cause });
}

/** What of the lake is not as the certificate says, in words; empty when everything is. */
export function measureDifferences(certified: Measure, found: Measure): string[] {
  const differences: string[] = [];
  const differ = (what: string, before: unknown, now: unknown): void => {
    if (before !== now) differences.push(`${what}: certified ${String(before)}, found ${String(now)}`);
  };
  const { width } = certified.entries;
  differ('number of entries', certified.entries.count, found.entries.count);
  differ('Merkle root over the entries', certified.entries.root, found.entries.root);
  const now = new Map(found.entries.ranges.map((range) => [range.range, range.hash]));
  for (const { range, hash: before } of certified.entries.ranges) {
    if (now.get(range) !== before) differences.push(`entries ${range * width} to ${(range + 1) * width - 1} are not what was certified`);
    now.delete(range);
  }
  for (const range of now.keys()) differences.push(`entries ${range * width} to ${(range + 1) * width - 1} were not certified`);
  differ('number of balances', certified.balances.accounts, found.balances.accounts);
  differ('digest of the balances', certified.balances.digest, found.balances.digest);
  differ('sums by currency', canonicalize(certified.balances.byCurrency), canonicalize(found.balances.byCurrency));
  return differences;
}
