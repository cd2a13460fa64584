// The numbered migrations on disk, and the comparison with what a database has already.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { splitStatements } from './split-statements.ts';

export interface Migration {
  /** File name, `NNN_what.sql`; the order of names is the order of application. */
  readonly name: string;
  /** SHA-256 of the text, line ends normalised, hex. */
  readonly checksum: string;
  readonly statements: readonly string[];
}

export const MIGRATIONS_FOLDER = import.meta.dirname;

const FILE_NAME = /^\d{3}_[a-z0-9_]+\.sql$/;

/** All migrations of `folder` in order. @throws LedgerflowError LF_MIGRATION_FAILED when a file cannot be split or two share a number. */
export function readMigrations(folder = MIGRATIONS_FOLDER): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => FILE_NAME.test(name))
    .sort();
  const twice = names.find((name, at) => names[at + 1]?.slice(0, 3) === name.slice(0, 3));
  if (twice !== undefined)
    throw new LedgerflowError('LF_MIGRATION_FAILED', 'two migrations share a number', { where: path.join(folder, twice) });
  return names.map((name) => readMigration(path.join(folder, name), name));
}

function readMigration(file: string, name: string): Migration {
  const text = readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  try {
    return { name, checksum: createHash('sha256').update(text).digest('hex'), statements: splitStatements(text) };
  } catch (error) {
    throw new LedgerflowError('LF_MIGRATION_FAILED', messageOf(error), { where: file, cause: error });
  }
}

/**
 * What is left to apply, given the recorded checksums by name.
 * @throws LedgerflowError LF_MIGRATION_EDITED naming the file; LF_MIGRATION_NEWER when the database knows a migration that is not here.
 */
export function pendingMigrations(onDisk: readonly Migration[], recorded: ReadonlyMap<string, string>): Migration[] {
  const known = new Set(onDisk.map((migration) => migration.name));
  for (const name of recorded.keys()) {
    if (!known.has(name))
      throw new LedgerflowError('LF_MIGRATION_NEWER', `the database has migration ${name}, this program does not`, { where: name });
  }
  for (const { name, checksum } of onDisk) {
    const applied = recorded.get(name);
    if (applied !== undefined && applied !== checksum) {
      throw new LedgerflowError('LF_MIGRATION_EDITED', `${name} was edited after it had been applied`, { where: `bank/schema/${name}` });
    }
  }
  return onDisk.filter(({ name }) => !recorded.has(name));
}
