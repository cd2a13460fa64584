// The operator's pages on a store with breaks, fraud alerts and incidents, worked on through the real control door and the real
// reconciliation API; the bank only notes what is posted to it. No MySQL and no Kafka: for tests of the pages in a browser.

import { fastify } from 'fastify';
import { pino } from 'pino';
import { startDashboards } from '../../dashboards/api/serve.ts';
import { startWire } from '../../dashboards/wire/server.ts';
import { newControlToken, writeControlFile, type ControlCommand } from '../../infra/runtime/control.ts';
import { startHttp } from '../../infra/runtime/http.ts';
import { createMetrics } from '../../infra/runtime/metrics.ts';
import { openIncidentSql } from '../../lake/quality/incidents.ts';
import { incidentCommands } from '../../stream/alerts/commands.ts';
import { Notifier } from '../../stream/alerts/notifier.ts';
import { caseCommands } from '../../stream/fraud/cases/commands.ts';
import { CaseDesk } from '../../stream/fraud/cases/desk.ts';
import { FRAUD_DDL } from '../../stream/fraud/tables.ts';
import { serveRecon } from '../../stream/recon/api/serve.ts';
import { BreakActions } from '../../stream/recon/breaks/actions.ts';
import { reconCommands } from '../../stream/recon/run/commands.ts';
import { ReconStand } from '../../stream/recon/run/testkit.ts';

const LOGIN = { user: 'ledgerflow', password: 'reader', database: 'ledgerflow' };
export const DAY = '2025-07-13';
const HEAD = 'txn_id,date,amount,currency,reference,description\n';
/** Two that agree, one whose amount is off, one of somebody unknown, and ours that nobody has seen. */
const STATEMENT = `${HEAD}1001,${DAY},500.00,USD,,Internal Float to Alice
1002,${DAY},-100.00,USD,,Alice to Bob
1003,${DAY},51.75,USD,,Refund from Bob to Alice
BK-9,2025-07-14,44.00,USD,,unheard of
BK-10,2025-07-14,120.00,EUR,INV-77,Invoice 77 Corner Shop
`;
const LEDGER = `INSERT INTO silver.transactions VALUES
  (1001, 1, NULL, 500.00, 'USD', 'posted', 'DEPOSIT', 'CREDIT', '2025-07-13 09:15:00', 'Internal Float to Alice'),
  (1002, 1, NULL, 100.00, 'USD', 'posted', 'WITHDRAWAL', 'DEBIT', '2025-07-13 10:00:00', 'Alice to Bob'),
  (1003, 1, NULL, 50.00, 'USD', 'posted', 'DEPOSIT', 'CREDIT', '2025-07-13 11:30:00', 'Refund from Bob to Alice'),
  (1004, 1, NULL, 118.00, 'EUR', 'posted', 'DEPOSIT', 'CREDIT', '2025-07-13 12:00:00', 'Corner Shop, invoice 77'),
  (1005, 1, NULL, 75.00, 'USD', 'posted', 'DEPOSIT', 'CREDIT', '2025-07-13 12:30:00', 'Standing order')`;
const ALERTS = `${FRAUD_DDL}
INSERT INTO gold.fraud_alerts BY NAME SELECT 'a' || n AS alert_id, CASE WHEN n <= 2 THEN 'velocity' ELSE 'structuring' END AS rule_id, 1 AS rule_version, 'active' AS mode,
  CASE WHEN n = 1 THEN 'high' ELSE 'medium' END AS severity, 40 + n AS score, 'review' AS decision, 'account' AS entity_type, '70' || n AS entity_id, '7' AS customer_id, '70' AS account_id,
  n::VARCHAR AS transaction_id, 10.25 * n AS amount, 'USD' AS currency, TIMESTAMP '2026-11-01' + to_hours(n) AS event_ts, TIMESTAMP '2026-11-01' + to_hours(n) AS detected_at, n AS commit_id,
  'u:' || n AS gtid, n || '0 purchases in 30 minutes' AS explanation, '{}' AS observed, true AS notified, n AS alert_seq FROM range(1, 5) t(n);`;
