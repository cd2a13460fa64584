// The endpoint's certificate: the one of the settings, or a self-signed one made at first start and kept in the home folder.

import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { generate } from 'selfsigned';
import { writeFileAtomic } from '../../infra/runtime/atomic-file.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';

const VALID_DAYS = 825;
const DAY_MS = 86_400_000;

export interface WireTls {
  readonly context: SecureContext;
  /** Clients of other machines must use it. */
  readonly required: boolean;
}

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/**
 * Loads the certificate.
 * @throws LedgerflowError LF_WIRE_TLS when the files cannot be used
 */
export function openTls(files: TlsFiles, required: boolean): WireTls {
  try {
    const [cert, key] = [readFileSync(files.cert), readFileSync(files.key)];
    return { context: createSecureContext({ cert, key, minVersion: 'TLSv1.2' }), required };
  } catch (cause) {
    throw new LedgerflowError('LF_WIRE_TLS', `the certificate cannot be used: ${messageOf(cause)}`, { where: files.cert, cause });
  }
}

/** The self-signed certificate of a home folder, made when there is none or when it has run out. */
export async function selfSignedFiles(home: string): Promise<TlsFiles> {
  const files = { cert: path.join(home, 'tls', 'wire-cert.pem'), key: path.join(home, 'tls', 'wire-key.pem') };
  if (isUsable(files)) return files;
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'ledgerflow' }], {
    algorithm: 'sha256',
    keyType: 'ec',
    curve: 'P-256',
    notAfterDate: new Date(Date.now() + VALID_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 2, value: hostname() },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  await writeFileAtomic(files.key, key, { mode: 0o600 });
  await writeFileAtomic(files.cert, cert);
  return files;
}

function isUsable({ cert, key }: TlsFiles): boolean {
  if (!existsSync(cert) || !existsSync(key)) return false;
  return Date.parse(new X509Certificate(readFileSync(cert)).validTo) > Date.now() + DAY_MS;
}
