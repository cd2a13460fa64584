// Replay: bronze of a seeded world read from Parquet, through the processor's own code into an empty store, and gold built on it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ReplayInput, ReplayResult } from '../programs/replay-run.ts';
import { runChild } from '../support/child.ts';
import type { BenchOptions } from '../support/options.ts';
import { round } from '../support/stats.ts';
import { writeBronze } from '../world/bronze.ts';
import { SIZES } from '../world/sizes.ts';

const EVENTS = 1_000_000;
const EVENTS_QUICK = 200_000;

export interface ReplayFigures extends ReplayResult {
  readonly events: number;
  readonly messages: number;
  readonly silverEventsPerSecond: number;
  readonly eventsPerSecond: number;
}

export async function replay(options: BenchOptions): Promise<ReplayFigures> {
  const events = options.events ?? (options.quick ? EVENTS_QUICK : EVENTS);
  const folder = mkdtempSync(path.join(tmpdir(), 'lf-replay-'));
  try {
    const bronze = await writeBronze(folder, SIZES, events);
    options.tell(`bronze of ${bronze.messages} messages written`);
    const input: ReplayInput = { home: path.join(folder, 'shadow'), brokers: '', settings: options.settings, bronze };
    const result = await runChild<ReplayResult>('replay-run.ts', input, options.nodeFlags);
    const { silverSeconds, goldSeconds } = result;
    return {
      ...{ events, messages: bronze.messages, ...result },
      silverEventsPerSecond: round(events / silverSeconds),
      eventsPerSecond: round(events / (silverSeconds + goldSeconds)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
