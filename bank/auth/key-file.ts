// <home>/bank-keys.json: the Ed25519 keys the tokens are signed with, readable by their owner alone. The first signs, all verify.

import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { z } from 'zod';
import { writeFileAtomic } from '../../infra/runtime/atomic-file.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';

const keySchema = z.object({
  kid: z.string(),
  createdAt: z.string(),
  jwk: z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() }),
});
const fileSchema = z.object({ keys: z.array(keySchema).min(1) });
export type SigningKey = z.infer<typeof keySchema>;

/** The keys of `home`; one is made when there is none. @throws LedgerflowError LF_RUN_FILE when the file is damaged */
export async function loadSigningKeys(home: string): Promise<SigningKey[]> {
  const file = path.join(home, 'bank-keys.json');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) {
    const keys = [await newSigningKey()];
    mkdirSync(home, { recursive: true, mode: 0o700 });
    await writeFileAtomic(file, `${JSON.stringify({ keys }, null, 2)}\n`, { mode: 0o600 });
    return keys;
  }
  try {
    return fileSchema.parse(JSON.parse(text)).keys;
  } catch (error) {
    const remedy = 'Move the file away and start again: a new key is made and every user logs in anew.';
    throw new LedgerflowError('LF_RUN_FILE', 'bank-keys.json cannot be read', { where: file, cause: error, remedy });
  }
}

export async function newSigningKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = keySchema.shape.jwk.parse(await exportJWK(privateKey));
  return { kid: await calculateJwkThumbprint({ kty: jwk.kty, crv: jwk.crv, x: jwk.x }), createdAt: new Date().toISOString(), jwk };
}
