// The scrape configuration in a real Prometheus (Debian package `prometheus`), and every panel's PromQL against it.

import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOnPath } from '../../infra/native/obtain/find-program.ts';
import { runCommand } from '../../infra/native/obtain/run-command.ts';
import { startHttp, type HttpServer } from '../../infra/runtime/http.ts';
import { createMetrics, type Metrics } from '../../infra/runtime/metrics.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { readDashboards } from './testkit.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../infra/prometheus');
const FILES = ['prometheus.yml', 'native.yml'];
const DEADLINE_MS = 30_000;

const missing = findOnPath('prometheus') === undefined || findOnPath('promtool') === undefined;
if (missing) process.stderr.write('SKIPPED: prometheus is not installed: apt-get install prometheus\n');

let home: string;
let metrics: Metrics;
let http: HttpServer;
let prometheus: ChildProcess;
let url: string;

/** Values as a running pipeline has them, twice, so that rates exist. */
function play(): void {
  for (const gauge of [
    metrics.freshnessSeconds,
    metrics.parkedRecords,
    metrics.connectorRunning,
    metrics.committedCommit,
    metrics.publishedCommit,
  ])
    gauge.set(1);
  for (const gauge of [metrics.mysqlBinlogBehindBytes, metrics.mysqlTransactionsBehind, metrics.mysqlBinlogBytes]) gauge.set(100);
  metrics.lagMessages.set({ topic: 'bank_server.bank.accounts' }, 5);
  metrics.committedRows.inc({ disposition: 'applied' }, 100);
  for (const histogram of [metrics.commitSeconds, metrics.goldRefreshSeconds, metrics.wireQuerySeconds]) histogram.observe(0.02);
  metrics.kafkaEndOffset.set({ topic: 'bank_server.bank.accounts', partition: '0' }, 5);
  metrics.connectTasks.set({ connector: 'ledgerflow-bank', state: 'running' }, 1);
  metrics.exportFailures.inc({ part: 'kafka' });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function ask(api: string): Promise<Record<string, unknown>> {
  const body = (await (await fetch(`${url}/api/v1/${api}`)).json()) as { status: string; error?: string; data: Record<string, unknown> };
  if (body.status !== 'success') throw new Error(body.error);
  return body.data;
}

/** Repeats until it holds. */
async function until(check: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await check().catch(() => false))) {
    if (performance.now() > deadline) throw new Error('it did not come true in time');
    await sleep(200);
  }
}

interface Target {
  readonly labels: { readonly job: string };
  readonly health: string;
}

beforeAll(async () => {
  if (missing) return;
  home = mkdtempSync(path.join(tmpdir(), 'ledgerflow-prometheus-'));
  metrics = createMetrics();
  http = await startHttp({
    host: '127.0.0.1',
    port: 0,
    status: () => Promise.reject(new Error('not asked')),
    registry: metrics.registry,
    freshnessObjectiveMs: 1_000,
  });
  cpSync(FOLDER, home, { recursive: true });
  const native = readFileSync(path.join(FOLDER, 'native.yml'), 'utf8').replace('127.0.0.1:9464', `127.0.0.1:${http.port}`);
  writeFileSync(path.join(home, 'native.yml'), native.replaceAll(/_interval: \d+s/g, '_interval: 1s'));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const options = [`--config.file=${home}/native.yml`, `--storage.tsdb.path=${home}/data`, `--web.listen-address=127.0.0.1:${port}`];
  play();
  prometheus = spawn('prometheus', options, { stdio: 'ignore' });
  await until(async () => ((await ask('targets'))['activeTargets'] as Target[]).some(({ health }) => health === 'up'));
  play();
  await until(async () =>
    ((await ask('query?query=count_over_time(ledgerflow_freshness_seconds[1m])'))['result'] as { value: [number, string] }[]).some(
      ({ value }) => Number(value[1]) >= 3,
    ),
  );
}, 60_000);
afterAll(async () => {
  if (missing) return;
  const ended = new Promise((resolve) => prometheus.once('exit', resolve));
  prometheus.kill('SIGTERM');
  await ended;
  await http[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});

describe.skipIf(missing)('infra/prometheus', () => {
  it.each(FILES)('%s is valid, with its rules', async (file) => {
    expect(await runCommand('promtool', ['check', 'config', path.join(FOLDER, file)], { timeoutMs: 20_000 })).toContain('SUCCESS');
  });

  it('scrapes the processor', async () => {
    const targets = (await ask('targets'))['activeTargets'] as Target[];
    expect(targets.map(({ labels, health }) => [labels.job, health])).toEqual([['ledgerflow', 'up']]);
  });

  it('exports metrics under one prefix, each line in the text format', async () => {
    const text = await metrics.registry.metrics();
    const wrong = text.split('\n').filter((line) => /^[^#]/.test(line) && !/^ledgerflow_[a-z0-9_]+(\{[^}]*\})? \S+$/.test(line));
    expect(wrong).toEqual([]);
  });
});

const queries = readDashboards().flatMap(({ title, panels }) =>
  panels.flatMap((panel) =>
    (panel.targets ?? []).flatMap(({ expr }) => (expr === undefined ? [] : [[`${title}: ${panel.title}: ${expr}`, expr] as const])),
  ),
);

describe.skipIf(missing)('every panel over Prometheus', () => {
  it.each(queries)('%s', async (_name, expr) => {
    const { result } = await ask(`query?query=${encodeURIComponent(expr.replaceAll('$__rate_interval', '1m'))}`);
    expect((result as unknown[]).length).toBeGreaterThan(0);
  });
});
