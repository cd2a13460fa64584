// Sources that are read continuously: every some seconds a window is asked for, as a run of the day that reads what has come since the last
// one. A window that brought nothing leaves no run. After a failure the next one comes later and later, at most an hour.

import { DateTime } from 'luxon';
import { messageOf } from '../../../infra/runtime/errors.ts';
import type { Log } from '../../../infra/runtime/log.ts';
import { backoffMs } from '../../../infra/runtime/retry.ts';
import { sleep } from '../../../infra/runtime/sleep.ts';
import { literal } from '../../../infra/runtime/sql-text.ts';
import type { ReconDesk } from './desk.ts';
import type { Source } from './source.ts';

export interface WindowsParts {
  readonly desk: Pick<ReconDesk, 'ask' | 'finish' | 'query' | 'parts'>;
  readonly log: Pick<Log, 'warn'>;
}

interface Standing {
  readonly dueMs: number;
  readonly failures: number;
}

const TICK_MS = 1_000;
/** Waits after failures, at most; a source that is read less often waits as long as it always does. */
const BACKOFF_MS_MAX = 3_600_000;

export class Windows {
  private readonly parts: WindowsParts;
  private readonly standings = new Map<string, Standing>();

  constructor(parts: WindowsParts) {
    this.parts = parts;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.step().catch((error: unknown) =>
        this.parts.log.warn({ error: messageOf(error) }, 'the windows of sources were not looked at'),
      );
      await sleep(TICK_MS, signal).catch(() => undefined); // aborted: the loop ends
    }
  }

  /** Reads the sources whose time has come, one after the other. @returns their names */
  async step(): Promise<string[]> {
    const { sources, now } = this.parts.desk.parts;
    const read: string[] = [];
    for (const source of sources.continuous()) {
      const { name, every = 0 } = source;
      const standing = this.standings.get(name) ?? { dueMs: 0, failures: 0 };
      if (now().getTime() < standing.dueMs || (await this.isUnderWay(name))) continue;
      read.push(name);
      const failures = (await this.window(source)) ? 0 : standing.failures + 1;
      const everyMs = every * 1_000;
      const retries = { attemptsMax: Infinity, firstDelayMs: 2 * everyMs, delayMaxMs: Math.max(BACKOFF_MS_MAX, everyMs) };
      const waitMs = failures === 0 ? everyMs : backoffMs(retries, failures, () => 1);
      this.standings.set(name, { dueMs: now().getTime() + waitMs, failures });
    }
    return read;
  }

  /** @returns whether the window was read */
  private async window({ name, timezone }: Source): Promise<boolean> {
    const { desk, log } = this.parts;
    const date = DateTime.fromJSDate(desk.parts.now(), { zone: timezone }).toFormat('yyyy-MM-dd');
    try {
      const { runId } = await desk.ask({ source: name, date, by: 'schedule', trigger: 'every' });
      await desk.finish(runId);
      const [row] = await desk.query(`SELECT state FROM ops.recon_runs WHERE run_id = ${runId}`);
      return row === undefined || row[0] === 'succeeded'; // a window without anything new leaves no run
    } catch (error) {
      log.warn({ source: name, error: messageOf(error) }, 'a window of a source was not read');
      return false;
    }
  }

  private async isUnderWay(name: string): Promise<boolean> {
    const sql = `SELECT 1 FROM ops.recon_runs WHERE source = ${literal(name)} AND state IN ('queued', 'running') LIMIT 1`;
    return (await this.parts.desk.query(sql)).length > 0;
  }
}
