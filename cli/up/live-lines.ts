// The status of a running pipeline as a few lines for a terminal, and the ready-made commands to connect with. Pure.

import type { Status } from '../../infra/runtime/status.ts';
import { durationText, renderPairs } from '../support/table.ts';

/** Lines that change every second. */
export function liveLines(status: Status): string[] {
  const pairs: [string, string][] = [['state', stateText(status)]];
  if (status.snapshot !== null) pairs.push(['snapshot', snapshotText(status.snapshot)]);
  pairs.push([
    'events',
    `${number(status.eventsPerSecond)} /s, lag ${number(status.lagMessages)} messages, parked ${number(status.parked)}`,
  ]);
  pairs.push(['freshness', status.freshnessMs === null ? 'unknown' : `${Math.round(status.freshnessMs)} ms from MySQL commit to gold`]);
  const { gtid, committedAt } = status.cut;
  pairs.push(['last cut', committedAt === null ? 'none yet' : `${gtid ?? 'snapshot'} at ${committedAt}`]);
  return renderPairs(pairs).split('\n');
}

/** One line with the same facts, for a log. */
export function liveSummary(status: Status): string {
  const snapshot = status.snapshot === null ? '' : `, snapshot ${snapshotText(status.snapshot)}`;
  const freshness = status.freshnessMs === null ? 'unknown' : `${Math.round(status.freshnessMs)} ms`;
  return `${status.state}${snapshot}, ${number(status.eventsPerSecond)} events/s, lag ${number(status.lagMessages)}, freshness ${freshness}, cut ${status.cut.gtid ?? 'none yet'}`;
}

/** Where to connect, ready to paste. `mysqlClient`: the client that came with the server, used when none is on PATH. */
export function connectLines(status: Status, mysqlClient: string): string[] {
  const { mysql, wire } = status;
  if (mysql === null || wire === null) return [];
  const host = mysql.host === 'localhost' ? '127.0.0.1' : mysql.host;
  return [
    `${mysqlClient} -h ${host} -P ${mysql.port} -u ${mysql.user} --password=${mysql.password} ${mysql.database}`,
    `psql "postgresql://${wire.user}:${encodeURIComponent(wire.password)}@${wire.host}:${wire.port}/${wire.database}"`,
  ];
}

/** Only what is wrong needs a reason. */
function stateText({ state, reason }: Status): string {
  return reason === null || state !== 'degraded' ? state : `${state}: ${reason}`;
}

function snapshotText(snapshot: NonNullable<Status['snapshot']>): string {
  const total = snapshot.total === null ? '' : ` of ${snapshot.total}`;
  const eta = snapshot.etaSeconds === null ? '' : `, ${durationText(snapshot.etaSeconds)} left`;
  return `${snapshot.rows}${total} rows, ${Math.round(snapshot.rowsPerSecond)} rows/s${eta}`;
}

function number(value: number | null): string {
  return value === null ? 'unknown' : String(Math.round(value));
}
