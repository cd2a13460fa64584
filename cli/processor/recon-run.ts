// Reconciliation joined to the processor: its sources, its desk and its job.

import path from 'node:path';
import { readIfExists } from '../../infra/native/files.ts';
import { readRunFile } from '../../infra/native/run-file.ts';
import type { Task } from '../../infra/runtime/lifecycle.ts';
import type { Log } from '../../infra/runtime/log.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import type { Job } from '../../stream/jobs/job.ts';
import { lakeQuery } from '../../stream/recon/adapters/query/lake.ts';
import { serveRecon, type ReconServer } from '../../stream/recon/api/serve.ts';
import { BreakActions } from '../../stream/recon/breaks/actions.ts';
import { ReconDesk } from '../../stream/recon/run/desk.ts';
import { statementReader } from '../../stream/recon/run/read-statement.ts';
import { reconJob } from '../../stream/recon/run/recon-job.ts';
import { Sources } from '../../stream/recon/run/source.ts';
import { Windows } from '../../stream/recon/run/windows.ts';
import { bankUrlOf } from '../bank/bank-url.ts';
import { productVersion } from '../support/version.ts';
import { openSelfRecon, type SelfRecon } from './self-recon.ts';

/** The HTTP API over the desk. */
export async function openReconApi({ config, log }: { readonly config: Config; readonly log: Log }, recon: Recon): Promise<ReconServer> {
  const { desk, actions, bankUrl, auth } = recon;
  const { reconHost: host, reconPort: port } = config;
  return await serveRecon({ desk, actions, bankUrl, auth, host, port, log, version: productVersion() });
}

interface ReconContext {
  readonly config: Config;
  readonly store: StoreHandle;
  readonly log: Log;
}

export interface Recon {
  readonly desk: ReconDesk;
  readonly actions: BreakActions;
  /** Where the bank's API is now. */
  readonly bankUrl: () => string;
  readonly auth: 'on' | 'off';
  readonly job: Job;
  /** Reads the sources that are read continuously. */
  readonly windows: Task;
  /** The pipeline against itself. */
  readonly self: SelfRecon;
}

export async function openRecon({ config, store, log }: ReconContext): Promise<Recon> {
  const home = path.resolve(config.home);
  const sources = new Sources(home);
  const desk = await ReconDesk.open({
    connection: await store.connect(),
    ...{ sources, files: path.join(home, 'recon', 'files'), now: () => new Date() },
  });
  const doors = {
    folder: home,
    secret: (name: string) => readIfExists(path.join(home, 'recon.secrets', name)),
    mysqlUrl: () => bankMysqlUrl(config),
    lake: lakeQuery(() => store.connect()),
  };
  const job = reconJob({ sources, read: statementReader(doors), onStage: desk.onStage });
  const bankUrl = (): string => bankUrlOf(readRunFile(config.home), config);
  const windows = new Windows({ desk, log });
  const task = { name: 'recon windows', run: (stop: AbortSignal) => windows.run(stop) };
  return {
    desk,
    job,
    windows: task,
    self: openSelfRecon({ config, store }),
    actions: new BreakActions(desk),
    bankUrl,
    auth: config.bankAuth,
  };
}

/** The MySQL that runs for this home, for sources that name no other. */
function bankMysqlUrl({ home, mysqlUrl }: Config): string | undefined {
  if (mysqlUrl !== undefined) return mysqlUrl;
  const mysql = readRunFile(home)?.endpoints.mysql;
  if (mysql === undefined) return undefined;
  return `mysql://${encodeURIComponent(mysql.user)}:${encodeURIComponent(mysql.password)}@${mysql.host}:${mysql.port}/${mysql.database}`;
}
