// The hand-over of a bulk read to the stream, over random histories, cuts, loads and folds: from the hand-over on silver is what MySQL is at
// the commit's transaction, and before it, what it would be without the bulk read.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ACCOUNTS, CREATE_ACCOUNTS, openTestStore, type KeyedChange, type TestStore } from '../../lake/store/testkit.ts';
import type { ControlAction } from '../../lake/store/batch.ts';
import { Holds } from '../processor/holds.ts';
import { Rereads } from '../processor/rereads.ts';
import { BulkLoads } from './bulk-loads.ts';
import { historyOf, linesOf, randomOf, SHOWN, shown, type History, type Row } from './testkit-history.ts';

const SIGNAL = 'backfill-bulk-1-accounts';
const LAST = 24;
const UUID = 'aea4420a-e577-11f1-8604-02fc00000001';
/** In MySQL, but in no change: somebody wrote it past the binlog. */
const SILENT: readonly Row[] = [{ account_id: 100, owner: null, balance: '7.0000' }];
/** In silver, but not in MySQL. */
const STALE: KeyedChange = {
  ...{ table: 'accounts', key: { account_id: 200 }, op: 'c', before: null, seq: 0, ord: 1 },
  after: { account_id: 200, owner: 'gone', balance: '1.0000' },
};

class Run {
  readonly holds = new Holds([], []);
  readonly random: (below: number) => number;
  readonly kit: TestStore;
  readonly history: History;
  readonly bulk: BulkLoads;
  readonly rereads = new Rereads('bank', this.holds);
  readonly signalAt: number;
  readonly snapshotAt: number;
  private readonly held: boolean;
  private parts = [0, 1, 2];
  private finished = false;
  private handedOver = false;

  constructor(kit: TestStore, seed: number, held: boolean) {
    this.kit = kit;
    this.random = randomOf(seed);
    this.held = held;
    this.history = historyOf(this.random, LAST, SILENT);
    this.signalAt = 4 + this.random(8);
    this.snapshotAt = this.signalAt + this.random(10);
    const { store, committer, housekeeping, folder } = kit;
    this.bulk = new BulkLoads({ folder, store, committer, housekeeping, holds: this.holds, serverUuid: () => UUID });
    mkdirSync(path.join(folder, SIGNAL));
  }

  async go(): Promise<void> {
    const { kit } = this;
    await kit.commit([STALE], [CREATE_ACCOUNTS]);
    if (this.held)
      await this.commit(0, 0, [{ kind: 'hold', table: 'accounts', seq: 1, ddl: '', code: 'LF_TABLE_HELD', reason: 'x', schema: ACCOUNTS }]);
    for (let at = 0; at < LAST;) {
      const cut = Math.min(LAST, at + 1 + this.random(4));
      await this.commit(at, cut, []);
      await this.check(cut);
      at = cut;
      if (cut >= this.signalAt) await this.meanwhile(at === LAST);
    }
    await this.commit(LAST, LAST, []);
    expect(this.handedOver).toBe(true);
    await kit.housekeeping.fold(kit.committer.commitId, kit.committer.schemas);
    await this.check(LAST);
    expect(await kit.rows('SELECT account_id, _pos FROM silver.accounts_history GROUP BY ALL HAVING count(*) > 1')).toEqual([]);
  }

  /** Transactions behind `from`, up to `to`, as the pipeline would commit them. */
  private async commit(from: number, to: number, first: readonly ControlAction[]): Promise<void> {
    const { holds, kit } = this;
    const begins = from < this.signalAt && to >= this.signalAt;
    const signals = begins ? [{ kind: 'bulk' as const, id: SIGNAL, seq: this.signalAt, tables: ['accounts'], keys: null }] : [];
    const actions = [...first, ...this.rereads.begun(signals, kit.committer.schemas), ...this.bulk.ended(from)];
    for (const action of actions) {
      holds.apply(action);
      if (action.kind === 'reread-ended') this.handedOver = true;
    }
    kit.table = holds.storedAs('accounts');
    const own = this.history.changes.filter(({ seq = 0 }) => seq > from && seq <= to);
    await kit.commit(
      own.filter(({ seq = 0 }) => holds.route('accounts', seq) !== 'park'),
      actions,
    );
  }

