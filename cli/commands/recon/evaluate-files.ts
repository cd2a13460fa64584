// Two files and their labels: matched in a DuckDB of their own that spills to a temporary folder, and what came out as tables.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { InvalidArgumentError } from 'commander';
import { loadConfig } from '../../../infra/runtime/config.ts';
import { evaluatePair, type PairEvaluation, type Quality } from '../../../stream/recon/evaluate/evaluate-pair.ts';
import { ROLES, type PairColumns, type Role } from '../../../stream/recon/evaluate/pair-columns.ts';
import type { PairFile } from '../../../stream/recon/evaluate/pair-file.ts';
import type { Side } from '../../../stream/recon/match/row.ts';
import { Sources } from '../../../stream/recon/run/source.ts';
import { printJson, printLine } from '../../support/output.ts';
import { renderTable, type Column } from '../../support/table.ts';

export interface FilesOptions {
  readonly external: string;
  readonly internal: string;
  readonly labels?: string;
  readonly truthColumn?: string;
  readonly map?: string;
  readonly rules?: string;
}

const MEMORY = '1GB';

/** @throws LedgerflowError LF_RECON_FILE, LF_RECON_COLUMNS, LF_RECON_SOURCE */
export async function evaluateFiles(options: FilesOptions, json: boolean): Promise<void> {
  const { external, internal, labels, truthColumn, map, rules } = options;
  const sources = new Sources(loadConfig().home);
  const spill = mkdtempSync(path.join(tmpdir(), 'lf-evaluate-'));
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: MEMORY, temp_directory: spill });
  const connection = await instance.connect();
  try {
    const found = await evaluatePair(connection, {
      ...{ external, internal, labels: labels ?? null, truthColumn: truthColumn ?? null, told: toldColumns(map) },
      rules: { withNumbers: sources.rulesOf(rules ?? 'default'), withoutNumbers: sources.rulesOf(rules ?? 'payments') },
    });
    if (json) printJson(found);
    else print(found);
  } finally {
    connection.closeSync();
    instance.closeSync();
    rmSync(spill, { recursive: true, force: true });
  }
}

/** `date=posted,internal.amount=value`; a role without a side is of both. */
export function toldColumns(map: string | undefined): Record<Side, Map<Role, string>> {
  const told = { external: new Map<Role, string>(), internal: new Map<Role, string>() };
  for (const part of (map ?? '').split(',').filter((text) => text !== '')) {
    const [, side, role, column] = /^(?:(external|internal)\.)?([a-z]+)=(.+)$/.exec(part.trim()) ?? [];
    if (column === undefined || !ROLES.includes(role as Role))
      throw new InvalidArgumentError(`--map has ${part}; it takes role=column with the roles ${ROLES.join(', ')}`);
    for (const each of ['external', 'internal'] as const) if (side === undefined || side === each) told[each].set(role as Role, column);
  }
  return told;
}

function print(found: PairEvaluation): void {
  const { external, internal, signs, numbers, rules, truePairs, confirmed, confirmedAndSuggested, thresholds, tiers } = found;
  printLine(fileLine('external', external));
  printLine(fileLine('internal', internal));
  printLine(`Numbers ${numbers.used ? 'tie rows' : 'do not tie rows'}: ${numbers.why}. Amounts: ${signs}. Rule set: ${rules}.`);
  printLine(`Pairs that belong together: ${truePairs}. Matched by tier: ${JSON.stringify(tiers)}.`);
  const row = (what: string, { pairs, right, precision, recall, f1 }: Quality): string[] => [what, String(pairs), String(right), ...[precision, recall, f1].map((it) => it.toFixed(4))]; // prettier-ignore
  const columns = ['what', 'pairs', 'right', 'precision', 'recall', 'F1'].map((name): Column => ({ name, align: name === 'what' ? 'left' : 'right' })); // prettier-ignore
  printLine(
    renderTable(columns, [
      row('confirmed', confirmed),
      row('confirmed and suggested', confirmedAndSuggested),
      ...thresholds.map(({ score, ...each }) => row(`score from ${score}`, each)),
    ]),
  );
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;
  printLine(
    `Read ${seconds(found.readMs)}, matched ${seconds(found.matchMs)}, CPU ${seconds(found.cpuMs)}, ${found.peakRssMiB} MiB at most.`,
  );
  printLine(`One exact join of the same rows: ${seconds(found.exactJoinMs)}; matching took ${found.ratio.toFixed(0)} times as long.`);
}

function fileLine(side: Side, { file, rows, unreadable, columns }: PairFile): string {
  const left = unreadable === 0 ? '' : `, ${unreadable} left out for want of a date or an amount`;
  return `${side} ${file}: ${rows} rows${left}; ${columnsText(columns)}`;
}

function columnsText({ id, date, money, currency, texts }: PairColumns): string {
  const amount = 'credit' in money ? `${money.credit} less ${money.debit}` : [money.amount, money.direction].filter(Boolean).join(' by ');
  return `id ${id ?? 'none'}, date ${date}, amount ${amount}, currency ${currency ?? 'one for all'}, text ${texts.join(' and ') || 'none'}`;
}
