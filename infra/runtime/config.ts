// Reads the settings from the environment and ledgerflow.config.json. The only file that reads process.env for settings.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { LedgerflowError, messageOf } from './errors.ts';
import { SETTINGS, type Config, type SettingName } from './settings.ts';

export const CONFIG_FILE = 'ledgerflow.config.json';

/**
 * The effective settings: environment first, then ledgerflow.config.json in `folder`, then defaults.
 * @throws LedgerflowError LF_CONFIG_INVALID naming the setting, the value and what is allowed.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, folder = process.cwd()): Config {
  const file = readConfigFile(folder);
  refuseUnknown(env, file);
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const { env: envName, schema, secret } = SETTINGS[name];
    const raw = env[envName] ?? file[name];
    const parsed = schema.safeParse(raw === '' ? undefined : raw);
    if (!parsed.success) {
      const shown = secret ? '(hidden)' : JSON.stringify(raw);
      throw new LedgerflowError('LF_CONFIG_INVALID', `${envName} is ${shown}: ${parsed.error.issues[0]?.message ?? 'not allowed'}`);
    }
    values[name] = parsed.data;
  }
  if (values['format'] === 'avro' && values['registryUrl'] === undefined)
    throw new LedgerflowError('LF_CONFIG_INVALID', 'LEDGERFLOW_FORMAT is "avro": it needs LEDGERFLOW_REGISTRY_URL');
  if ((values['wireTlsCert'] === undefined) !== (values['wireTlsKey'] === undefined))
    throw new LedgerflowError(
      'LF_CONFIG_INVALID',
      'LEDGERFLOW_WIRE_TLS_CERT and LEDGERFLOW_WIRE_TLS_KEY belong together: set both or neither',
    );
  values['home'] = path.resolve(folder, values['home'] as string);
  return values as Config;
}

/** The environment of this machine (PATH, JAVA_HOME, cache folders …) for finding and starting other programs. Not for settings. */
export function hostEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

function readConfigFile(folder: string): Record<string, unknown> {
  const file = path.join(folder, CONFIG_FILE);
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw new LedgerflowError('LF_CONFIG_INVALID', `${CONFIG_FILE} is not JSON: ${messageOf(error)}`, { where: file, cause: error });
  }
}

function refuseUnknown(env: NodeJS.ProcessEnv, file: Record<string, unknown>): void {
  const known = new Set<string>(Object.values(SETTINGS).map((s) => s.env));
  for (const name of Object.keys(env)) {
    if (name.startsWith('LEDGERFLOW_') && !known.has(name))
      throw new LedgerflowError('LF_CONFIG_INVALID', `unknown setting ${name} in the environment`);
  }
  for (const name of Object.keys(file)) {
    if (!(name in SETTINGS)) throw new LedgerflowError('LF_CONFIG_INVALID', `unknown setting "${name}" in ${CONFIG_FILE}`);
  }
}
