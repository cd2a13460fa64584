// Tests only: a working store built by hand in the layout of lake/store/layout.ts, without Kafka or a processor.

import { mkdirSync, mkdtempSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { ident, literal } from '../../infra/runtime/sql-text.ts';
import { STORE_DDL } from '../store/layout.ts';
import { chainDigest } from './chain.ts';
import { firstRow, inTransaction, rowsOf } from './sql.ts';
import type { PublicationSource } from './source.ts';
import { foldSql, tablesSql, viewSql, type TestChange, type TestTable } from './testkit-tables.ts';

/** The server of the hand-built commits. */
export const TEST_SERVER = '3e11fa47-71ca-11e1-9e33-c80aa9429562';

export class TestStore implements PublicationSource, AsyncDisposable {
  readonly home: string;
  readonly bronzeFolder: string;
  readonly epoch: number;
  readonly reader: DuckDBConnection;
  private readonly instance: DuckDBInstance;
  private readonly writer: DuckDBConnection;
  private readonly roller: DuckDBConnection;
  private readonly tables = new Map<string, TestTable>();
  private lock: Promise<unknown> = Promise.resolve();
  private offset = 0n;

  private constructor(
    home: string,
    instance: DuckDBInstance,
    connections: readonly [DuckDBConnection, DuckDBConnection, DuckDBConnection],
    epoch: number,
  ) {
    this.home = home;
    this.bronzeFolder = path.join(home, 'lake', 'data', 'bronze');
    this.instance = instance;
    [this.writer, this.roller, this.reader] = connections;
    this.epoch = epoch;
  }

  static async open(home = mkdtempSync(path.join(tmpdir(), 'ledgerflow-publish-'))): Promise<TestStore> {
    mkdirSync(path.join(home, 'store'), { recursive: true });
    mkdirSync(path.join(home, 'lake', 'data', 'bronze'), { recursive: true });
    const options = {
      threads: '2',
      preserve_insertion_order: 'false',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      checkpoint_threshold: '1GB',
    };
    const instance = await DuckDBInstance.create(path.join(home, 'store', 'ledgerflow.duckdb'), options);
    const writer = await instance.connect();
    await writer.run(STORE_DDL);
    if ((await firstRow(writer, 'FROM ops.state')) === undefined) {
      await writer.run(
        `INSERT INTO ops.state VALUES (0, 0, 0, NULL, NULL, NULL, now(), '', 'streaming', NULL); INSERT INTO ops.gold_state VALUES (0, NULL, now(), NULL, NULL)`,
      );
      await writer.run(`INSERT INTO ops.topics VALUES (1, 'bank_server.bank.t', 't'); INSERT INTO ops.offsets VALUES (1, 0, 0, 0, 0)`);
    }
    await writer.run('UPDATE ops.state SET epoch = epoch + 1');
    const epoch = Number((await firstRow(writer, 'SELECT epoch FROM ops.state'))?.[0]);
    const store = new TestStore(home, instance, [writer, await instance.connect(), await instance.connect()], epoch);
    store.offset = BigInt(Number((await firstRow(writer, 'SELECT next_offset FROM ops.offsets'))?.[0] ?? 0));
    return store;
  }

  connect(): Promise<DuckDBConnection> {
    return this.instance.connect();
  }

  withQuietPoint<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.lock.then(work);
    this.lock = turn.catch(() => undefined);
    return turn;
  }

  /** Declares a table; `create` is false for one that the opened store already has. */
  async table(table: TestTable, create = true): Promise<void> {
    this.tables.set(table.name, table);
    if (!create) return;
    await this.writer.run(tablesSql(table));
    await this.writer.run(`${viewSql(table)}; ${await this.schemaSql(table)}`);
  }

  private async schemaSql(table: TestTable): Promise<string> {
    const schema = JSON.stringify({ keyColumns: Object.keys(table.columns).slice(0, table.keys) });
    const version =
      Number((await firstRow(this.writer, `SELECT count(*) FROM ops.table_schemas WHERE table_name = ${literal(table.name)}`))?.[0] ?? 0) +
      1;
    return `INSERT INTO ops.table_schemas (table_name, version, seq, commit_id, ddl, schema_json) SELECT ${literal(table.name)}, ${version}, 0, commit_id, NULL, ${literal(schema)} FROM ops.state`;
  }

  /** One commit of the store with its bronze rows; `extra` runs in the same transaction. */
  commit(changes: readonly TestChange[], extra = ''): Promise<number> {
    return this.withQuietPoint(() => inTransaction(this.writer, () => this.writeCommit(changes, extra)));
  }

  private async writeCommit(changes: readonly TestChange[], extra: string): Promise<number> {
    const state = await firstRow(this.writer, 'SELECT commit_id, chain FROM ops.state');
    const commit = Number(state?.[0]) + 1;
    for (const [order, change] of changes.entries()) {
      const table = this.tables.get(change.table);
      if (table === undefined) throw new Error(`no table ${change.table}`);
      const position = (BigInt(commit) << 24n) | BigInt(order + 1);
      await this.writer.run(
        `INSERT INTO _rows.${ident(table.name)} VALUES (${change.values.join(', ')}, '${change.op}', ${position}, ${commit}, now()::TIMESTAMP)`,
      );
      if (change.op !== 'c')
        await this.writer.run(
          `INSERT INTO _gone.${ident(table.name)} VALUES (${change.values.slice(0, table.keys).join(', ')}, ${position}, ${commit})`,
        );
    }
    if (extra !== '') await this.writer.run(extra);
    await this.writeBronze(commit, changes, state?.[1] as string);
    return commit;
  }

  private async writeBronze(commit: number, changes: readonly TestChange[], chainBefore: string): Promise<void> {
    const messages = changes.map((change, order) => ({
      offset: this.offset + BigInt(order),
      key: Buffer.from(`k${order}`),
      value: Buffer.from(JSON.stringify(change)),
    }));
    const lanes = {
      topic: messages.map(() => 'bank_server.bank.t'),
      partition: messages.map(() => 0),
      offset: messages.map((m) => m.offset),
    };
    const chain = chainDigest(chainBefore, {
      count: messages.length,
      ...lanes,
      key: messages.map((m) => m.key),
      value: messages.map((m) => m.value),
    });
    const blob = (bytes: Buffer): string => `from_hex('${bytes.toString('hex')}')`;
    for (const [order, message] of messages.entries()) {
      await this.writer
        .run(`INSERT INTO _bronze.tail (commit_id, topic, partition, kafka_offset, kafka_ts, seq, ord, op, disposition, key, value)
        VALUES (${commit}, 'bank_server.bank.t', 0, ${message.offset}, now()::TIMESTAMP, ${commit}, ${order}, 'c', 'applied', ${blob(message.key)}, ${blob(message.value)})`);
    }
    this.offset += BigInt(messages.length);
    await this.writer
      .run(`UPDATE ops.state SET commit_id = ${commit}, seq = ${commit}, gtid = '${TEST_SERVER}:${commit}', committed_at = now(), chain = '${chain}';
      UPDATE ops.gold_state SET commit_id = ${commit}, gtid = '${TEST_SERVER}:${commit}'; UPDATE ops.offsets SET next_offset = ${this.offset};
      INSERT INTO ops.commits VALUES (${commit}, ${commit}, '${TEST_SERVER}:${commit}', now(), ${messages.length}, ${messages.length}, 0, 0, 0, 0, '${chain}')`);
  }

  /** Any statement on the writer between two commits: ALTER, gold refresh. */
  run(sql: string): Promise<void> {
    return this.withQuietPoint(async () => {
      await this.writer.run(sql);
    });
  }

  async reshape(table: TestTable, sql: string): Promise<void> {
    this.tables.set(table.name, table);
    await this.commit([], `${sql}; ${viewSql(table)}; ${await this.schemaSql(table)}`);
  }

  async drop(table: string): Promise<void> {
    const name = ident(table);
    this.tables.delete(table);
    await this.commit(
      [],
      `DROP VIEW silver.${name}; DROP TABLE _rows.${name}; DROP TABLE _gone.${name};
      INSERT INTO ops.table_schemas (table_name, version, seq, commit_id, ddl, schema_json) SELECT ${literal(table)}, 999, 0, commit_id + 1, NULL, 'null' FROM ops.state`,
    );
  }

  /** TRUNCATE: every version becomes history. */
  async clear(table: string, extra = ''): Promise<void> {
    const name = ident(table);
    await this.commit(
      [],
      `INSERT INTO _past.${name} SELECT *, (SELECT commit_id + 1 FROM ops.state) FROM _rows.${name}; DELETE FROM _rows.${name}; DELETE FROM _gone.${name}; ${extra}`,
    );
  }

  /** Moves superseded versions to history, like lake/store/tables.ts. */
  async fold(): Promise<void> {
    for (const table of this.tables.values()) {
      await this.run(foldSql(table));
    }
  }

  async rollTail(): Promise<void> {
    const found = await firstRow(this.roller, 'SELECT min(commit_id), max(commit_id), count(*) FROM _bronze.tail');
    if (found === undefined || found[0] === null) return;
    const [first, last] = [Number(found[0]), Number(found[1])];
    const name = `${String(first).padStart(12, '0')}-${String(last).padStart(12, '0')}.parquet`;
    const file = path.join(this.bronzeFolder, name);
    await this.roller.run(
      `COPY (FROM _bronze.tail WHERE commit_id <= ${last} ORDER BY commit_id, topic, partition, kafka_offset) TO ${literal(`${file}.tmp`)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    const handle = await open(`${file}.tmp`);
    await handle.sync();
    await handle.close();
    await rename(`${file}.tmp`, file);
    const { size } = await stat(file);
    await this.roller.run(
      `BEGIN; DELETE FROM _bronze.tail WHERE commit_id <= ${last}; INSERT INTO ops.segments VALUES ('${name}', ${first}, ${last}, ${Number(found[2])}, ${size}); COMMIT`,
    );
  }

  /** Rows of any query on the reader's connection, as text. */
  async read(sql: string): Promise<string[][]> {
    return (await rowsOf(this.reader, sql)).map((row) => row.map(String));
  }

  /** Rows that differ between two relations, with multiplicity; 0 means equal. */
  async differences(left: string, right: string): Promise<number> {
    return Number(
      (
        await firstRow(
          this.reader,
          `SELECT (SELECT count(*) FROM (FROM ${left} EXCEPT ALL FROM ${right})) + (SELECT count(*) FROM (FROM ${right} EXCEPT ALL FROM ${left}))`,
        )
      )?.[0],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lock;
    for (const connection of [this.writer, this.roller, this.reader]) connection.closeSync();
    this.instance.closeSync();
  }

  async destroy(): Promise<void> {
    await this[Symbol.asyncDispose]();
    await rm(this.home, { recursive: true, force: true });
  }
}