const POSITION = `DELETE FROM ops.gold_state; INSERT INTO ops.gold_state VALUES (1, 'server:1', now(), NULL, NULL);
INSERT INTO ops.commits VALUES (1, 1, 'server:1', now(), 0, 0, 0, 0, 0, 0, '');`;

export interface OperatorDesk extends AsyncDisposable {
  readonly url: string;
  readonly stand: ReconStand;
  /** Path and idempotency key of what was posted to the bank. */
  readonly posted: readonly (readonly [string, unknown])[];
}

/** @param pages folder of the built pages */
export async function operatorDesk(pages: string): Promise<OperatorDesk> {
  const opened: AsyncDisposable[] = [];
  const use = <T extends AsyncDisposable>(part: T): T => {
    opened.push(part);
    return part;
  };
  const stand = use(await ReconStand.open());
  await stand.store.run(`${LEDGER}; ${ALERTS} ${POSITION}`);
  await stand.run('bank_csv', DAY, stand.file('bank_dump.csv', STATEMENT));
  const log = pino({ level: 'silent' });
  const posted: [string, unknown][] = [];
  const bank = fastify();
  bank.post('/v1/*', (request) => {
    posted.push([request.url, request.headers['idempotency-key']]);
    return { transaction_id: '2001' };
  });
  const bankUrl = await bank.listen({ host: '127.0.0.1', port: 0 });
  use({ [Symbol.asyncDispose]: () => bank.close() });
  const now = (): Date => new Date();
  const desk = use(await CaseDesk.open({ connection: await stand.instance.connect(), epoch: 1, now }));
  const quiet = { sinks: [], policy: { renotifyMs: 3_600_000, from: 'page' as const }, problem: () => null, now, log };
  const notifier = use(await Notifier.open({ connection: await stand.instance.connect(), ...quiet }));
  await stand.store.run(openIncidentSql({ code: 'LF_CHECK_FAILED', severity: 'page', subject: 'double_entry', summary: 'two rows do not sum to zero', detail: 'expected: none', rows: [], dimension: 'validity', table: null })); // prettier-ignore
  const recon = { desk: stand.desk, actions: new BreakActions(stand.desk), bankUrl: () => bankUrl, auth: 'off' as const };
  const api = use(await serveRecon({ ...recon, host: '127.0.0.1', port: 0, version: 'test', log }));
  const commands = [...reconCommands(recon), ...caseCommands(desk), ...incidentCommands(notifier)];
  const metrics = use(await controlled(stand.folder, commands));
  const wire = use(
    await startWire({
      ...LOGIN,
      ...{ host: '127.0.0.1', port: 0, connect: () => stand.instance.connect(), log },
      ...{ statementTimeoutMs: 10_000, minGtidTimeoutMs: 1_000, rowsMax: 10_000, concurrencyMax: 4, connectionsMax: 20 },
    }),
  );
  const server = use(
    await startDashboards({
      ...{ host: '127.0.0.1', port: 0, home: stand.folder, auth: 'off', pages, version: 'test', log, bankUrl },
      wire: { ...LOGIN, host: '127.0.0.1', port: wire.port },
      endpoints: {
        connect: { url: 'http://127.0.0.1:9', connector: 'none' },
        kafka: { brokers: '127.0.0.1:9' },
        metrics: { url: metrics.url },
        recon: { url: api.url },
      },
    }),
  );
  const close = async (): Promise<void> => {
    for (const part of opened.reverse()) await part[Symbol.asyncDispose]();
  };
  return { url: server.url, stand, posted, [Symbol.asyncDispose]: close };
}

/** The control door with these commands, where clients of the home look for it. */
async function controlled(home: string, commands: readonly ControlCommand[]) {
  const token = newControlToken();
  const server = await startHttp({
    ...{ host: '127.0.0.1', port: 0, freshnessObjectiveMs: 1, registry: createMetrics().registry },
    status: () => Promise.reject(new Error('not asked')),
    control: { token, commands },
  });
  await writeControlFile(home, { url: server.url, token, pid: process.pid });
  return server;
}
