// The doctor's look at what is kept while something stands: binlogs for the connector, topics for the processor, both against the longest
// outage that is to be survived without a new history (LEDGERFLOW_OUTAGE_HOURS_MAX).

import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { Config } from '../../infra/runtime/settings.ts';
import { fine, wrong, type Check } from './doctor-check.ts';

const HOUR_S = 3_600;
const HOUR_MS = HOUR_S * 1_000;

/** Pure: binlogs against the longest stop of the connector. @param variables of the server, by name */
export function judgeBinlogs(variables: ReadonlyMap<string, string>, outageHours: number): Check {
  const seconds = Number(variables.get('binlog_expire_logs_seconds') ?? '0');
  if (seconds === 0 || variables.get('binlog_expire_logs_auto_purge')?.toUpperCase() === 'OFF')
    return fine('binlog retention', 'nothing is purged by itself');
  const found = `${hours(seconds)} are kept, the longest outage is ${outageHours} h`;
  if (seconds >= outageHours * HOUR_S) return fine('binlog retention', found);
  const change = `SET PERSIST binlog_expire_logs_seconds = ${outageHours * HOUR_S}; a connector that stands longer than that needs a new history.`;
  return wrong('binlog retention', found, change);
}

/** What a topic keeps, as the broker says it: -1 for everything. */
export interface TopicRetention {
  readonly topic: string;
  readonly ms: string;
  readonly bytes: string;
  readonly cleanup: string;
}

/**
 * Pure: topics against the longest stop of the processor, which is worst, and against replay, which needs everything.
 * Retention by size promises no time.
 */
export function judgeTopics(topics: readonly TopicRetention[], outageHours: number): Check[] {
  const forgetful = topics.filter(({ ms, bytes, cleanup }) => ms !== '-1' || bytes !== '-1' || cleanup !== 'delete');
  if (forgetful.length === 0) return [fine('topic retention', `${topics.length} topics keep everything`)];
  const short = forgetful.filter(({ ms, bytes, cleanup }) => bytes !== '-1' || cleanup !== 'delete' || tooShort(ms, outageHours));
  const change = 'Set retention.ms=-1, retention.bytes=-1 and cleanup.policy=delete on them.';
  const names = forgetful.map(({ topic }) => topic).join(', ');
  const checks = [wrong('topic retention', `${names} forget(s)`, change)];
  if (short.length === 0) return checks;
  const lost = `${short.map(({ topic }) => topic).join(', ')} may forget within an outage of ${outageHours} h, before the processor has read it`;
  return [...checks, wrong('outage', lost, `${change} Until then a long stop ends with LF_TOPIC_TRUNCATED and a new history.`)];
}

function tooShort(ms: string, outageHours: number): boolean {
  return ms !== '-1' && Number(ms) < outageHours * HOUR_MS;
}

function hours(seconds: number): string {
  return `${(seconds / HOUR_S).toFixed(1).replace(/\.0$/, '')} h`;
}

export async function binlogChecks(connection: Connection, config: Config): Promise<Check[]> {
  const names = ['binlog_expire_logs_seconds', 'binlog_expire_logs_auto_purge'];
  const [rows] = await connection.query<RowDataPacket[]>('SHOW GLOBAL VARIABLES WHERE Variable_name IN (?)', [names]);
  const variables = new Map(rows.map((row) => [String(row['Variable_name']), String(row['Value'])]));
  return [judgeBinlogs(variables, config.outageHoursMax)];
}
