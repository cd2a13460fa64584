// Real MySQL, Kafka and Connect for a test: the native parts under their supervisor, on free ports, in a folder of their own.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { planNative, type NativePlan } from '../../infra/native/native-steps.ts';
import { obtainStack } from '../../infra/native/obtain/stack.ts';
import { loadSecrets, type Secrets } from '../../infra/native/secrets.ts';
import { claimHome, Supervisor, type SupervisorEvent } from '../../infra/native/supervisor.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import type { Config } from '../../infra/runtime/settings.ts';

export interface NativeStackOptions {
  /** Kept when given; otherwise a temporary folder that is removed at the end. */
  readonly home?: string;
  /** Further settings by environment name. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onEvent?: (event: SupervisorEvent) => void;
}

export interface NativeStackRun extends AsyncDisposable {
  readonly config: Config;
  readonly plan: NativePlan;
  readonly secrets: Secrets;
}

const PORT_SETTINGS = [
  'LEDGERFLOW_MYSQL_PORT',
  'LEDGERFLOW_KAFKA_PORT',
  'LEDGERFLOW_CONNECT_PORT',
  'LEDGERFLOW_WIRE_PORT',
  'LEDGERFLOW_METRICS_PORT',
  'LEDGERFLOW_BANK_PORT',
  'LEDGERFLOW_DASHBOARDS_PORT',
  'LEDGERFLOW_RECON_PORT',
];

/** Settings of a test's own stack: another home, ports away from the defaults. Below the range the system hands out by itself. */
export function testEnvironment(home: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const first = 20_000 + Math.floor(Math.random() * 600) * 16;
  const ports = Object.fromEntries(PORT_SETTINGS.map((name, index) => [name, String(first + index * 2)]));
  const cache = process.env['LEDGERFLOW_CACHE'];
  return { ...ports, LEDGERFLOW_HOME: home, ...(cache === undefined ? {} : { LEDGERFLOW_CACHE: cache }), ...more };
}

/** A folder for a test's state, short enough for anything. */
export function temporaryHome(): string {
  return mkdtempSync(path.join(tmpdir(), 'lf-native-'));
}

/** Starts the parts and returns when all are healthy. Disposing stops them in order. */
export async function startNativeStack(options: NativeStackOptions = {}): Promise<NativeStackRun> {
  const home = options.home ?? temporaryHome();
  const config = loadConfig(testEnvironment(home, options.env));
  const stopping = new AbortController();
  const stack = await obtainStack(config, { onProgress: () => undefined, signal: stopping.signal });
  let tellStarted = (): void => undefined;
  const started = new Promise<void>((resolve) => (tellStarted = resolve));
  const onEvent = (event: SupervisorEvent): void => {
    options.onEvent?.(event);
    if (event.kind === 'started') tellStarted();
  };
  const claim = await claimHome({ home, onEvent });
  const secrets = loadSecrets(home);
  const plan = await planNative({ config, stack, secrets, ports: claim.ports });
  const run = new Supervisor({ home, onEvent }, plan.steps, plan.endpoints).run(stopping.signal);
  const dispose = async (): Promise<void> => {
    stopping.abort();
    await run.catch(() => undefined);
    await claim[Symbol.asyncDispose]();
    if (options.home === undefined) rmSync(home, { recursive: true, force: true });
  };
  try {
    await Promise.race([started, run]);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { config, plan, secrets, [Symbol.asyncDispose]: dispose };
}
