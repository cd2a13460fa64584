import { describe, expect, it } from 'vitest';
import { decide, WATCH_START, type WatchState } from './watch.ts';

const FAILED = { failed: true, running: false, reason: 'boom' };
const RUNNING = { failed: false, running: true, reason: null };
const at = (nowMs: number) => ({ nowMs, random: 0, alertAfter: 3 });

describe('the watch over the connector', () => {
  it('restarts with growing pauses, alerts once, and tells the recovery', () => {
    let state: WatchState = WATCH_START;
    const restarts: number[] = [];
    const alerts: string[] = [];
    for (let nowMs = 0; nowMs < 60_000; nowMs += 500) {
      const decision = decide(state, FAILED, at(nowMs));
      state = decision.state;
      if (decision.restart) restarts.push(nowMs);
      if (decision.alert !== null) alerts.push(`${decision.alert.kind} after ${decision.alert.restarts}: ${decision.alert.reason}`);
    }
    const pauses = restarts.slice(1).map((time, index) => time - (restarts[index] ?? 0));
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000]);
    expect(alerts).toEqual(['failing after 3: boom']);

    expect(decide(state, RUNNING, at(60_000))).toMatchObject({ restart: false, alert: null });
    state = decide(state, RUNNING, at(60_000)).state;
    expect(decide(state, RUNNING, at(69_999)).alert).toBeNull();
    expect(decide(state, RUNNING, at(70_000))).toMatchObject({ state: WATCH_START, alert: { kind: 'recovered' } });
  });

  it('counts a task that fails again soon as still failing', () => {
    let state = decide(WATCH_START, FAILED, at(0)).state;
    state = decide(state, RUNNING, at(1_000)).state;
    state = decide(state, FAILED, at(5_000)).state;
    expect(state.restarts).toBe(2);
  });

  it('leaves a paused connector alone', () => {
    const paused = { failed: false, running: false, reason: null };
    expect(decide(WATCH_START, paused, at(0))).toEqual({ state: WATCH_START, restart: false, alert: null });
  });
});
