// Turns the settings into the list of native parts and their addresses: what is started here, and what is used from elsewhere.

import path from 'node:path';
import { LedgerflowError } from '../runtime/errors.ts';
import { hostInUrl } from '../runtime/listen.ts';
import { SETTINGS, type Config } from '../runtime/settings.ts';
import { adminFromUrl, connectMysql, provision, requireServerSettings, type MysqlAdmin } from './mysql-admin.ts';
import type { NativeStack } from './obtain/stack.ts';
import { connectPart } from './parts/connect-part.ts';
import { kafkaPart } from './parts/kafka-part.ts';
import { mysqlPart } from './parts/mysql-part.ts';
import type { StartTask, Step } from './parts/part.ts';
import { isPortOpen, type PortChooser } from './ports.ts';
import { readRunFile, type Endpoints } from './run-file.ts';
import type { Secrets } from './secrets.ts';

export interface NativePlan {
  /** mysql, mysql users, kafka, connect: in the order of their start. */
  readonly steps: readonly Step[];
  readonly endpoints: Endpoints;
  /** A login that may change the schema of the bank's database. */
  readonly admin: MysqlAdmin;
  readonly metricsPort: number;
  readonly bankPort: number;
  readonly dashboardsPort: number;
  readonly reconPort: number;
  /** Preferred ports that were in use and what is taken instead, in words. */
  readonly movedPorts: readonly string[];
}

export interface PlanInput {
  readonly config: Config;
  readonly stack: NativeStack;
  readonly secrets: Secrets;
  /** Of the claim on the home. */
  readonly ports: PortChooser;
}

/** Chooses ports (those of the last run first) and describes every part. Call while holding the home. */
export async function planNative(input: PlanInput): Promise<NativePlan> {
  const ports = await choosePorts(input.config, input.ports);
  const admin = adminOf(input, ports.mysql);
  const endpoints = endpointsOf(input, ports, admin);
  const steps = [...mysqlSteps(input, ports.mysql, admin), ...kafkaSteps(input, ports), ...connectSteps(input, ports, endpoints)];
  const { metrics: metricsPort, bank: bankPort, dashboards: dashboardsPort, recon: reconPort } = ports;
  return { steps, endpoints, admin, metricsPort, bankPort, dashboardsPort, reconPort, movedPorts: movedPorts(input.config, ports) };
}

type PortSetting = 'mysqlPort' | 'kafkaPort' | 'connectPort' | 'wirePort' | 'metricsPort' | 'bankPort' | 'dashboardsPort' | 'reconPort';
type Ports = Readonly<Record<'mysql' | 'kafka' | 'controller' | 'connect' | 'wire' | 'metrics' | 'bank' | 'dashboards' | 'recon', number>>;

/** The ports of the last run are kept, except where a setting asks for another one. */
async function choosePorts(config: Config, chooser: PortChooser): Promise<Ports> {
  const last = readRunFile(config.home)?.endpoints ?? {};
  const choose = (name: string, setting: PortSetting, before: number | undefined): Promise<number> =>
    chooser.choose(name, config[setting], config[setting] === SETTINGS[setting].schema.parse(undefined) ? before : undefined);
  const own = (external: string | undefined, port: number | undefined): number | undefined => (external === undefined ? port : undefined);
  const mysql = await choose('MySQL', 'mysqlPort', own(config.mysqlUrl, last.mysql?.port));
  const kafka = await choose('Kafka', 'kafkaPort', own(config.kafkaBrokers, portOf(last.kafka?.brokers)));
  return {
    mysql,
    kafka,
    controller: await chooser.choose("Kafka's controller", Math.min(kafka + 1, 65_000)),
    connect: await choose('Kafka Connect', 'connectPort', own(config.connectUrl, portOf(last.connect?.url))),
    wire: await choose('the SQL endpoint', 'wirePort', last.wire?.port),
    metrics: await choose('metrics', 'metricsPort', portOf(last.metrics?.url)),
    bank: await choose('the bank API', 'bankPort', portOf(last.bank?.url)),
    dashboards: await choose('the web dashboards', 'dashboardsPort', portOf(last.dashboards?.url)),
    recon: await choose('the reconciliation API', 'reconPort', portOf(last.recon?.url)),
  };
}

function movedPorts(config: Config, ports: Ports): string[] {
  const rows: [name: string, wanted: number, taken: number, ours: boolean][] = [
    ['MySQL', config.mysqlPort, ports.mysql, config.mysqlUrl === undefined],
    ['Kafka', config.kafkaPort, ports.kafka, config.kafkaBrokers === undefined],
    ['Kafka Connect', config.connectPort, ports.connect, config.connectUrl === undefined],
    ['the SQL endpoint', config.wirePort, ports.wire, true],
    ['metrics', config.metricsPort, ports.metrics, true],
    ['the bank API', config.bankPort, ports.bank, true],
    ['the web dashboards', config.dashboardsPort, ports.dashboards, true],
    ['the reconciliation API', config.reconPort, ports.recon, true],
  ];
  const moved = rows.filter(([, wanted, taken, ours]) => ours && wanted !== taken);
  return moved.map(([name, wanted, taken]) => `${name} takes port ${taken}, because ${wanted} is or was in use`);
}

