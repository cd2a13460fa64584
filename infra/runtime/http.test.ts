import { afterEach, describe, expect, it } from 'vitest';
import { startHttp, type HttpServer } from './http.ts';
import { createMetrics } from './metrics.ts';
import { healthOf, type ProcessorStatus } from './status.ts';

const GOOD: ProcessorStatus = {
  state: 'streaming',
  commit: { id: 7, gtid: 'a:7', committedAt: '2026-11-21T10:00:00.000Z' },
  freshnessMs: 40,
  eventsPerSecond: 12.5,
  lagMessages: 0,
  parked: 0,
  gold: { commitId: 7, heldReason: null },
  snapshot: null,
  publication: null,
  pid: 1,
};
const BOOTSTRAP: ProcessorStatus = {
  ...GOOD,
  state: 'snapshot',
  freshnessMs: null,
  gold: { commitId: null, heldReason: null },
  snapshot: { rows: 10, total: 100, rowsPerSecond: 5, etaSeconds: 18 },
};
const OBJECTIVE_MS = 5_000;

describe('healthOf', () => {
  it.each([
    ['a fresh heartbeat in gold', GOOD, true, 'streaming'],
    ['an old heartbeat', { ...GOOD, freshnessMs: 5_001 }, false, 'degraded'],
    ['no heartbeat yet', { ...GOOD, freshnessMs: null }, false, 'degraded'],
    ['gold held by a check', { ...GOOD, gold: { commitId: 5, heldReason: 'sum is not zero' } }, false, 'degraded'],
    ['a reported problem', { ...GOOD, state: 'degraded' as const }, false, 'degraded'],
    ['bootstrap', BOOTSTRAP, false, 'snapshot'],
  ])('%s', (_name, report, healthy, state) => {
    expect(healthOf(report, OBJECTIVE_MS)).toMatchObject({ healthy, state });
  });

  it('is ready as long as some gold is served, held or late', () => {
    expect(healthOf({ ...GOOD, freshnessMs: 60_000 }, OBJECTIVE_MS).ready).toBe(true);
    expect(healthOf(BOOTSTRAP, OBJECTIVE_MS).ready).toBe(false);
  });
});

describe('startHttp', () => {
  let server: HttpServer | undefined;
  afterEach(async () => {
    await server?.[Symbol.asyncDispose]();
    server = undefined;
  });

  async function start(report: ProcessorStatus, metrics = createMetrics()): Promise<(route: string) => Promise<[number, string]>> {
    server = await startHttp({
      host: '127.0.0.1',
      port: 0,
      status: () => report,
      registry: metrics.registry,
      freshnessObjectiveMs: OBJECTIVE_MS,
    });
    const { url } = server;
    return async (route) => {
      const response = await fetch(`${url}${route}`);
      return [response.status, await response.text()];
    };
  }

  it('is alive but neither ready nor healthy during bootstrap', async () => {
    const get = await start(BOOTSTRAP);
    expect((await get('/live'))[0]).toBe(200);
    const [ready, body] = await get('/ready');
    expect([ready, JSON.parse(body)]).toEqual([503, expect.objectContaining({ ready: false, state: 'snapshot' })]);
    expect((await get('/health'))[0]).toBe(503);
  });

  it('is healthy when the heartbeat is fresh', async () => {
    const get = await start(GOOD);
    expect((await get('/health'))[0]).toBe(200);
    expect((await get('/ready'))[0]).toBe(200);
    expect(JSON.parse((await get('/status'))[1])).toMatchObject({ state: 'streaming', commit: { id: 7 } });
  });

  it('serves metrics in the text format, unknown gauges absent', async () => {
    const metrics = createMetrics();
    metrics.committedRows.inc({ disposition: 'applied' }, 3);
    const get = await start(GOOD, metrics);
    const [, before] = await get('/metrics');
    expect(before).toContain('ledgerflow_committed_rows_total{disposition="applied"} 3');
    expect(before).not.toMatch(/^ledgerflow_freshness_seconds /m);
    expect(before).toMatch(/^ledgerflow_resident_memory_bytes [1-9]/m);
    metrics.freshnessSeconds.set(0.04);
    expect((await get('/metrics'))[1]).toMatch(/^ledgerflow_freshness_seconds 0\.04$/m);
  });

  it('says which port is taken', async () => {
    await start(GOOD);
    const options = {
      host: '127.0.0.1',
      port: server!.port,
      status: () => GOOD,
      registry: createMetrics().registry,
      freshnessObjectiveMs: 1,
    };
    await expect(startHttp(options)).rejects.toMatchObject({ code: 'LF_PORT_TAKEN' });
  });
});
