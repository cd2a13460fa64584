// `ledgerflow lineage`: where a column of gold comes from, down to the topic and the column in MySQL, or what is made of a column.

import { DuckDBInstance } from '@duckdb/node-api';
import type { Command } from 'commander';
import { tableTopic, type TopicScheme } from '../../cdc/connector/topic-names.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { LineageGraph } from '../../lake/gold/lineage-graph.ts';
import { loadModels } from '../../lake/gold/model.ts';
import { printJson, printLine } from '../support/output.ts';

const HELP = `
A column is written <table.column>: a model of gold, silver.<table>.<column>, or a table of the bank (bank.<table>.<column>).
".*" stands for the rows of a table: what a count counts. What a model only filters by is not an origin.

Examples:
  $ ledgerflow lineage monthly_revenue.net
  $ ledgerflow lineage gold.budgets.used_percent --json
  $ ledgerflow lineage bank.transactions.amount --downstream`;

interface Options {
  readonly downstream?: boolean;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command('lineage')
    .description('Show where a column comes from, down to its topic and MySQL column.')
    .argument('<table.column>')
    .option('--downstream', 'the other way: which columns of gold are made of it')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action((column: string, options: Options) => show(column, options));
}

async function show(asked: string, options: Options): Promise<void> {
  const config = loadConfig();
  const scheme = { prefix: config.topicPrefix, database: config.mysqlDatabase };
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const graph = await LineageGraph.read(connection, loadModels()).finally(() => {
    connection.closeSync();
    instance.closeSync();
  });
  const column = columnNamed(asked, graph, scheme.database);
  const next = (each: string): string[] => (options.downstream === true ? graph.into(each) : graph.from(each));
  if (options.json === true) {
    const sources = (column.startsWith('silver.') ? [column] : graph.captured(column)).map((each) => sourceOf(each, scheme));
    const found = options.downstream === true ? { downstream: graph.downstream(column) } : { from: graph.from(column), sources };
    printJson({ column, ...found });
    return;
  }
  printLine(column);
  tree({ column, next, scheme, source: options.downstream !== true }, '  ', new Set([column]));
}

/** @throws LedgerflowError LF_USAGE when no model has or reads such a column */
function columnNamed(asked: string, graph: LineageGraph, database: string): string {
  const parts = asked.split('.');
  const [schema, ...rest] = parts.length === 2 ? ['gold', ...parts] : parts;
  const column = [schema === database ? 'silver' : schema, ...rest].join('.');
  if (graph.has(column)) return column;
  throw new LedgerflowError('LF_USAGE', `no model of gold has or reads the column ${column}; docs/data-dictionary.md lists them all`);
}

interface Walk {
  readonly column: string;
  readonly next: (column: string) => readonly string[];
  readonly scheme: TopicScheme;
  /** Whether captured columns are followed to MySQL. */
  readonly source: boolean;
}

/** A column that has been shown is named again, without what is behind it. */
function tree(walk: Walk, indent: string, shown: Set<string>): void {
  for (const column of walk.next(walk.column)) {
    const known = shown.has(column);
    const origin = walk.source && column.startsWith('silver.') ? originText(column, walk.scheme) : '';
    printLine(`${indent}${column}${origin}${known && walk.next(column).length > 0 ? '  (see above)' : ''}`);
    shown.add(column);
    if (!known) tree({ ...walk, column }, `${indent}  `, shown);
  }
}

function originText(column: string, scheme: TopicScheme): string {
  const { topic, field, mysql } = sourceOf(column, scheme);
  return `  <- topic ${topic}, ${field} <- MySQL ${mysql}`;
}

function sourceOf(column: string, scheme: TopicScheme): { silver: string; topic: string; field: string; mysql: string } {
  const [, table = '', name = ''] = column.split('.');
  const field = name === '*' ? 'every message' : `after.${name}`;
  return { silver: column, topic: tableTopic(scheme, table), field, mysql: `${scheme.database}.${table}.${name}` };
}
