// Control command of backtests: POST /control/fraud/backtest. One at a time, on a connection of its own, with a time limit.

import type { DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import { controlCommand, type ControlCommand } from '../../../infra/runtime/control.ts';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { valueOf, type ParameterValue } from '../parameter.ts';
import { parseRule, type FraudRule } from '../rule-file.ts';
import { backtest, type NamedRun } from './backtest.ts';

const RUNS_MAX = 50;
/** Below the time a caller waits for an answer. */
const TIME_LIMIT_MS = 570_000;
const time = z.iso.datetime({ offset: true });

const runSchema = z.strictObject({
  name: z.string().min(1).max(200),
  rule: z.string().min(1).max(100),
  version: z.number().int().positive().optional(),
  /** Parameters other than their defaults, as texts. */
  set: z.record(z.string(), z.string()).default({}),
  /** Text of a rule file that is not among the rules: a draft. */
  file: z.string().max(100_000).optional(),
});
export const backtestSchema = z
  .strictObject({ runs: z.array(runSchema).min(1).max(RUNS_MAX), from: time, to: time, labels: z.string().min(1).optional() })
  .refine(({ from, to }) => from < to, 'the range is empty')
  .refine(({ runs }) => new Set(runs.map(({ name }) => name)).size === runs.length, 'two runs have the same name');

type Run = z.output<typeof runSchema>;

export function backtestCommands(connect: () => Promise<DuckDBConnection>, rules: readonly FraudRule[]): ControlCommand[] {
  let busy = false;
  return [
    controlCommand('fraud/backtest', backtestSchema, async ({ runs, from, to, labels }) => {
      if (busy) throw new LedgerflowError('LF_FRAUD_BACKTEST_BUSY', 'a backtest is running');
      busy = true;
      try {
        return await limited(connect, (connection, signal) =>
          backtest(connection, { runs: runs.map((run) => namedRun(run, rules)), from, to, labels, signal }),
        );
      } finally {
        busy = false;
      }
    }),
  ];
}

async function limited<T>(
  connect: () => Promise<DuckDBConnection>,
  work: (connection: DuckDBConnection, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const connection = await connect();
  const stop = new AbortController();
  const timer = setTimeout(() => {
    stop.abort();
    connection.interrupt();
  }, TIME_LIMIT_MS);
  try {
    return await work(connection, stop.signal);
  } finally {
    clearTimeout(timer);
    connection.closeSync();
  }
}

/** @throws LedgerflowError LF_USAGE, LF_FRAUD_RULE, LF_FRAUD_PARAMETER */
export function namedRun({ name, rule, version, set, file }: Run, rules: readonly FraudRule[]): NamedRun {
  const known = rules.filter(({ header }) => header.rule === rule && (version === undefined || header.version === version));
  const found = file === undefined ? (known.find(({ header }) => header.status === 'active') ?? known[0]) : parseRule(rule, file);
  if (found === undefined)
    throw new LedgerflowError(
      'LF_USAGE',
      `there is no rule ${rule}${version === undefined ? '' : `@${version}`}; there are ${rules.map(({ header }) => `${header.rule}@${header.version}`).join(', ')}`,
    );
  const parameters = new Map<string, ParameterValue>();
  for (const [key, text] of Object.entries(set)) {
    const parameter = found.parameters.find((each) => each.name === key);
    if (parameter === undefined)
      throw new LedgerflowError(
        'LF_FRAUD_PARAMETER',
        `${rule} has no parameter ${key}; it has ${found.parameters.map((each) => each.name).join(', ')}`,
      );
    parameters.set(key, valueOf(parameter, text));
  }
  return { name, run: { rule: found, parameters } };
}
