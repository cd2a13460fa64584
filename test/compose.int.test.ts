// The compose file, read by the real Compose client: valid, pinned, health-checked, on loopback, with the native configuration.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../infra/native/obtain/run-command.ts';
import { loadConfig } from '../infra/runtime/config.ts';
import { SETTINGS } from '../infra/runtime/settings.ts';
import { composeClient } from './support/compose-client.ts';
import { ROOT } from './support/source-tree.ts';

interface Service {
  readonly image?: string;
  readonly healthcheck?: object;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly { readonly host_ip?: string; readonly published?: string }[];
  readonly volumes?: readonly { readonly type: string; readonly source: string; readonly target: string }[];
}

const client = await composeClient();
if ('missing' in client) process.stderr.write(`SKIPPED: ${client.missing}\n`);

async function compose(...args: readonly string[]): Promise<string> {
  if ('missing' in client) throw new Error(client.missing);
  return runCommand(client.command, [...client.args, ...args], { cwd: ROOT, timeoutMs: 60_000 });
}

describe.skipIf('missing' in client)('docker-compose.yml', () => {
  it('passes `docker compose config -q`', async () => {
    expect(await compose('config', '-q')).toBe('');
  });

  it('names every part, each with a pinned image, a health check and ports on loopback only', async () => {
    const { services } = await readCompose();
    expect(Object.keys(services).sort()).toEqual(['connect', 'grafana', 'kafka', 'kafka-ui', 'mysql', 'processor', 'prometheus']);
    for (const [name, service] of Object.entries(services)) {
      expect(service.image, name).toMatch(/:v?\d+\.\d+[\w.]*$/);
      expect(service.healthcheck, name).toBeDefined();
      for (const port of service.ports ?? []) expect(port.host_ip, name).toBe('127.0.0.1');
    }
    const published = Object.values(services).flatMap(({ ports = [] }) => ports.map((port) => port.published));
    expect(published).toEqual(
      expect.arrayContaining(['3000', '3001', '3306', '5433', '8000', '8002', '8080', '8083', '9090', '9092', '9464']),
    );
  });

  it('mounts the configuration files of the native start', async () => {
    const { services } = await readCompose();
    const mounted = Object.values(services).flatMap(({ volumes = [] }) => volumes.filter(({ type }) => type === 'bind'));
    const files = mounted.map(({ source }) => path.relative(ROOT, source));
    expect(files).toEqual(expect.arrayContaining(['infra/mysql/my.cnf', 'infra/kafka/server.properties']));
  });

  it('gives Connect every setting of worker.properties', async () => {
    const { services } = await readCompose();
    const given = services['connect']?.environment ?? {};
    for (const [key, value] of properties('infra/connect/worker.properties')) {
      const name = key.toUpperCase().replaceAll('.', '_');
      expect(given[name] ?? given[`CONNECT_${name}`], key).toBe(value);
    }
  });

  it('gives the processor settings that exist', async () => {
    const { services } = await readCompose();
    const known: string[] = Object.values(SETTINGS).map((setting) => setting.env);
    const given = Object.keys(services['processor']?.environment ?? {});
    expect(given.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('gives Grafana a user of the endpoint, its dashboards, and a start without a login', async () => {
    const { services } = await readCompose();
    const [grafana, processor] = [services['grafana'], services['processor']];
    const source = readFileSync(path.join(ROOT, 'infra/grafana/provisioning/datasources/ledgerflow.yml'), 'utf8');
    const [user] = loadConfig(processor?.environment).wireUsers;
    expect(source).toContain(`user: ${user?.user ?? ''}\n`);
    expect(source).toContain('password: $LEDGERFLOW_GRAFANA_PASSWORD');
    expect(user?.password).toBe(grafana?.environment?.['LEDGERFLOW_GRAFANA_PASSWORD']);
    expect(grafana?.environment).toMatchObject({ GF_AUTH_ANONYMOUS_ENABLED: 'true', GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer' });
    const mounts = new Map(grafana?.volumes?.map(({ source: from, target }) => [target, path.relative(ROOT, from)]));
    const home = grafana?.environment?.['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? '';
    expect(existsSync(path.join(ROOT, mounts.get(path.dirname(home)) ?? '', path.basename(home)))).toBe(true);
    expect(readFileSync(path.join(ROOT, 'infra/grafana/provisioning/dashboards/ledgerflow.yml'), 'utf8')).toContain(
      `path: ${path.dirname(home)}\n`,
    );
    expect(services['prometheus']?.volumes?.map(({ source: from }) => path.relative(ROOT, from))).toContain('infra/prometheus');
  });
});

describe.skipIf('missing' in client)('docker-compose.avro.yml over it', () => {
  const files = ['-f', 'docker-compose.yml', '-f', 'docker-compose.avro.yml'];

  it('passes `docker compose config -q`', async () => {
    expect(await compose(...files, 'config', '-q')).toBe('');
  });

  it('adds a registry, the converter and the settings, and keeps the rest', async () => {
    const [plain, { services }] = [await readCompose(), await readCompose(...files)];
    expect(Object.keys(services).sort()).toEqual([...Object.keys(plain.services), 'registry'].sort());
    expect(services['registry']?.image).toMatch(/:v?\d+\.\d+[\w.]*$/);
    expect(services['registry']?.healthcheck).toBeDefined();
    expect(services['registry']?.ports?.map(({ host_ip }) => host_ip)).toEqual(['127.0.0.1']);
    expect(services['connect']?.environment).toEqual({ ...plain.services['connect']?.environment, ENABLE_APICURIO_CONVERTERS: 'true' });
    const config = loadConfig(services['processor']?.environment);
    expect([config.format, new URL(config.registryUrl ?? '').host]).toEqual(['avro', 'registry:8080']);
  });
});

async function readCompose(...files: readonly string[]): Promise<{ services: Record<string, Service> }> {
  return JSON.parse(await compose(...files, 'config', '--format', 'json'));
}

function properties(file: string): [string, string][] {
  const lines = readFileSync(path.join(ROOT, file), 'utf8').split('\n');
  const pairs = lines.filter((line) => line.includes('=') && !line.startsWith('#')).map((line) => line.split('='));
  return pairs.map(([key = '', ...value]) => [key.trim(), value.join('=').trim()]);
}
