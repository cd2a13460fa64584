// Decides whether a statement may run, on the syntax tree of DuckDB's own parser, and turns PostgreSQL's catalog names into ours.
// Only the client's statement is judged: the views it reads may use files and internal schemas.

import type { DuckDBConnection } from '@duckdb/node-api';
import { CatalogNames, type Relation } from './catalog.ts';
import { SqlFailure, refused } from './failures.ts';
import { columnNames } from './naming.ts';
import { schemasOf } from './search-path.ts';
import { judge, type Findings, type NamedRelation } from './judge.ts';
import type { LakeState } from './reading.ts';
import { LAKE } from '../../lake/publish/lake-catalog.ts';
import { translateToLake } from './translate.ts';
import { fromTreeText, textOf, toTreeText, type Tree } from './tree.ts';

export interface Admission {
  readonly sql: string;
  /** False when the verdict depends on more than the text and must not be remembered. */
  readonly lasting: boolean;
  /** It reads PostgreSQL's catalog, which may show the session's settings. */
  readonly catalog: boolean;
  /** Names of the result's columns as PostgreSQL gives them; undefined where DuckDB's are right. */
  readonly names: readonly string[] | undefined;
}

/** Only names of this form can never be taken for a file by DuckDB's replacement scans. */
const PLAIN_NAME = /^[\p{L}_][\p{L}\p{N}_$ -]*$/u;

export class Guard {
  readonly #connection: DuckDBConnection;
  readonly #database: string;
  #names: CatalogNames | undefined;
  /** schema.name of every relation, lower case, as of the last look. */
  #relations: ReadonlySet<string> = new Set();

  constructor(connection: DuckDBConnection, database: string) {
    this.#connection = connection;
    this.#database = database;
  }

