// Writing down a run that is to take place: the next attempt of its source and day, with the source's definition as it is now.

import { literal, nullable } from '../../../infra/runtime/sql-text.ts';
import type { Source } from './source.ts';
import type { RunTrigger } from './tables.ts';

export interface RunRequest {
  readonly source: Source;
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly requestedBy: string;
  readonly trigger: RunTrigger;
  readonly filePath: string | null;
  readonly fileName: string | null;
  readonly internalPath: string | null;
}

/** One INSERT that answers run_id and attempt. */
export function queueRunSql({ source, date, requestedBy, trigger, filePath, fileName, internalPath }: RunRequest, now: Date): string {
  const name = literal(source.name);
  const texts = [trigger, requestedBy].map(literal).join(', ');
  const files = `${nullable(fileName)}, ${nullable(filePath)}, NULL, ${nullable(internalPath)}`;
  const rules = `${literal(JSON.stringify(source))}, ${literal(`${source.rules.id} v${source.rules.version}`)}`;
  return `INSERT INTO ops.recon_runs (run_id, source, business_date, attempt, stage, state, trigger, requested_by, file_name, file_path, file_sha256, internal_path, definition, rule_set, queued_at)
    SELECT nextval('ops.recon_run_ids'), ${name}, DATE ${literal(date)}, (SELECT coalesce(max(attempt), 0) + 1 FROM ops.recon_runs WHERE source = ${name} AND business_date = DATE ${literal(date)}),
    'load', 'queued', ${texts}, ${files}, ${rules}, TIMESTAMPTZ ${literal(now.toISOString())} RETURNING run_id, attempt`;
}