function portOf(address: string | undefined): number | undefined {
  const port = Number(/:(\d+)\/?$/.exec(address ?? '')?.[1]);
  return Number.isInteger(port) ? port : undefined;
}

function adminOf({ config, secrets }: PlanInput, port: number): MysqlAdmin {
  if (config.mysqlUrl !== undefined) return adminFromUrl(config.mysqlUrl);
  return { host: '127.0.0.1', port, user: 'root', password: secrets.mysqlRoot };
}

function endpointsOf({ config, secrets }: PlanInput, ports: Ports, admin: MysqlAdmin): Endpoints {
  const client = config.mysqlUrl === undefined ? { ...admin, user: 'bank', password: secrets.mysqlBank } : admin;
  const lake = path.join(config.home, 'lake');
  return {
    mysql: { ...client, database: config.mysqlDatabase },
    kafka: { brokers: config.kafkaBrokers ?? `127.0.0.1:${ports.kafka}` },
    connect: { url: config.connectUrl ?? `http://127.0.0.1:${ports.connect}`, connector: config.connectorName },
    wire: {
      host: config.wireHost,
      port: ports.wire,
      user: config.wireUser,
      password: config.wirePassword ?? secrets.wire,
      database: 'ledgerflow',
    },
    metrics: { url: `http://${config.metricsHost}:${ports.metrics}/metrics` },
    bank: { url: `http://${hostInUrl(config.bankHost)}:${ports.bank}` },
    dashboards: { url: `http://${hostInUrl(config.dashboardsHost)}:${ports.dashboards}` },
    recon: { url: `http://${hostInUrl(config.reconHost)}:${ports.recon}` },
    lake: { catalog: path.join(lake, 'ledgerflow.ducklake'), data: path.join(lake, 'data') },
  };
}

function mysqlSteps({ config, stack, secrets }: PlanInput, port: number, admin: MysqlAdmin): Step[] {
  const external = config.mysqlUrl !== undefined;
  const users: StartTask = {
    kind: 'task',
    name: 'mysql users',
    run: async () => {
      const connection = await connectMysql(admin);
      try {
        await requireServerSettings(connection);
        await provision(connection, { database: config.mysqlDatabase, secrets, ownServer: !external });
      } finally {
        await connection.end();
      }
    },
  };
  if (external) return [users];
  if (stack.mysql === undefined) throw new LedgerflowError('LF_PLATFORM_UNSUPPORTED', 'there is no mysqld');
  return [mysqlPart({ home: config.home, program: stack.mysql, port, rootPassword: secrets.mysqlRoot }), users];
}

function kafkaSteps({ config, stack }: PlanInput, ports: Ports): Step[] {
  if (config.kafkaBrokers !== undefined) return [reachable('kafka', config.kafkaBrokers)];
  const { java, jars } = javaAndJars(stack);
  return [kafkaPart({ home: config.home, java, jars, port: ports.kafka, controllerPort: ports.controller })];
}

function connectSteps({ config, stack }: PlanInput, ports: Ports, endpoints: Endpoints): Step[] {
  if (config.connectUrl !== undefined) {
    const url = new URL(config.connectUrl);
    return [reachable('connect', `${url.hostname}:${url.port === '' ? '80' : url.port}`)];
  }
  const { java, jars, plugins } = javaAndJars(stack);
  return [connectPart({ home: config.home, java, jars, plugins, brokers: endpoints.kafka.brokers, port: ports.connect })];
}

function javaAndJars(stack: NativeStack): { java: string; jars: string; plugins: string } {
  if (stack.java === undefined || stack.kafka === undefined)
    throw new LedgerflowError('LF_JAVA_MISSING', 'there is no Java to run Kafka with');
  return { java: stack.java, ...stack.kafka };
}

/** A server that was there before is not started, only looked for. */
function reachable(name: string, addresses: string): StartTask {
  return {
    kind: 'task',
    name,
    run: async () => {
      for (const address of addresses.split(',')) {
        const { hostname, port } = new URL(`tcp://${address.trim()}`);
        if (await isPortOpen(Number(port), hostname, 5_000)) return;
      }
      throw new LedgerflowError('LF_PART_START', `nothing answers at ${addresses}, which the settings name for ${name}`);
    },
  };
}
