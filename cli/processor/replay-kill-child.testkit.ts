// Tests only: a process that takes a replay from its plan to its promotion by the command's own code, or rolls one back, and is killed.

import { rmSync } from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { pino } from 'pino';
import { attachPublished } from '../lake/published-lake.ts';
import { planReplay, type ReplayPlan } from '../lake/replay-plan.ts';
import { replayFiles } from './replay-files.ts';
import { runReplay } from './replay-run.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { GoldRefresher } from '../../lake/gold/refresh.ts';
import { publisherOf } from '../../lake/publish/testkit-publisher.ts';
import { STORE_CHAIN, verifyChain } from '../../lake/publish/verify-chain.ts';
import { readReplay } from '../../lake/replay/book.ts';
import { openStore } from '../../lake/store/open.ts';
import { openTestStore, type TestStore } from '../../lake/store/testkit.ts';
import { replayCommands } from '../../stream/replay/commands.ts';
import { Promotions } from '../../stream/replay/promotions.ts';
import { replayInStore, writeTestBronze } from '../../stream/replay/testkit-bronze.ts';
import { storeViolations } from '../../test/faults/kills/judge.ts';
import { attempt, rowsJson, whenAny, type Operation, type Outcome, type Place } from '../../test/faults/kills/proof/operation.ts';

const LOG = pino({ level: 'silent' });
const BY = 'test';

/** The live store with its lake, as the processor has them. */
interface Live extends AsyncDisposable {
  readonly kit: TestStore;
  readonly promotions: Promotions;
  publish(): Promise<void>;
}

async function openLive({ home, mutant }: Place): Promise<Live> {
  const kit = await openTestStore(home);
  const refresher = await GoldRefresher.open({ gold: await kit.store.connect() }, LOG);
  const publisher = await publisherOf(kit, { goldModels: () => refresher.models });
  const promotions = await Promotions.open({
    connection: await kit.store.connect(),
    refresher: mutant === 'gold-apart' ? goldApart(refresher, await kit.store.connect()) : refresher,
    fileOf: (id) => replayFiles(home, id).store,
    processor: {
      ...{ committer: kit.committer, housekeeping: kit.housekeeping },
      commitBetween: async (work) => (await work()).result,
    },
  });
  const { commitId, gtid } = kit.store.state;
  if ((await kit.rows('SELECT 1 FROM ops.gold_state')).length === 0) await refresher.refresh({ commitId, gtid, phase: 'streaming' });
  return {
    ...{ kit, promotions },
    publish: async () => {
      await publisher.publishOnce();
    },
    async [Symbol.asyncDispose]() {
      for (const part of [promotions, publisher, refresher, kit]) await part[Symbol.asyncDispose]();
    },
  };
}

/** A planted bug: silver in one transaction, gold in the next. */
function goldApart(refresher: GoldRefresher, connection: DuckDBConnection): Pick<GoldRefresher, 'rebuildWith'> {
  return {
    rebuildWith: async (first, commitId) => {
      await connection.run(`BEGIN; ${first.join('; ')}; COMMIT`);
      return await refresher.rebuildWith([], commitId);
    },
  };
}

/** A store with bronze, in whose silver one row is wrong, one is missing and one is too many; published so. */
async function prepareLive(place: Place): Promise<void> {
  const { home } = place;
  const bronze = await writeTestBronze(home);
  const paths = { storeFolder: path.join(home, 'store'), lakeDataFolder: path.join(home, 'lake', 'data') };
  {
    await using store = await openStore({ ...paths, memoryMb: 256, threads: 1 });
    await replayInStore(store, bronze);
    await store.writer.run(`UPDATE _rows.accounts SET balance = 1 WHERE account_id = 4;
      DELETE FROM _rows.accounts WHERE account_id = 7;
      INSERT INTO _rows.accounts SELECT * REPLACE (99 AS account_id) FROM _rows.accounts WHERE account_id = 5 QUALIFY row_number() OVER (ORDER BY _pos DESC) = 1`);
  }
  await using live = await openLive(place);
  await live.publish();
}