  /** What goes on between commits: parts are loaded, some twice, in any order; marks are folded; at the end all is there. */
  private async meanwhile(all: boolean): Promise<void> {
    const { kit } = this;
    if (this.random(2) === 0) await kit.housekeeping.fold(kit.committer.commitId, kit.committer.schemas);
    while (this.parts.length > 0 && (all || this.random(3) === 0)) {
      const [part = 0] = this.parts.splice(this.random(this.parts.length), 1);
      await this.load(part);
      if (this.random(3) === 0) await this.load(part);
    }
    if (this.parts.length > 0 || this.finished) return;
    await this.bulk.finish({ signal: SIGNAL, uuid: UUID, seq: this.snapshotAt, rows: this.history.at(this.snapshotAt).size });
    this.finished = true;
  }

  private async load(part: number): Promise<void> {
    const file = path.join(this.kit.folder, SIGNAL, `${part}.txt`);
    writeFileSync(
      file,
      linesOf(this.history.at(this.snapshotAt), (key) => key % 3 === part),
    );
    await this.bulk.load({ signal: SIGNAL, part, file, columns: ['account_id', 'owner', 'balance'], seq: this.snapshotAt, takenMs: 1 });
  }

  private async check(cut: number): Promise<void> {
    const found = await this.kit.rows(SHOWN);
    if (this.handedOver) expect(found, `after the hand-over, at ${cut}`).toEqual(shown(this.history.at(cut)));
    else if (this.held) expect(found).toEqual([['200', 'gone', '1.0000']]);
    else {
      const streamed = new Map([...this.history.at(cut)].filter(([key]) => key !== 100));
      expect(found, `before the hand-over, at ${cut}`).toEqual([...shown(streamed), ['200', 'gone', '1.0000']]);
    }
  }
}

describe('a bulk read', { timeout: 120_000 }, () => {
  it.each([1, 2, 5, 13])('takes over from a table that went on, seed %i', async (seed) => {
    await using kit = await openTestStore();
    await new Run(kit, seed, false).go();
  });

  it.each([11, 12, 51])('ends the hold of a table, seed %i', async (seed) => {
    await using kit = await openTestStore();
    await new Run(kit, seed, true).go();
  });

  it("hands nothing over while a row is missing, or when the snapshot is another server's", async () => {
    await using kit = await openTestStore();
    await kit.commit([STALE], [CREATE_ACCOUNTS]);
    const holds = new Holds([], []);
    const bulk = new BulkLoads({
      ...{ folder: kit.folder, store: kit.store, committer: kit.committer, housekeeping: kit.housekeeping },
      holds,
      serverUuid: () => UUID,
    });
    await expect(bulk.finish({ signal: SIGNAL, uuid: UUID, seq: 5, rows: 0 })).rejects.toThrow(/does not go on/);
    const begun = new Rereads('bank', holds).begun(
      [{ kind: 'bulk', id: SIGNAL, seq: 4, tables: ['accounts'], keys: null }],
      kit.committer.schemas,
    );
    for (const action of begun) holds.apply(action);
    await kit.commit([], begun);
    await expect(bulk.finish({ signal: SIGNAL, uuid: UUID, seq: 5, rows: 3 })).rejects.toThrow(/0 rows were loaded, MySQL has 3/);
    await expect(bulk.finish({ signal: SIGNAL, uuid: 'b', seq: 5, rows: 0 })).rejects.toThrow(/of server b/);
    const elsewhere = { signal: SIGNAL, part: 0, file: '/etc/passwd', columns: ['account_id', 'owner', 'balance'], seq: 5, takenMs: 1 };
    await expect(bulk.load(elsewhere)).rejects.toThrow(/own folder/);
    expect(bulk.ended(99)).toEqual([]);
  });
});
