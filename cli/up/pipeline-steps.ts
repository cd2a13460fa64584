// The steps of `ledgerflow up` after the native parts: schema and demo world of the bank, the connector, the processor.
// infra knows nothing of bank, cdc and stream: here they meet.

import { fileURLToPath } from 'node:url';
import { seedDemo } from '../../bank/generator/demo.ts';
import { migrate } from '../../bank/schema/migrate.ts';
import type { NativePlan } from '../../infra/native/native-steps.ts';
import { nodePart } from '../../infra/native/parts/node-part.ts';
import type { Part, StartTask, Step } from '../../infra/native/parts/part.ts';
import type { Secrets } from '../../infra/native/secrets.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { registerCapture } from './register-capture.ts';

export interface PipelineInput {
  readonly config: Config;
  readonly plan: NativePlan;
  readonly secrets: Secrets;
  /** File of the DuckLake extension, if it is there. */
  readonly ducklake: string | undefined;
  /** Something a person should know that stops nothing. */
  readonly onRemark: (text: string) => void;
}

const PROGRAM = fileURLToPath(new URL('../ledgerflow.mjs', import.meta.url));
/** Each running DuckDB query holds one thread of Node's pool. */
const THREAD_POOL_SIZE = '16';
/**
 * Staged messages and the requests of a group live for some hundred milliseconds: with V8's 16 MB they are moved about. Catching up costs a tenth
 * more processor time, and a sixth of the bank's work is collecting.
 */
const YOUNG_GENERATION = '--max-semi-space-size=64';

/** All steps of a start, in order. */
export function pipelineSteps(input: PipelineInput): Step[] {
  const { plan, config } = input;
  return [
    ...plan.steps,
    migrations(input),
    ...(config.seedDemo ? [demoWorld(input)] : []),
    connector(input),
    processor(input),
    bank(input),
    dashboards(input),
  ];
}

function migrations({ config, plan }: PipelineInput): StartTask {
  return {
    kind: 'task',
    name: 'bank schema',
    run: async (signal) => {
      await migrate({ ...plan.admin, database: config.mysqlDatabase, signal });
    },
  };
}

/** Only into a bank without customers; before the connector, so that it is part of the first snapshot. */
function demoWorld({ config, plan }: PipelineInput): StartTask {
  return {
    kind: 'task',
    name: 'demo world',
    run: async (signal) => {
      await seedDemo({ ...plan.admin, database: config.mysqlDatabase, signal });
    },
  };
}

/** Topics for every captured table, then the connector: before the processor, so that it finds all topics at once. */
function connector({ config, plan, secrets, onRemark }: PipelineInput): StartTask {
  return {
    kind: 'task',
    name: 'connector',
    run: async (signal) => {
      const { drift, remarks } = await registerCapture({ config, endpoints: plan.endpoints, secrets, signal });
      for (const { topic, setting, found, wanted } of drift) onRemark(`topic ${topic} has ${setting}=${found}, wanted is ${wanted}`);
      for (const remark of remarks) onRemark(remark);
    },
  };
}

function processor(input: PipelineInput): Part {
  const { config, plan } = input;
  return nodePart({
    name: 'processor',
    home: config.home,
    args: [YOUNG_GENERATION, PROGRAM, 'processor'],
    env: { ...processorSettings(input), UV_THREADPOOL_SIZE: THREAD_POOL_SIZE, KAFKAJS_NO_PARTITIONER_WARNING: '1' },
    port: plan.endpoints.wire.port,
    aliveUrl: new URL('/live', plan.endpoints.metrics.url).href,
    // Opening the store replays its write-ahead log.
    startDeadlineMs: 180_000,
    stopDeadlineMs: 60_000,
  });
}

/** The bank API, as a process of its own: its work on requests must not wait for the processor's. */
function bank(input: PipelineInput): Part {
  const { config, plan, secrets } = input;
  const { host, port } = plan.admin;
  return nodePart({
    name: 'bank',
    home: config.home,
    args: [YOUNG_GENERATION, PROGRAM, 'bank', 'serve'],
    env: {
      LEDGERFLOW_HOME: config.home,
      LEDGERFLOW_MYSQL_URL: `mysql://ledgerflow_service:${secrets.mysqlService}@${host}:${port}`,
      LEDGERFLOW_MYSQL_DATABASE: plan.endpoints.mysql.database,
      LEDGERFLOW_BANK_PORT: String(plan.bankPort),
    },
    port: plan.bankPort,
    aliveUrl: new URL('/live', plan.endpoints.bank.url).href,
    startDeadlineMs: 60_000,
    stopDeadlineMs: 30_000,
  });
}

/** The web dashboards: a process of their own, which reads through the SQL endpoint and writes through the bank API only. */
function dashboards({ config, plan }: PipelineInput): Part {
  return nodePart({
    name: 'dashboards',
    home: config.home,
    args: [PROGRAM, 'dashboards'],
    env: { LEDGERFLOW_HOME: config.home, LEDGERFLOW_DASHBOARDS_PORT: String(plan.dashboardsPort) },
    port: plan.dashboardsPort,
    aliveUrl: new URL('/live', plan.endpoints.dashboards.url).href,
    startDeadlineMs: 60_000,
    stopDeadlineMs: 15_000,
  });
}

/** Where everything is, as settings: what was started here looks to the processor like what was there before. */
function processorSettings({ config, plan, secrets, ducklake }: PipelineInput): Record<string, string> {
  const { mysql, kafka, connect, wire } = plan.endpoints;
  const { host, port } = plan.admin;
  return {
    LEDGERFLOW_HOME: config.home,
    LEDGERFLOW_MYSQL_URL: `mysql://ledgerflow_service:${secrets.mysqlService}@${host}:${port}`,
    LEDGERFLOW_MYSQL_DATABASE: mysql.database,
    LEDGERFLOW_KAFKA_BROKERS: kafka.brokers,
    LEDGERFLOW_CONNECT_URL: connect.url,
    LEDGERFLOW_WIRE_PORT: String(wire.port),
    LEDGERFLOW_WIRE_PASSWORD: wire.password,
    LEDGERFLOW_METRICS_PORT: String(plan.metricsPort),
    LEDGERFLOW_RECON_PORT: String(plan.reconPort),
    ...(ducklake === undefined ? {} : { DUCKLAKE_EXTENSION_PATH: ducklake }),
  };
}
