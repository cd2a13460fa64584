// The settings a client may SET and SHOW. Few of them change anything; all of them can be read back. DuckDB's own settings are out of reach.

import { SqlFailure } from './failures.ts';

export const SERVER_VERSION = '14.0';
const SERVER_VERSION_NUM = '140000';

interface SettingRule {
  readonly initial: string;
  /** Told to the client whenever it changes. */
  readonly reported?: boolean;
  /** Cannot be SET. */
  readonly fixed?: boolean;
  /** What PostgreSQL calls it where that is not all lower case. */
  readonly name?: string;
}

const SETTINGS: Readonly<Record<string, SettingRule>> = {
  server_version: { initial: SERVER_VERSION, reported: true, fixed: true },
  server_version_num: { initial: SERVER_VERSION_NUM, fixed: true },
  server_encoding: { initial: 'UTF8', reported: true, fixed: true },
  client_encoding: { initial: 'UTF8', reported: true },
  application_name: { initial: '', reported: true },
  is_superuser: { initial: 'off', reported: true, fixed: true },
  session_authorization: { initial: '', reported: true, fixed: true },
  datestyle: { initial: 'ISO, MDY', reported: true, name: 'DateStyle' },
  intervalstyle: { initial: 'postgres', reported: true, name: 'IntervalStyle' },
  timezone: { initial: 'UTC', reported: true, name: 'TimeZone' },
  integer_datetimes: { initial: 'on', reported: true, fixed: true },
  standard_conforming_strings: { initial: 'on', reported: true },
  default_transaction_read_only: { initial: 'on', reported: true },
  in_hot_standby: { initial: 'off', reported: true, fixed: true },
  transaction_read_only: { initial: 'on' },
  transaction_isolation: { initial: 'repeatable read' },
  default_transaction_isolation: { initial: 'repeatable read' },
  search_path: { initial: 'gold, silver, bronze, ops' },
  statement_timeout: { initial: '0' },
  lock_timeout: { initial: '0' },
  idle_in_transaction_session_timeout: { initial: '0' },
  extra_float_digits: { initial: '1' },
  bytea_output: { initial: 'hex' },
  client_min_messages: { initial: 'notice' },
  max_identifier_length: { initial: '63', fixed: true },
  max_index_keys: { initial: '32', fixed: true },
  block_size: { initial: '8192', fixed: true },
  lc_collate: { initial: 'C', fixed: true },
  lc_ctype: { initial: 'C', fixed: true },
  row_security: { initial: 'on' },
  jit: { initial: 'off' },
  synchronize_seqscans: { initial: 'on' },
  xmloption: { initial: 'content' },
  'ledgerflow.as_of': { initial: '' },
  'ledgerflow.min_gtid': { initial: '' },
};

/** Values that alone are understood, where PostgreSQL allows more. */
const ONLY: Readonly<Record<string, RegExp>> = {
  client_encoding: /^(utf-?8|unicode|sql_ascii)$/i,
  datestyle: /^iso\b/i,
  intervalstyle: /^postgres$/i,
  standard_conforming_strings: /^(on|true|1|yes)$/i,
  bytea_output: /^hex$/i,
  default_transaction_read_only: /^(on|true|1|yes)$/i,
  transaction_read_only: /^(on|true|1|yes)$/i,
};

export class SessionSettings {
  readonly #values = new Map<string, string>();
  readonly #startup = new Map<string, string>();

  constructor(user: string) {
    for (const [name, { initial }] of Object.entries(SETTINGS)) this.#startup.set(name, initial);
    this.#startup.set('session_authorization', user);
  }

  /** A value given when the connection started: RESET comes back to it. Unknown names are kept but mean nothing. */
  start(name: string, value: string): void {
    if (SETTINGS[name]?.fixed !== true) this.#startup.set(name, checked(name, value));
  }

  get(name: string): string | undefined {
    return this.#values.get(name) ?? this.#startup.get(name);
  }

  /** @throws SqlFailure 42704 when no such setting exists. */
  show(name: string): string {
    const value = this.get(name);
    if (value === undefined) throw new SqlFailure('42704', `unrecognized configuration parameter "${name}"`);
    return value;
  }

  /** Sets a value, or goes back to the initial one. Settings of DuckDB and unknown ones are refused. */
  set(name: string, value: string | undefined): void {
    const rule = SETTINGS[name];
    if (rule === undefined && !name.includes('.')) {
      throw new SqlFailure('42704', `unrecognized configuration parameter "${name}"`, {
        hint: 'Settings of the database engine cannot be changed through this endpoint.',
      });
    }
    if (rule?.fixed === true) throw new SqlFailure('55P02', `parameter "${displayName(name)}" cannot be changed`);
    if (value === undefined) this.#values.delete(name);
    else this.#values.set(name, checked(name, value));
  }

  resetAll(): void {
    this.#values.clear();
  }

  /** Names and values the client is told at start. */
  reported(): [string, string][] {
    return Object.keys(SETTINGS)
      .filter((name) => SETTINGS[name]?.reported === true)
      .map((name) => [displayName(name), this.get(name) ?? '']);
  }

  isReported(name: string): boolean {
    return SETTINGS[name]?.reported === true;
  }

  /** All settings, for SHOW ALL and current_setting(). */
  all(): [string, string][] {
    return [...new Set([...this.#startup.keys(), ...this.#values.keys()])].sort().map((name) => [displayName(name), this.get(name) ?? '']);
  }
}

export function displayName(name: string): string {
  return SETTINGS[name]?.name ?? name;
}

function checked(name: string, value: string): string {
  if (ONLY[name]?.test(value) === false) throw new SqlFailure('22023', `invalid value for parameter "${displayName(name)}": "${value}"`);
  return name === 'client_encoding' ? 'UTF8' : value;
}

/** Milliseconds of a time setting such as `5000`, `5s`, `1min`; 0 means no limit of the client's own. */
export function millisecondsOf(text: string): number {
  const match = /^\s*(\d+)\s*(us|ms|s|min|h|d)?\s*$/.exec(text);
  if (match === null) throw new SqlFailure('22023', `"${text}" is not a length of time`);
  const unit = { us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] ?? 'ms'] ?? 1;
  return Number(match[1]) * unit;
}