function configOf({ home, extension }: Place): Config {
  return loadConfig({ LEDGERFLOW_HOME: home, DUCKLAKE_EXTENSION_PATH: extension, LEDGERFLOW_STORE_MEMORY_MB: '256' }, home);
}

/** The replay of what was published first. */
async function planOf(config: Config): Promise<ReplayPlan> {
  await using lake = await attachPublished(config, path.join(config.home, 'lake', 'ledgerflow.ducklake'));
  if (lake === null) throw new Error('nothing is published');
  return await planReplay(lake, { from: 'beginning', to: '1', tables: null, models: null }, 'test');
}

/** Compares, records and promotes, as the two commands do. @returns the replay's number */
async function promote(place: Place, live: Live): Promise<string> {
  const config = configOf(place);
  const plan = await planOf(config);
  const { id, fromCommit, toCommit, gtid, messages, versions } = plan;
  const state = await runReplay({ config, plan, rereads: [], signal: new AbortController().signal, onProgress: () => undefined });
  const [record, take] = replayCommands(live.promotions);
  await record?.handle({ id, fromCommit, toCommit, gtid, messages, versions, deltas: state.deltas, requestedBy: BY, reason: '' });
  await take?.handle({ id, by: BY });
  return id;
}

async function outcomeOf(live: Live, id: string): Promise<Outcome> {
  await live.publish();
  const { folder } = live.kit.store;
  const differing = `(FROM silver.accounts EXCEPT ALL FROM lake.silver.accounts) UNION ALL (FROM lake.silver.accounts EXCEPT ALL FROM silver.accounts)`;
  const chain = await verifyChain(folder, STORE_CHAIN);
  const violations = [
    ...(await storeViolations(folder)),
    ...(await whenAny(folder, 'a version twice', 'SELECT account_id, _pos FROM silver.accounts_history GROUP BY ALL HAVING count(*) > 1')),
    ...(await whenAny(
      folder,
      'gold stands elsewhere',
      'SELECT g.commit_id, s.commit_id FROM ops.gold_state g, ops.state s WHERE g.commit_id <> s.commit_id',
    )),
    ...(await whenAny(folder, 'the lake differs', differing)),
    ...(chain.ok ? [] : [`the chain breaks: ${JSON.stringify(chain.brokenAt)}`]),
  ];
  const silver = await rowsJson(folder, 'SELECT account_id, balance FROM silver.accounts ORDER BY 1');
  const record = `SELECT replay_id, state, differences, deltas, promoted, promoted_commit, rolled_back_commit, promoted_by, rolled_back_by FROM ops.replays`;
  const standing = await readReplay(folder, id);
  const kept = standing?.state === 'promoted' ? await rowsJson(folder, `SELECT count(*) FROM _replaced."${id}:accounts"`) : null;
  const commits = await rowsJson(folder, 'SELECT commit_id FROM ops.state');
  return { violations, content: { silver, record: await rowsJson(folder, record), kept, commits } };
}

const PROMOTION: Operation = {
  name: 'promotion',
  prepare: prepareLive,
  perform: async (place) => {
    await using live = await openLive(place);
    return await outcomeOf(live, await promote(place, live));
  },
};

const ROLLBACK: Operation = {
  name: 'rollback',
  prepare: async (place) => {
    await prepareLive(place);
    await using live = await openLive(place);
    rmSync(replayFiles(place.home, await promote(place, live)).folder, { recursive: true }); // what comes back is in the live store
    await live.publish();
  },
  perform: async (place) => {
    await using live = await openLive(place);
    const { id } = await planOf(configOf(place));
    const [, , rollback] = replayCommands(live.promotions);
    if ((await readReplay(live.kit.store.folder, id))?.state === 'promoted') await rollback?.handle({ id, by: BY });
    return await outcomeOf(live, id);
  },
};

await attempt((wanted) => Promise.resolve([PROMOTION, ROLLBACK].find(({ name }) => name === wanted)));
