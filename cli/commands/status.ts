// `ledgerflow status`: what runs, how far it is, how fresh gold is, and where to connect.

import type { Command } from 'commander';
import { loadConfig } from '../../infra/runtime/config.ts';
import type { Status } from '../../infra/runtime/status.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLine } from '../support/output.ts';
import { readStatus } from '../support/status.ts';
import { durationText, renderPairs } from '../support/table.ts';

const HELP = `
Exit code: 0 when it runs and is not degraded, ${EXIT.DEGRADED} when degraded, ${EXIT.NOT_RUNNING} when stopped.

Examples:
  $ ledgerflow status
  $ ledgerflow status --json | jq -r .state`;

export function register(program: Command): void {
  program
    .command('status')
    .description('Show what runs, how far it is, how fresh gold is, and where to connect.')
    .option('--json', 'print one JSON object (it holds passwords)')
    .addHelpText('after', HELP)
    .action(async (options: { json?: boolean }) => {
      const status = await readStatus(loadConfig());
      if (options.json === true) printJson(status);
      else printLine(renderStatus(status));
      process.exitCode = exitCodeOf(status);
    });
}

function exitCodeOf(status: Status): number {
  if (status.state === 'stopped') return EXIT.NOT_RUNNING;
  return status.state === 'degraded' ? EXIT.DEGRADED : EXIT.OK;
}

/** The status for people. */
export function renderStatus(status: Status): string {
  const pairs: [string, string][] = [['state', status.reason === null ? status.state : `${status.state}: ${status.reason}`]];
  if (status.state !== 'stopped') pairs.push(...progressOf(status), ...endpointsOf(status));
  pairs.push(['home', status.home]);
  return renderPairs(pairs);
}

function progressOf(status: Status): [string, string][] {
  const { snapshot, gold, publication, cut, verified } = status;
  const pairs: [string, string][] = [];
  if (snapshot !== null) {
    const total = snapshot.total === null ? '' : ` of ${snapshot.total}`;
    const eta = snapshot.etaSeconds === null ? '' : `, ${durationText(snapshot.etaSeconds)} left`;
    pairs.push(['snapshot', `${snapshot.rows}${total} rows, ${Math.round(snapshot.rowsPerSecond)} rows/s${eta}`]);
  }
  if (cut.committedAt !== null)
    pairs.push(['last cut', `${cut.gtid ?? 'snapshot'} at ${cut.committedAt} (commit ${status.commitId ?? '?'})`]);
  pairs.push(['freshness', status.freshnessMs === null ? 'unknown' : `${Math.round(status.freshnessMs)} ms`]);
  if (status.eventsPerSecond !== null)
    pairs.push(['events', `${Math.round(status.eventsPerSecond)} /s, lag ${status.lagMessages ?? 'unknown'} messages`]);
  if (status.parked !== null) pairs.push(['parked', String(status.parked)]);
  for (const { table, reason, remedy, records, rereading } of status.heldTables)
    pairs.push(['table held', `${table}: ${reason}; ${records} records parked. ${rereading ? 'A re-snapshot is under way.' : remedy}`]);
  if (gold !== null)
    pairs.push([
      'gold',
      gold.heldReason === null ? `commit ${gold.commitId ?? 'none yet'}` : `held at ${gold.commitId ?? '?'}: ${gold.heldReason}`,
    ]);
  if (publication !== null)
    pairs.push(['lake', `publication ${publication.id} of commit ${publication.commitId} at ${publication.publishedAt}`]);
  if (verified !== null) pairs.push(['verified', verifiedText(verified)]);
  return pairs;
}

function verifiedText({ at, through, tables, different }: NonNullable<Status['verified']>): string {
  if (at === null) return 'never (`ledgerflow verify`)';
  if (different.length > 0) return `DIFFERENT in ${different.join(', ')} at ${at}`;
  return `${tables} tables through ${through ?? 'no transaction yet'} at ${at}`;
}

function endpointsOf(status: Status): [string, string][] {
  const { mysql, kafka, connect, wire, metrics, bank, dashboards, recon, lake } = status;
  const pairs: [string, string][] = [];
  if (mysql !== null) {
    pairs.push(['MySQL', `MYSQL_PWD=${mysql.password} mysql -h ${mysql.host} -P ${mysql.port} -u ${mysql.user} ${mysql.database}`]);
  }
  if (wire !== null)
    pairs.push(['SQL on gold', `PGPASSWORD=${wire.password} psql -h ${wire.host} -p ${wire.port} -U ${wire.user} ${wire.database}`]);
  if (dashboards !== null) pairs.push(['dashboards', dashboards.url]);
  if (recon !== null) pairs.push(['reconciliation API', `${recon.url}/docs`]);
  if (bank !== null) pairs.push(['bank API', `${bank.url}/docs`]);
  if (kafka !== null) pairs.push(['Kafka', kafka.brokers]);
  if (connect !== null) pairs.push(['Connect', `${connect.url} (${connect.connector})`]);
  if (metrics !== null) pairs.push(['metrics', metrics.url]);
  if (lake !== null) pairs.push(['lake files', lake.catalog]);
  return pairs;
}
