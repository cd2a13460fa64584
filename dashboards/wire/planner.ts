// From a statement's text to what is run for it. Judged and rewritten texts are remembered: the second time costs a look-up.

import type { DuckDBConnection } from '@duckdb/node-api';
import { forDuckDB } from './dialect.ts';
import { SqlFailure } from './failures.ts';
import { Guard } from './guard.ts';
import { LruCache } from './lru.ts';
import type { LakeState } from './reading.ts';
import { parseCommand, type Command } from './statement.ts';

export interface Plan {
  readonly command: Command;
  /** What DuckDB runs; undefined for a command the endpoint answers itself. */
  readonly sql: string | undefined;
  /** It reads PostgreSQL's catalog. */
  readonly catalog: boolean;
  readonly names: readonly string[] | undefined;
  /** The text with types for parameters that do not tell theirs, by the types the client declared. */
  readonly typed: LruCache<string>;
}

const PLANS_MAX = 1_000;
const TYPINGS_MAX = 8;
const PLANNED_CHARACTERS_MAX = 1_000_000;

/** Whether a statement reads relations, rather than being a command of the session. */
export function readsRelations(text: string): boolean {
  return ['query', 'explain', 'copy'].includes(parseCommand(forDuckDB(text)).kind);
}

export class Planner {
  readonly #guard: Guard;
  readonly #plans = new LruCache<Plan>(PLANS_MAX);

  /** `connection` is the planner's own: statements are parsed on it, never run. */
  constructor(connection: DuckDBConnection, database: string) {
    this.#guard = new Guard(connection, database);
  }

  /** @throws SqlFailure for what is not a permitted read. */
  async plan(text: string, searchPath: string, lake?: LakeState): Promise<Plan> {
    if (text.length > PLANNED_CHARACTERS_MAX) throw new SqlFailure('54000', `a statement of ${text.length} characters is too long`);
    const key = `${searchPath}\n${lake?.snapshot ?? ''}\n${text}`;
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    const command = parseCommand(forDuckDB(text));
    if (command.kind !== 'query' && command.kind !== 'explain' && command.kind !== 'copy')
      return { command, sql: undefined, catalog: false, names: undefined, typed: new LruCache(1) };
    const { sql, lasting, catalog, names } = await this.#guard.admit(command.sql, searchPath, lake);
    const plan: Plan = {
      command,
      sql: command.kind === 'explain' ? command.prefix + sql : sql,
      catalog,
      names,
      typed: new LruCache(TYPINGS_MAX),
    };
    if (lasting) this.#plans.set(key, plan);
    return plan;
  }
}
