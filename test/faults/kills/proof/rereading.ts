// Backfills over a small store: an incremental one, of a table at work or a held one, the repair of single rows, and a bulk read. The
// history is recorded; what Debezium and the command would say is said again after a kill, as they would.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { bronzeViewSql, writeEmptySegment } from '../../../../lake/publish/bronze.ts';
import type { ControlAction } from '../../../../lake/store/batch.ts';
import { ACCOUNTS, CREATE_ACCOUNTS, openTestStore, type KeyedChange, type TestStore } from '../../../../lake/store/testkit.ts';
import { BulkLoads } from '../../../../stream/backfill/bulk-loads.ts';
import { historyOf, linesOf, randomOf, SHOWN, shown, type History, type Row } from '../../../../stream/backfill/testkit-history.ts';
import { Holds } from '../../../../stream/processor/holds.ts';
import type { Signal } from '../../../../stream/processor/reread-signals.ts';
import { Rereads } from '../../../../stream/processor/rereads.ts';
import { readFindings } from '../../../../stream/processor/store-findings.ts';
import { storeViolations } from '../judge.ts';
import { rowsJson, whenAny, type Operation, type Outcome, type Place } from './operation.ts';

type Kind = 'backfill' | 'backfill-held' | 'repair' | 'bulk' | 'bulk-held';

const LAST = 20;
/** No transaction of the recording, as the two that begin and end a reading are none of the table. */
const SIGNAL_AT = 5;
/** What was read is MySQL's state after this transaction. */
const READ_AT = 11;
/** Rows that were read reach Kafka some transactions later. */
const CAME_WITH = 13;
const SIGNAL = 'signal-1';
const SERVER = 'aea4420a-e577-11f1-8604-02fc00000001';
const LANE = 'bank_server.bank.accounts/0';
/** In MySQL, but in no change: somebody wrote it past the binlog. */
const SILENT: readonly Row[] = [{ account_id: 100, owner: null, balance: '7.0000' }];
/** In silver, but not in MySQL. */
const STALE: KeyedChange = {
  ...{ table: 'accounts', key: { account_id: 200 }, op: 'c', before: null, seq: 0, ord: 1 },
  after: { account_id: 200, owner: 'gone', balance: '1.0000' },
};
const BULK_PARTS = 3;

/** A change, and the transaction by whose commit it comes. */
interface Recorded {
  readonly change: KeyedChange;
  readonly with: number;
}

function recordingOf(history: History, kind: Kind): Recorded[] {
  const streamed = history.changes.map((change) => ({ change, with: change.seq ?? 0 }));
  if (isBulk(kind)) return streamed;
  const wanted = (row: Row): boolean => kind !== 'repair' || row.account_id >= 100;
  const read = [...history.at(READ_AT).values()].filter(wanted).map((row): Recorded => {
    const change = {
      table: 'accounts',
      key: { account_id: row.account_id },
      op: 'r',
      before: null,
      after: row,
      seq: READ_AT,
      ord: 0,
    } as const;
    return { change, with: CAME_WITH };
  });
  return [...streamed, ...read].sort((a, b) => a.with - b.with);
}

function isBulk(kind: Kind): boolean {
  return kind.startsWith('bulk');
}

function isHeld(kind: Kind): boolean {
  return kind.endsWith('-held');
}

class Reading {
  private readonly kind: Kind;
  private readonly kit: TestStore;
  private readonly holds: Holds;
  private readonly rereads: Rereads;
  private readonly bulk: BulkLoads;
  private readonly history: History;
  private readonly recording: readonly Recorded[];
  private readonly violations: string[] = [];
  /** Files that this process has loaded, as the command knows. */
  private readonly acknowledged = new Set<number>();
  private reach: number;

  private constructor(kind: Kind, kit: TestStore, holds: Holds, mutant: string | undefined) {
    this.kind = kind;
    this.kit = kit;
    this.holds = holds;
    this.rereads = new Rereads('bank', holds);
    this.history = historyOf(randomOf(52), LAST, SILENT);
    this.recording = recordingOf(this.history, kind);
    this.reach = kit.store.state.seq;
    const { committer, housekeeping, folder } = kit;
    const store = { connect: async () => planted(await kit.store.connect(), mutant) };
    this.bulk = new BulkLoads({ folder: path.join(folder, 'bulk'), store, committer, housekeeping, holds, serverUuid: () => SERVER });
  }

  static async open(kind: Kind, kit: TestStore, mutant: string | undefined): Promise<Reading> {
    const { holds } = await readFindings(kit.store, []);
    const known = mutant === 'forgotten-reading' ? new Holds(holds.list(), []) : holds;
    return new Reading(kind, kit, known, mutant);
  }

  async run(): Promise<Outcome> {
    const random = randomOf(this.reach + 2);
    while (this.reach < LAST) {
      await this.commit(Math.min(LAST, this.reach + 1 + random(3)));
      await this.check();
      if (random(3) === 0) await this.fold();
      if (isBulk(this.kind)) await this.asCommand();
    }
    await this.commit(LAST);
    await this.fold();
    await this.check();
    return { violations: this.violations, content: await this.content() };
  }

  private fold(): Promise<void> {
    return this.kit.housekeeping.fold(this.kit.committer.commitId, this.kit.committer.schemas);
  }

