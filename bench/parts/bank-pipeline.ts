// The bank API under load over HTTP while the whole pipeline captures on the same machine: rates of acceptance (MySQL's durable commit),
// the freshness of gold meanwhile, and how long the pipeline takes afterwards until gold has everything.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { cpuMs } from '../bank/server.ts';
import type { ProbeInput, ProbeResult } from '../programs/freshness-probe.ts';
import { runChild } from '../support/child.ts';
import type { BenchOptions } from '../support/options.ts';
import { startRealStack, type RealStack } from '../support/real-stack.ts';
import { percentiles, round } from '../support/stats.ts';
import { ACCOUNTS, httpLeg, seedAccounts, type HttpRow, type HttpTarget } from './bank-http.ts';

const SECONDS = 20;
const SECONDS_QUICK = 8;
const WARM_UP_SECONDS = 2;
const FIRST_ACCOUNT = 500_001;

interface PipelineRow extends HttpRow {
  readonly goldP50Ms: number;
  readonly goldP99Ms: number;
  readonly probesLost: number;
  /** From the end of the load until gold has all of it. */
  readonly drainedAfterMs: number;
}

export async function bankPipeline(options: BenchOptions): Promise<object> {
  await using stack = await startRealStack(options.settings);
  options.tell(`the stack streams; seeding ${ACCOUNTS} accounts`);
  const root = await stack.pipeline.root();
  await seedAccounts(root, FIRST_ACCOUNT);
  await root.end();
  await stack.pipeline.caughtUp();
  const target = await targetOf(stack);
  const rows: PipelineRow[] = [];
  for (const leg of [
    { mode: 'spread', connections: 64 },
    { mode: 'spread', connections: 256 },
  ] as const) {
    const seconds = options.quick ? SECONDS_QUICK : SECONDS;
    const probe: ProbeInput = { mysql: stack.mysql, wire: stack.wire, seconds: seconds + WARM_UP_SECONDS, warmUpSeconds: WARM_UP_SECONDS };
    const probing = runChild<ProbeResult>('freshness-probe.ts', probe);
    const row = await httpLeg(target, leg, seconds);
    const ended = performance.now();
    await stack.pipeline.caughtUp();
    const drainedAfterMs = round(performance.now() - ended);
    const { probes, lost } = await probing;
    const { p50, p99 } = percentiles(probes.map(({ gold, answered }) => gold - answered));
    const full = { ...row, goldP50Ms: p50, goldP99Ms: p99, probesLost: lost, drainedAfterMs };
    options.tell(JSON.stringify(full));
    rows.push(full);
  }
  return { rows };
}

async function targetOf({ pipeline }: RealStack): Promise<HttpTarget> {
  const run = JSON.parse(await readFile(path.join(pipeline.home, 'run.json'), 'utf8')) as { endpoints: { bank: { url: string } } };
  const { hostname: host, port } = new URL(run.endpoints.bank.url);
  const [api, mysqld] = [await pipeline.pidOf('bank'), await pipeline.pidOf('mysql')];
  return {
    host,
    port: Number(port),
    firstAccount: FIRST_ACCOUNT,
    apiCpuMs: () => cpuMs(String(api)),
    mysqldCpuMs: () => cpuMs(String(mysqld)),
  };
}
