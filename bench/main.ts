// npm run bench [-- catchup gold …] [--json FILE] [--quick]: measures the product on this machine. Never part of the tests.

import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { bankHistory } from './bank/history.ts';
import { bankPlainInserts } from './bank/plain-inserts.ts';
import { backfill } from './parts/backfill.ts';
import { bank } from './parts/bank.ts';
import { bankHttp } from './parts/bank-http.ts';
import { bankPipeline } from './parts/bank-pipeline.ts';
import { catchup } from './parts/catchup.ts';
import { commit } from './parts/commit.ts';
import { dashboards } from './parts/dashboards.ts';
import { fraud } from './parts/fraud.ts';
import { fraudLatency } from './parts/fraud-latency.ts';
import { freshness } from './parts/freshness.ts';
import { giant } from './parts/giant.ts';
import { gold } from './parts/gold-refresh.ts';
import { peers } from './parts/peers.ts';
import { growth } from './parts/growth.ts';
import { publications } from './parts/publications.ts';
import { recon } from './parts/recon.ts';
import { recovery } from './parts/recovery.ts';
import { replay } from './parts/replay.ts';
import { snapshot } from './parts/snapshot.ts';
import { soak } from './parts/soak.ts';
import { verifyBench } from './parts/verify.ts';
import { web } from './parts/web.ts';
import type { BenchOptions } from './support/options.ts';

type Part = (options: BenchOptions) => Promise<object>;

const PARTS: Readonly<Record<string, Part>> = {
  backfill,
  bank,
  catchup,
  commit,
  dashboards,
  fraud,
  'fraud-latency': fraudLatency,
  freshness,
  snapshot,
  peers,
  giant,
  growth,
  publications,
  recon,
  recovery,
  replay,
  soak,
  verify: verifyBench,
  'bank-http': bankHttp,
  'bank-pipeline': bankPipeline,
  web,
  'bank-history': bankHistory,
  'bank-inserts': bankPlainInserts,
  gold,
};

const HELP = `npm run bench [-- PART …] [--json FILE] [--quick] [--full]
  parts: ${Object.keys(PARTS).join(', ')} (without a name: all but peers and soak)
  --quick            smaller sizes, for a look
  --full             the largest sizes: fraud behind 10 M movements as well, gold at 1 M and 10 M transactions, dashboards at 10 M
  --json FILE        the figures as JSON
  --events N         change events of the catch-up backlog; transactions in the store of gold and of dashboards
  --minutes N        length of the soak and of dashboards
  --set NAME=VALUE   a setting of the product (LEDGERFLOW_…), may be repeated
  --profile FOLDER   CPU profile of the measured process`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      events: { type: 'string' },
      minutes: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const unknown = positionals.filter((name) => PARTS[name] === undefined);
  if (unknown.length > 0) throw new Error(`no part ${unknown.join(', ')}\n${HELP}`);
  const options: BenchOptions = {
    quick: values.quick,
    full: values.full,
    events: values.events === undefined ? undefined : Number(values.events),
    minutes: values.minutes === undefined ? undefined : Number(values.minutes),
    settings: Object.fromEntries(values.set.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)])),
    nodeFlags: values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`],
    tell: (text) => console.error(`  ${text}`),
  };
  const results: Record<string, unknown> = { machine: machine(), date: new Date().toISOString() };
  for (const name of positionals.length > 0 ? positionals : Object.keys(PARTS).filter((part) => part !== 'peers' && part !== 'soak')) {
    console.error(`${name} …`);
    const result = await PARTS[name]?.(options);
    results[name] = result;
    console.log(`\n${name}`);
    print(result ?? {});
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
}

function machine(): object {
  const all = cpus();
  return { cpus: all.length, model: all[0]?.model ?? '', memoryGb: Math.round(totalmem() / 2 ** 30), node: process.version };
}

/** Lists of objects as a table, other figures one per line. */
function print(result: object, prefix = ''): void {
  for (const [name, value] of Object.entries(result) as [string, unknown][]) {
    if (Array.isArray(value)) {
      console.log(`  ${prefix}${name}`);
      console.table(value);
    } else if (typeof value === 'object' && value !== null) print(value, `${prefix}${name}.`);
    else console.log(`  ${`${prefix}${name}`.padEnd(36)} ${typeof value === 'number' ? value.toLocaleString('en') : String(value)}`);
  }
}

await main();
