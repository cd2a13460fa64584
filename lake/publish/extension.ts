// Loads the DuckLake extension from a file. Nothing is downloaded here (infra/native/obtain/ducklake.ts does that),
// and without the extension only publication waits: the working store needs none.

import { existsSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import { messageOf } from '../../infra/runtime/errors.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { firstRow } from './sql.ts';

export type ExtensionState =
  { readonly loaded: true; readonly file: string | null } | { readonly loaded: false; readonly reason: string; readonly remedy: string };

const REMEDY =
  'Run `npx ledgerflow setup` with access to a package registry, or set DUCKLAKE_EXTENSION_PATH to ducklake.duckdb_extension of the DuckDB version in package.json; publication starts by itself.';

/**
 * Loads the extension into the connection's instance unless it is there already.
 * @param file the extension's file, undefined when none was obtained
 */
export async function loadLakeExtension(connection: DuckDBConnection, file: string | undefined): Promise<ExtensionState> {
  const found = await firstRow(connection, "SELECT loaded, install_path FROM duckdb_extensions() WHERE extension_name = 'ducklake'");
  if (found?.[0] === true) return { loaded: true, file: (found[1] as string | null) ?? null };
  if (file === undefined) return { loaded: false, reason: 'extension missing', remedy: REMEDY };
  if (!existsSync(file)) return { loaded: false, reason: `extension missing: there is no ${file}`, remedy: REMEDY };
  try {
    await connection.run(`LOAD ${literal(file)}`);
    return { loaded: true, file };
  } catch (error) {
    return { loaded: false, reason: `extension does not load: ${messageOf(error).split('\n')[0] ?? ''}`, remedy: REMEDY };
  }
}
