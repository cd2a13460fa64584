// What `ledgerflow generate --history` and `--to` do and print: the seeded world in MySQL, through the bank API, live, or as files.

import type { BankLogin } from '../../bank/generator/connect.ts';
import { writeWorld } from '../../bank/generator/files/write-world.ts';
import { goLive, historyThroughApi, type LiveOptions, type LiveSummary } from '../../bank/generator/live/go-live.ts';
import { generateSeeded, openSeeded, type SeededOptions, type SeededProgress, type SeededSummary } from '../../bank/generator/seeded.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { printLine, printNote } from '../support/output.ts';
import { stopSignal } from '../support/stop-signal.ts';

export interface WorldOptions {
  readonly customers: number;
  readonly seed: number;
  readonly until?: number;
  readonly fraudRate: number;
  readonly faultRate: number;
  readonly breakRate: number;
  readonly truthDir?: string;
  readonly statements?: string;
  readonly json?: boolean;
}

const DAY_MS = 86_400_000;

/** A world of files needs no server: only the plan, the disk and DuckDB. */
export async function writeFiles({
  to: directory,
  ...options
}: WorldOptions & { readonly history?: number; readonly format: 'parquet' | 'csv'; readonly to: string }): Promise<void> {
  if (options.history === undefined) throw new LedgerflowError('LF_USAGE', '--to needs --history <months>: how much of the world to write');
  const { customers, seed, format, fraudRate, faultRate, breakRate, history: months } = options;
  const untilMs = options.until ?? Math.floor(Date.now() / DAY_MS) * DAY_MS;
  printNote(`writing ${months} months of ${customers} customers to ${directory}`);
  const started = performance.now();
  const written = await writeWorld({
    ...{ directory, format, seed, customers, months, untilMs, fraudRate, faultRate, breakRate },
    signal: stopSignal(),
    onProgress: ({ movements, share: done }) => printNote(`${(done * 100).toFixed(0)} %: ${movements} transactions`),
  });
  if (options.json === true) {
    printLine(JSON.stringify(written));
    return;
  }
  for (const [table, { rows }] of Object.entries(written.tables)) printLine(`${table}: ${rows}`);
  printLine(
    `${written.from} to ${written.until}, ${written.statementFiles} statements, ${((performance.now() - started) / 1_000).toFixed(1)} s`,
  );
}

export interface HistoryCommand extends WorldOptions {
  readonly months: number;
  readonly login: BankLogin;
  readonly via: 'sql' | 'api';
  readonly apiUrl: string;
  readonly apiKey?: string;
  /** Live afterwards: movements a second, and seconds. */
  readonly goesLive: boolean;
  readonly rate: number;
  readonly duration: number;
}

export async function writeHistory(command: HistoryCommand): Promise<void> {
  const { login, customers, months, via, apiUrl, apiKey, goesLive, rate, duration } = command;
  const { seed, fraudRate, faultRate, breakRate, truthDir, statements, until } = command;
  const signal = stopSignal();
  const options: Omit<SeededOptions, 'onProgress'> = {
    ...login,
    ...{ customers, seed, months, untilMs: until, fraudRate, faultRate, breakRate, signal },
    ...{ truthDirectory: truthDir, statementsDirectory: statements },
  };
  const api = via === 'api' ? { url: apiUrl, serviceKey: apiKey } : undefined;
  if (api !== undefined && (truthDir ?? statements) !== undefined)
    throw new LedgerflowError('LF_USAGE', '--truth-dir and --statements name transaction ids of the plan: they need --via sql');
  const live = async (): Promise<LiveOptions> => ({
    ...login,
    ...(await openSeeded(options)),
    key: options,
    api,
    signal,
    onProgress: liveNote,
  });
  const place = api === undefined ? `${login.host}:${login.port}/${login.database}` : api.url;
  printNote(`writing ${months} months of ${customers} customers to ${place}`);
  if (api === undefined) print(command, await generateSeeded({ ...options, onProgress: historyNote }), historyText);
  else {
    const opened = await live();
    if (!opened.record.loaded) print(command, await historyThroughApi({ ...opened, api }), liveText);
  }
  if (!goesLive || signal.aborted) return;
  printNote(`going live: ${rate} movements/s for ${duration} s`);
  print(command, await goLive({ ...(await live()), rate, durationMs: duration * 1_000 }), liveText);
}

function historyNote({ movements, perSecond, share: done, secondsLeft }: SeededProgress): void {
  printNote(`${(done * 100).toFixed(0)} %: ${movements} transactions, ${perSecond.toFixed(0)}/s, ${secondsLeft.toFixed(0)} s left`);
}

function liveNote({ done, refused, atMs }: { done: number; refused: number; atMs: number }): void {
  if (atMs > 0) printNote(`${done} done, ${refused} refused, the world's clock is at ${new Date(atMs).toISOString()}`);
}

function print<T>({ json }: WorldOptions, summary: T, text: (summary: T) => string): void {
  printLine(json === true ? JSON.stringify(summary) : text(summary));
}

function liveText({ done, refused, worldClock, seconds }: LiveSummary): string {
  return `${done} done, ${refused} refused in ${seconds.toFixed(1)} s (${(done / seconds).toFixed(1)}/s); the world's clock: ${worldClock ?? 'where it was'}`;
}

function historyText(summary: SeededSummary): string {
  const { posted, pending, failed, seconds } = summary;
  const transactions = posted + pending + failed;
  return [
    `world: ${summary.customers} customers, ${summary.accounts} accounts, ${summary.merchants} merchants (seed ${summary.seed})`,
    `history: ${summary.from} to ${summary.until}`,
    `transactions: ${transactions} in ${seconds.toFixed(1)} s (${(transactions / seconds).toFixed(0)}/s)`,
    `  posted ${posted}, pending ${pending}, failed ${failed}`,
  ].join('\n');
}
