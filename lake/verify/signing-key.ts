// The key that signs certificates: <home>/certificates/signing-key.pem (Ed25519, readable by its owner alone), made once; beside it the
// public key, which is what whoever checks a certificate must have from a place that he trusts.

import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../infra/runtime/atomic-file.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';

export interface KeyFiles {
  readonly privateKey: string;
  readonly publicKey: string;
}

export function keyFiles(home: string): KeyFiles {
  const folder = path.join(home, 'certificates');
  return { privateKey: path.join(folder, 'signing-key.pem'), publicKey: path.join(folder, 'public-key.pem') };
}

/** @returns the private key, PKCS #8 in PEM */
export async function signingKey(home: string): Promise<string> {
  const files = keyFiles(home);
  if (!existsSync(files.privateKey)) {
    await mkdir(path.dirname(files.privateKey), { recursive: true, mode: 0o700 });
    const { privateKey } = generateKeyPairSync('ed25519');
    await writeFileAtomic(files.privateKey, String(privateKey.export({ type: 'pkcs8', format: 'pem' })), { mode: 0o600 });
  }
  const key = await readFile(files.privateKey, 'utf8');
  if (!existsSync(files.publicKey))
    await writeFileAtomic(files.publicKey, String(createPublicKey(key).export({ type: 'spki', format: 'pem' })));
  return key;
}

/** @returns SPKI in PEM @throws LedgerflowError LF_USAGE */
export async function trustedKey(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new LedgerflowError('LF_USAGE', 'the public key to trust cannot be read: name it with --public-key', {
      where: file,
      cause: error,
    });
  }
}
