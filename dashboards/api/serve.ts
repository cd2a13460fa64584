// The dashboards as a running server: pool, poller, pages, API; drains on the way out.

import type { FastifyInstance } from 'fastify';
import type { Login } from '../../infra/native/run-file.ts';
import { listen } from '../../infra/runtime/listen.ts';
import type { Log } from '../../infra/runtime/log.ts';
import { buildApp } from './app.ts';
import { BankClient } from './bank/client.ts';
import type { DashboardsApi } from './context.ts';
import { PositionFeed } from './live/feed.ts';
import { Streams } from './live/streams.ts';
import { OperatorTools } from './operator/tools.ts';
import { Refresher } from './session/refresher.ts';
import { Verifier } from './session/verifier.ts';
import { Store } from './store/store.ts';

export interface DashboardsOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly home: string;
  readonly auth: 'on' | 'off';
  readonly wire: Login;
  readonly bankUrl: string;
  readonly endpoints: DashboardsApi['endpoints'];
  /** Folder of the built pages. */
  readonly pages: string;
  readonly version: string;
  readonly log: Log;
  /** Milliseconds since 1970; the system's clock when not given. */
  readonly now?: () => number;
}

export interface DashboardsServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly app: FastifyInstance;
}

/** @throws LedgerflowError LF_PORT_TAKEN, LF_DASHBOARDS_START */
export async function startDashboards(options: DashboardsOptions): Promise<DashboardsServer> {
  const { auth, version, wire, endpoints, home, pages, log } = options;
  const store = new Store(wire, log);
  const bank = new BankClient(options.bankUrl);
  const feed = new PositionFeed({ ask: () => store.position(), log });
  const streams = new Streams(feed);
  const app = await buildApp({
    api: {
      ...{ auth, version, store, bank, feed, streams, endpoints },
      verifier: await Verifier.create(options.bankUrl, auth === 'off'),
      refresher: new Refresher((token) =>
        bank.call({ method: 'POST', path: '/auth/refresh', body: JSON.stringify({ refresh_token: token }) }),
      ),
      tools: new OperatorTools({ home, wire, endpoints }),
      now: options.now ?? Date.now,
    },
    ...{ pages, log },
  });
  app.addHook('preClose', (done) => {
    streams[Symbol.dispose]();
    done();
  });
  app.addHook('onClose', async () => {
    await feed[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });
  const { host, port } = options;
  const address = await listen(app, { host, port, what: 'the dashboards', failure: 'LF_DASHBOARDS_START' });
  return { ...address, app, [Symbol.asyncDispose]: () => app.close() };
}
