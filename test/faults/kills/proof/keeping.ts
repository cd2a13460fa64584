// Backups, and their way back into a home.

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { drill } from '../../../../lake/backup/drill.ts';
import { readManifest } from '../../../../lake/backup/manifest.ts';
import { layOut, refuseUnfinishedRestore, restore } from '../../../../lake/backup/restore.ts';
import { dropBackupLinks, takeBackup } from '../../../../lake/backup/take.ts';
import type { Publisher } from '../../../../lake/publish/publisher.ts';
import { publisherOf } from '../../../../lake/publish/testkit-publisher.ts';
import { CREATE_ACCOUNTS, openTestStore, type KeyedChange, type TestStore } from '../../../../lake/store/testkit.ts';
import { storeViolations } from '../judge.ts';
import { rowsJson, whenAny, type Operation, type Outcome } from './operation.ts';

const LAST = 12;
const SAVED_AT = 6;

function changeAt(seq: number): KeyedChange {
  const image = { account_id: seq % 4, owner: `owner ${seq}`, balance: `${seq}.0000` };
  return { table: 'accounts', op: seq < 4 ? 'c' : 'u', seq, key: { account_id: seq % 4 }, before: seq < 4 ? null : image, after: image };
}

interface Kept extends AsyncDisposable {
  readonly kit: TestStore;
  readonly publisher: Publisher;
  /** Commits what is missing up to the transaction, and publishes. */
  reach(seq: number): Promise<void>;
}

async function openKept(home: string): Promise<Kept> {
  const kit = await openTestStore(home);
  if (!kit.committer.schemas.has('accounts')) await kit.commit([], [CREATE_ACCOUNTS]);
  const publisher = await publisherOf(kit, { goldModels: () => [] });
  let at = kit.store.state.seq;
  return {
    ...{ kit, publisher },
    reach: async (seq) => {
      while (at < seq) await kit.commit([changeAt((at += 1))]);
      await publisher.publishOnce();
    },
    async [Symbol.asyncDispose]() {
      await publisher[Symbol.asyncDispose]();
      await kit[Symbol.asyncDispose]();
    },
  };
}

async function keptOutcome({ kit }: Kept): Promise<Outcome> {
  const { folder } = kit.store;
  const differing = `(FROM silver.accounts EXCEPT ALL FROM lake.silver.accounts) UNION ALL (FROM lake.silver.accounts EXCEPT ALL FROM silver.accounts)`;
  return {
    violations: [...(await storeViolations(folder)), ...(await whenAny(folder, 'the lake differs', differing))],
    content: {
      silver: await rowsJson(folder, 'FROM silver.accounts ORDER BY ALL'),
      history: await rowsJson(folder, 'SELECT account_id, balance, _pos FROM silver.accounts_history ORDER BY ALL'),
      commits: await rowsJson(folder, 'SELECT commit_id, seq FROM ops.state'),
    },
  };
}

async function backUp({ kit, publisher }: Kept, folder: string): Promise<void> {
  await takeBackup(
    {
      ...{ store: kit.store, housekeeping: kit.housekeeping, codeVersion: 'test' },
      lakeStill: (work) => publisher.whileStill(work),
      atQuietPoint: (work) => work(),
    },
    folder,
  );
}

const BACKUP: Operation = {
  name: 'backup',
  prepare: async ({ home }) => {
    await using kept = await openKept(home);
    await kept.reach(SAVED_AT);
  },
  perform: async ({ home, extension }) => {
    const folder = path.join(home, 'the-backup');
    await dropBackupLinks(path.join(home, 'lake')); // as a processor does that starts
    await using kept = await openKept(home);
    const { kit } = kept;
    await kit.housekeeping.roll(kit.committer.commitId);
    if (!existsSync(folder)) await backUp(kept, folder); // what has its name is complete
    const manifest = await readManifest(folder);
    const copy = path.join(home, `tried-${process.pid}`);
    await layOut(folder, copy);
    const { tables, bronzeRows, publishedCommit } = await drill(copy, manifest, extension);
    await kept.reach(LAST);
    const { violations, content } = await keptOutcome(kept);
    const left = [`${folder}.partial`, path.join(home, 'lake', 'backup-links')].filter(existsSync);
    return {
      violations: [...violations, ...left.map((name) => `${path.relative(home, name)} was left`)],
      content: { content, saved: { tables, bronzeRows, publishedCommit, commitId: manifest.commitId, sums: manifest.content } },
    };
  },
};

/** @param over a store and a lake are there before */
function restoring(over: boolean): Operation {
  return {
    name: over ? 'restore' : 'restore-anew',
    prepare: async ({ home }) => {
      const live = path.join(home, 'live');
      {
        await using kept = await openKept(live);
        await kept.reach(SAVED_AT);
        await backUp(kept, path.join(home, 'the-backup'));
        await kept.reach(LAST);
      }
    },
    perform: async ({ home, mutant }) => {
      const target = path.join(home, over ? 'live' : 'other');
      const [begun, fresh] = [unfinished(target), !existsSync(path.join(target, 'store'))];
      const violations = begun && mutant !== 'opened-anyway' ? [] : await standsWhole(target, fresh);
      const { aside } = await restore(path.join(home, 'the-backup'), target);
      if (!over && (begun || fresh) && aside !== null)
        violations.push(`there was nothing before, and ${path.basename(aside)} is kept of it`);
      if (unfinished(target) || existsSync(path.join(target, 'restore.partial'))) violations.push('the restore left something');
      if (over) violations.push(...(await keptAside(target)));
      await using kept = await openKept(target);
      const standing = await rowsJson(kept.kit.store.folder, 'SELECT commit_id, seq FROM ops.state');
      await kept.reach(LAST + 3);
      const outcome = await keptOutcome(kept);
      return { violations: [...violations, ...outcome.violations], content: { standing, ...(outcome.content as object) } };
    },
  };
}

function unfinished(home: string): boolean {
  try {
    refuseUnfinishedRestore(home);
    return false;
  } catch {
    return true;
  }
}

/** Where no note says otherwise, store and lake are of one time. */
async function standsWhole(home: string, fresh: boolean): Promise<string[]> {
  if (fresh) return existsSync(path.join(home, 'lake')) ? ['a lake without its store'] : [];
  try {
    await using kept = await openKept(home);
    await kept.publisher.publishOnce();
    return (await keptOutcome(kept)).violations.map((text) => `before the restore: ${text}`);
  } catch (error) {
    return [`before the restore: ${String(error)}`];
  }
}

/** What was there before any restore is in one of the folders beside. */
async function keptAside(home: string): Promise<string[]> {
  const [first] = (await readdir(home)).filter((name) => name.startsWith('before-restore-')).sort();
  if (first === undefined) return ['what was there before is gone'];
  const parts = ['store/ledgerflow.duckdb', 'lake/ledgerflow.ducklake'].filter((name) => !existsSync(path.join(home, first, name)));
  return parts.map((name) => `${name} of before is gone`);
}

export const KEEPING: readonly Operation[] = [BACKUP, restoring(true), restoring(false)];
