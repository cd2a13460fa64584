// A Java trust store (format JKS) from the certificates this machine trusts: Debian makes it in a package script that a private root does not run.
// Format: sun.security.provider.JavaKeyStore.

import { createHash, X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { hostEnvironment } from '../../runtime/config.ts';
import { readIfExists } from '../files.ts';

const MAGIC = 0xfeedfeed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
/** The store holds nothing secret; Java's customary password only seals it. */
const PASSWORD = 'changeit';

/** Node's roots plus the system's bundle and NODE_EXTRA_CA_CERTS. */
export function systemTrustStore(): Buffer {
  const files = ['/etc/ssl/certs/ca-certificates.crt', hostEnvironment().NODE_EXTRA_CA_CERTS ?? ''];
  const bundles = files.map((file) => (file === '' ? '' : (readIfExists(file) ?? '')));
  const pems = bundles.flatMap((text) => text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []);
  const certificates = new Map(
    [...rootCertificates, ...pems].map((pem) => new X509Certificate(pem).raw).map((raw) => [raw.toString('base64'), raw]),
  );
  return javaKeyStore([...certificates.values()]);
}

/** @param certificates DER */
export function javaKeyStore(certificates: readonly Buffer[]): Buffer {
  const parts = [uint32(MAGIC), uint32(VERSION), uint32(certificates.length)];
  certificates.forEach((certificate, index) => {
    parts.push(uint32(TRUSTED_CERTIFICATE), text(`ca-${index}`), Buffer.alloc(8), text('X.509'), uint32(certificate.length), certificate);
  });
  const body = Buffer.concat(parts);
  const password = Buffer.from(PASSWORD, 'utf16le').swap16();
  const seal = createHash('sha1').update(password).update('Mighty Aphrodite').update(body).digest();
  return Buffer.concat([body, seal]);
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
