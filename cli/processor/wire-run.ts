// The PostgreSQL endpoint of the processor, as the settings ask for it.

import { startWire, type WireServer } from '../../dashboards/wire/server.ts';
import { openTls, selfSignedFiles, type WireTls } from '../../dashboards/wire/tls.ts';
import type { Log } from '../../infra/runtime/log.ts';
import type { Metrics } from '../../infra/runtime/metrics.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import type { StoreHandle } from '../../lake/store/open.ts';

interface WireContext {
  readonly config: Config;
  readonly store: StoreHandle;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** @throws LedgerflowError LF_WIRE_PORT_TAKEN, LF_WIRE_TLS */
export async function openWire({ config, store, log, metrics }: WireContext): Promise<WireServer> {
  return startWire({
    tls: await wireTls(config),
    users: config.wireUsers,
    host: config.wireHost,
    port: config.wirePort,
    user: config.wireUser,
    password: config.wirePassword ?? '',
    database: 'ledgerflow',
    connect: () => store.connect(),
    statementTimeoutMs: config.wireStatementTimeoutMs,
    minGtidTimeoutMs: config.wireMinGtidTimeoutMs,
    rowsMax: config.wireRowsMax,
    concurrencyMax: config.wireConcurrencyMax,
    connectionsMax: config.wireConnectionsMax,
    onQuery: (observation) => {
      metrics.wireQueries.inc();
      metrics.wireQuerySeconds.observe(observation.durationMs / 1_000);
      if (observation.sqlstate !== undefined) metrics.wireErrors.inc({ sqlstate: observation.sqlstate });
    },
    log,
  });
}

async function wireTls({ wireTls: mode, wireTlsCert: cert, wireTlsKey: key, home }: Config): Promise<WireTls | undefined> {
  if (mode === 'off') return undefined;
  const files = cert === undefined || key === undefined ? await selfSignedFiles(home) : { cert, key };
  return openTls(files, mode === 'required');
}
