// Recovery: one part after the other is killed; how long the part itself takes until it answers again, and how much later a heartbeat
// written after the kill is in gold.

import { underLoad } from '../../test/faults/fault.ts';
import { killPart, type KillTimes } from '../../test/faults/process-faults.ts';
import { FaultStack, type PartName } from '../../test/faults/stack.ts';
import type { BenchOptions } from '../support/options.ts';
import { round } from '../support/stats.ts';

const PARTS: readonly PartName[] = ['processor', 'connect', 'kafka', 'mysql'];
const TIMES = 3;
const TARGET_SECONDS = 15;

export interface RecoveryRow {
  readonly part: PartName;
  readonly load: 'idle' | '200 inserts/s';
  readonly kills: number;
  /** From the kill until the part answers: the pause before it is started again and its own start. Seconds, the longest. */
  readonly startMax: number;
  /** From the kill until a heartbeat written after it is in gold. Seconds, the longest. */
  readonly freshMax: number;
  /** What the pipeline took beyond the part's own start. Seconds. */
  readonly beyondMedian: number;
  readonly beyondMax: number;
  /** Every kill within the target. */
  readonly reached: boolean;
}

export interface RecoveryResult {
  readonly targetSeconds: number;
  readonly reached: boolean;
  readonly parts: readonly RecoveryRow[];
}

/** Kills every part, idle and under load, on one stack in a temporary home. */
export async function recovery(options: Pick<BenchOptions, 'quick' | 'settings' | 'tell'>): Promise<RecoveryResult> {
  await using stack = await FaultStack.open({ env: options.settings });
  const parts: RecoveryRow[] = [];
  for (const load of ['idle', '200 inserts/s'] as const) {
    for (const part of PARTS) {
      const row = await measure(stack, { part, load, kills: options.quick ? 1 : TIMES });
      options.tell(`${part}, ${load}: fresh ${row.beyondMax} s after it was up`);
      parts.push(row);
    }
  }
  return { targetSeconds: TARGET_SECONDS, reached: parts.every(({ reached }) => reached), parts };
}

async function measure(stack: FaultStack, what: Pick<RecoveryRow, 'part' | 'load' | 'kills'>): Promise<RecoveryRow> {
  const times: KillTimes[] = [];
  const kill = async (): Promise<void> => {
    for (let n = 0; n < what.kills; n += 1) times.push(await killPart(stack, what.part));
  };
  await (what.load === 'idle' ? kill() : underLoad(stack, kill));
  const beyond = times.map(({ recoveryMs, startMs }) => recoveryMs - startMs).sort((a, b) => a - b);
  const seconds = (ms: number): number => round(ms / 1_000);
  const beyondMax = seconds(beyond.at(-1) ?? 0);
  return {
    ...what,
    startMax: seconds(Math.max(...times.map(({ startMs }) => startMs))),
    freshMax: seconds(Math.max(...times.map(({ recoveryMs }) => recoveryMs))),
    beyondMedian: seconds(beyond[Math.floor(beyond.length / 2)] ?? 0),
    beyondMax,
    reached: beyondMax <= TARGET_SECONDS,
  };
}