  /**
   * @param lake the state of the published lake that the statement reads instead of the working store
   * @throws SqlFailure when the statement is not a permitted read.
   */
  async admit(sql: string, searchPath: string, lake?: LakeState): Promise<Admission> {
    const tree = await this.#parse(sql);
    const names = (this.#names ??= await CatalogNames.load(this.#connection));
    const columns = columnNames(tree);
    const matchIsOperator = !/regexp_full_match|similar/i.test(sql);
    const findings = judge(tree, { names, database: this.#database, matchIsOperator });
    const path = schemasOf(searchPath);
    const suspicious = lake === undefined ? await this.#checkRelations(findings, path) : await this.#moveToLake(findings, path, lake);
    const rewritten = findings.rewritten || (lake !== undefined && findings.relations.length > 0);
    return {
      sql: rewritten ? await this.#print(tree, findings.relations.length > 0) : sql,
      lasting: !suspicious,
      catalog: findings.rewritten,
      names: columns,
    };
  }

  async #parse(sql: string): Promise<Tree> {
    const tree = fromTreeText(await this.#scalar('SELECT json_serialize_sql($1::VARCHAR)', sql));
    if (tree['error'] === true) {
      const message = textOf(tree, 'error_message');
      if (tree['error_type'] === 'parser' || tree['error_type'] === 'syntax') throw syntaxError(message, tree['position']);
      throw refused('a statement that is not a single SELECT', message);
    }
    const statements = tree['statements'];
    if (!Array.isArray(statements) || statements.length !== 1)
      throw new SqlFailure('42601', 'cannot insert multiple commands into a prepared statement');
    return tree;
  }

  /** Prints a rewritten tree as SQL. Where it reads more than the catalog, the text is proven to say what the tree says. */
  async #print(tree: Tree, prove: boolean): Promise<string> {
    const text = toTreeText(tree);
    const sql = await this.#scalar('SELECT json_deserialize_sql($1::JSON)', text);
    if (!prove) return sql;
    const again = toTreeText(fromTreeText(await this.#scalar('SELECT json_serialize_sql($1::VARCHAR)', sql)));
    if (again !== text)
      throw new SqlFailure('0A000', 'a part of the statement that PostgreSQL and DuckDB read differently cannot be translated', {
        hint: "Leave out ~, regclass casts, or catalog functions, or write them in DuckDB's form.",
      });
    return sql;
  }

  /** Every relation must exist where readers may look. True when a name could also mean a file, should the relation vanish. */
  async #checkRelations({ relations, commonTables }: Findings, path: readonly string[]): Promise<boolean> {
    let suspicious = false;
    for (const relation of relations) {
      const plain = PLAIN_NAME.test(relation.name) && !FILE_NAMES.test(relation.name);
      if (relation.schema === '' && PLAIN_NAME.test(relation.name) && commonTables.has(relation.name.toLowerCase())) continue;
      if (!['', this.#database].includes(relation.catalog.toLowerCase()))
        throw refusedRelation(relation, `the only database here is "${this.#database}"`);
      if (relation.schema.startsWith('_')) throw refusedRelation(relation, 'schemas that begin with "_" are internal');
      if (!(await this.#exists(relation, path, plain))) throw await unknownRelation(relation, this.#connection);
      suspicious ||= !plain;
    }
    return suspicious;
  }

  /** Every relation becomes the published one at the lake's snapshot; what is not published is unknown. */
  async #moveToLake({ relations, commonTables }: Findings, path: readonly string[], lake: LakeState): Promise<boolean> {
    const found = await this.#connection.runAndReadAll(
      `SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = '${LAKE}'`,
    );
    const published = new Map(found.getRows().map(([key]) => [String(key).toLowerCase(), String(key)]));
    for (const relation of relations) {
      if (!['', this.#database].includes(relation.catalog.toLowerCase()))
        throw refusedRelation(relation, `the only database here is "${this.#database}"`);
      const places = relation.schema === '' ? path : [relation.schema];
      const known = places.map((place) => published.get(`${place}.${relation.name}`.toLowerCase())).find((key) => key !== undefined);
      if (relation.schema === '' && commonTables.has(relation.name.toLowerCase())) {
        if (known === undefined) continue;
        throw new SqlFailure('0A000', `"${relation.name}" names a WITH query and a published table`, {
          hint: 'While ledgerflow.as_of is set, give the WITH query another name.',
        });
      }
      if (known === undefined) throw unpublished(relation, lake);
      translateToLake(relation.node, { catalog: LAKE, ...partsOf(known) }, lake.snapshot);
    }
    return false;
  }

  /** Looks in the store only for names not seen before, or that could mean a file. */
  async #exists({ schema, name }: Relation, path: readonly string[], plain: boolean): Promise<boolean> {
    const keys = (schema === '' ? path : [schema.toLowerCase()]).map((place) => `${place}.${name.toLowerCase()}`);
    if (plain && keys.some((key) => this.#relations.has(key))) return true;
    const found = await this.#connection.runAndReadAll(
      `SELECT lower(schema_name || '.' || name) FROM (${RELATIONS}) WHERE database_name = current_database()`,
    );
    this.#relations = new Set(found.getRows().map(([key]) => String(key)));
    return keys.some((key) => this.#relations.has(key));
  }

  async #scalar(sql: string, value: string): Promise<string> {
    const result = await this.#connection.runAndReadAll(sql, [value]);
    return String(result.getRows()[0]?.[0]);
  }
}

const RELATIONS = `SELECT database_name, schema_name, table_name AS name FROM duckdb_tables() WHERE NOT internal
  UNION ALL SELECT database_name, schema_name, view_name FROM duckdb_views() WHERE NOT internal`;

/** Last parts of names that DuckDB would read as a file (`FROM gold.csv`). */
const FILE_NAMES = /^(csv|tsv|parquet|json|jsonl|ndjson|gz|zst|txt|db|duckdb|sqlite|xlsx|arrow|avro|geojson|shp)$/i;

function partsOf(key: string): { schema: string; name: string } {
  const dot = key.indexOf('.');
  return { schema: key.slice(0, dot), name: key.slice(dot + 1) };
}

function unpublished(relation: NamedRelation, { publicationId, publishedAt }: LakeState): SqlFailure {
  return new SqlFailure('42P01', `relation "${shown(relation)}" is not in publication ${publicationId} of ${publishedAt}`, {
    hint: 'ledgerflow.as_of reads the published lake: bronze.changes, silver, the gold tables, ops.publications. RESET ledgerflow.as_of goes back to now.',
  });
}

function syntaxError(message: string, position: unknown): SqlFailure {
  const at = Number(position);
  return new SqlFailure('42601', message.split('\n')[0] ?? message, Number.isInteger(at) && at >= 0 ? { position: at + 1 } : {});
}

function shown({ schema, name }: Relation): string {
  return schema === '' ? name : `${schema}.${name}`;
}

function refusedRelation(relation: Relation, why: string): SqlFailure {
  return new SqlFailure('42501', `permission denied for relation ${shown(relation)}: ${why}`, {
    hint: 'Readers see the schemas bronze, silver, gold and ops.',
  });
}

/** 42P01, with the most similar names that do exist. */
async function unknownRelation(relation: Relation, connection: DuckDBConnection): Promise<SqlFailure> {
  const near = await connection.runAndReadAll(
    `SELECT schema_name || '.' || name FROM (${RELATIONS}) WHERE database_name = current_database() AND NOT starts_with(schema_name, '_')
     ORDER BY jaro_winkler_similarity(lower(name), lower($1)) DESC, 1 LIMIT 3`,
    [relation.name],
  );
  const hint = near.getRows().flat().join(', ');
  return new SqlFailure('42P01', `relation "${shown(relation)}" does not exist`, hint === '' ? {} : { hint: `Perhaps you meant ${hint}.` });
}
