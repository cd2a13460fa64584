// <home>/secrets.json: the passwords made at first start. Readable by its owner alone, never logged.

import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { LedgerflowError } from '../runtime/errors.ts';
import { readIfExists, writeFileAtomic } from './files.ts';

export interface Secrets {
  readonly mysqlRoot: string;
  readonly mysqlBank: string;
  readonly mysqlCdc: string;
  readonly mysqlService: string;
  readonly wire: string;
}

const NAMES = ['mysqlRoot', 'mysqlBank', 'mysqlCdc', 'mysqlService', 'wire'] as const;

/** The passwords of `home`; those that are missing are made now and kept. */
export function loadSecrets(home: string): Secrets {
  const file = path.join(home, 'secrets.json');
  const known = parse(file);
  if (NAMES.every((name) => typeof known[name] === 'string')) return known as unknown as Secrets;
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const secrets = Object.fromEntries(NAMES.map((name) => [name, known[name] ?? newPassword()])) as unknown as Secrets;
  writeFileAtomic(file, `${JSON.stringify(secrets, null, 2)}\n`, 0o600);
  chmodSync(file, 0o600);
  return secrets;
}

function parse(file: string): Record<string, unknown> {
  const text = readIfExists(file);
  if (text === undefined) return {};
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new LedgerflowError('LF_RUN_FILE', 'secrets.json cannot be read', { where: file, cause: error });
  }
}

/** 128 random bits in hex: needs no quoting in URLs, properties files and shells. */
function newPassword(): string {
  return randomBytes(16).toString('hex');
}