  private async commit(to: number): Promise<void> {
    const { holds, kit, rereads, reach } = this;
    const head = Number((await kit.rows('SELECT coalesce(max(next_offset), 0) FROM ops.offsets'))[0]?.[0]);
    if (!isBulk(this.kind) && reach >= CAME_WITH) this.tellScanned();
    const signals = reach < SIGNAL_AT && to >= SIGNAL_AT ? [this.signal()] : [];
    const ended = isBulk(this.kind) ? this.bulk.ended(reach) : rereads.ended(() => new Map([[LANE, head]]));
    const actions: ControlAction[] = [...rereads.begun(signals, kit.committer.schemas), ...ended];
    for (const action of actions) holds.apply(action);
    kit.table = holds.storedAs('accounts');
    const taken = this.recording.filter((each) => each.with > reach && each.with <= to).map(({ change }) => change);
    await kit.commit(
      taken.filter(({ seq = 0, op }) => op === 'r' || holds.route('accounts', seq) !== 'park'),
      actions,
      to,
    );
    this.reach = to;
  }

  private signal(): Signal {
    const keys = this.kind === 'repair' ? ['100', '200'] : null;
    return { kind: isBulk(this.kind) ? 'bulk' : 'read', id: SIGNAL, seq: SIGNAL_AT, tables: ['accounts'], keys };
  }

  /** Debezium's word, which the processor reads again at every start, and Connect's offsets. */
  private tellScanned(): void {
    const data = { scanned_collection: 'bank.accounts', status: 'SUCCEEDED' };
    this.rereads.note(Buffer.from(JSON.stringify({ type: 'TABLE_SCAN_COMPLETED', id: SIGNAL, additional_data: data })));
    this.rereads.proven(READ_AT, new Map([[LANE, 0]]));
  }

  /** The command sends what has not been acknowledged: after a kill of the processor, once more. */
  private async asCommand(): Promise<void> {
    if (!this.holds.isBulk('accounts')) return;
    const rows = this.history.at(READ_AT);
    mkdirSync(path.join(this.kit.folder, 'bulk', SIGNAL), { recursive: true });
    for (let part = 0; part < BULK_PARTS; part += 1) {
      if (this.acknowledged.has(part)) continue;
      const file = path.join(this.kit.folder, 'bulk', SIGNAL, `${part}.txt`);
      writeFileSync(
        file,
        linesOf(rows, (key) => key % BULK_PARTS === part),
      );
      await this.bulk.load({ signal: SIGNAL, part, file, columns: ACCOUNTS.columns.map(({ name }) => name), seq: READ_AT, takenMs: 1 });
      this.acknowledged.add(part);
    }
    await this.bulk.finish({ signal: SIGNAL, uuid: SERVER, seq: READ_AT, rows: rows.size });
  }

  private async check(): Promise<void> {
    const [reread] = await this.kit.rows(`SELECT status FROM ops.rereads WHERE signal_id = '${SIGNAL}'`);
    const done = reread?.[0] === 'done';
    if (!done && !isBulk(this.kind) && !isHeld(this.kind) && this.reach >= CAME_WITH) return; // some rows are mended, some are not yet
    const streamed = new Map([...this.history.at(this.reach)].filter(([key]) => key !== SILENT[0]?.account_id));
    const before = isHeld(this.kind) ? [] : shown(streamed);
    const expected = done ? shown(this.history.at(this.reach)) : [...before, ['200', 'gone', '1.0000']];
    const found = await this.kit.rows(SHOWN);
    if (JSON.stringify(found) !== JSON.stringify(expected))
      this.violations.push(`silver at transaction ${this.reach}: ${JSON.stringify(found)}, and not ${JSON.stringify(expected)}`);
  }

  private async content(): Promise<unknown> {
    const { folder, bronzeFolder } = this.kit.store;
    await writeEmptySegment(folder, bronzeFolder);
    await folder.run(bronzeViewSql({ bronzeFolder, lakeAttached: false, publishedCommit: 0 }));
    const doubled = 'SELECT account_id, _pos FROM silver.accounts_history GROUP BY ALL HAVING count(*) > 1';
    this.violations.push(...(await whenAny(folder, 'a version twice', doubled)), ...(await storeViolations(folder)));
    return {
      silver: await rowsJson(folder, SHOWN),
      readings: await rowsJson(folder, 'SELECT signal_id, table_name, status FROM ops.rereads ORDER BY ALL'),
      held: await rowsJson(folder, 'SELECT table_name FROM ops.held_tables WHERE released_commit IS NULL'),
      tables: await rowsJson(folder, `SELECT table_name FROM duckdb_tables() WHERE schema_name = '_rows' ORDER BY 1`),
    };
  }
}

/** A connection with a planted bug: rows and their note in two transactions, or no look at what was loaded before. */
function planted(connection: DuckDBConnection, mutant: string | undefined): DuckDBConnection {
  if (mutant === 'note-apart') {
    const run = connection.run.bind(connection);
    connection.run = (sql) => run(sql === 'BEGIN' ? 'SELECT 1' : sql.replace('; COMMIT', ''));
  }
  if (mutant === 'loaded-twice') {
    const read = connection.runAndReadAll.bind(connection);
    connection.runAndReadAll = (sql) => read(sql.startsWith('SELECT rows FROM ops.bulk_parts') ? `${sql} AND false` : sql);
  }
  return connection;
}

function rereadingOf(kind: Kind): Operation {
  return {
    name: kind,
    prepare: async ({ home }) => {
      await using kit = await openTestStore(home);
      await kit.commit([STALE], [CREATE_ACCOUNTS], 0);
      const hold = { kind: 'hold', table: 'accounts', seq: 1, ddl: '', code: 'LF_TABLE_HELD', reason: 'x', schema: ACCOUNTS } as const;
      if (isHeld(kind)) await kit.commit([], [hold], 0);
    },
    perform: async ({ home, mutant }: Place) => {
      await using kit = await openTestStore(home);
      const reading = await Reading.open(kind, kit, mutant);
      return await reading.run();
    },
  };
}

export const REREADINGS: readonly Operation[] = (['backfill', 'backfill-held', 'repair', 'bulk', 'bulk-held'] as const).map(rereadingOf);
