// docs/data-dictionary.md, made from gold's models: grain, columns, types, meaning, inputs, and the way back to topic and MySQL column.

import { DuckDBInstance } from '@duckdb/node-api';
import { loadChecks } from '../../lake/checks/check.ts';
import { LineageGraph } from '../../lake/gold/lineage-graph.ts';
import { loadModels, type Model, type RefreshKind } from '../../lake/gold/model.ts';
import { WRITTEN, writtenTables, type WrittenTable } from './written-tables.ts';

const DATABASE = 'bank';
const TOPIC_PREFIX = 'bank_server';

const KINDS: Readonly<Record<RefreshKind, string>> = {
  rows: 'table, one row per row of its captured table; in step at every commit',
  sums: 'sums, in step at every commit',
  view: 'view, computed when it is read',
  turn: 'table, brought up to date on turns of its own behind the commits (its cut: `ops.gold_turns`)',
  history: 'table of states (SCD2), brought up to date on turns of its own behind the commits (its cut: `ops.gold_turns`)',
};

export async function dictionaryPage(): Promise<string> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const models = loadModels().sort((a, b) => a.name.localeCompare(b.name));
    const graph = await LineageGraph.read(connection, models);
    return [
      '# Data dictionary of gold',
      '',
      '<!-- Written by `npm run docs` from lake/gold/models; do not edit. -->',
      '',
      `Every table and view of schema \`gold\`, from the headers of \`lake/gold/models/*.sql\`. "From" names the columns in MySQL (database \`${DATABASE}\`)`,
      `that a value is made of; the topic of a table \`t\` is \`${TOPIC_PREFIX}.${DATABASE}.t\`, its field \`after.<column>\`, its lake table \`silver.t\`. \`*\` stands for the`,
      'rows of a table: what a count counts. What a model only filters by is not an origin. `ledgerflow lineage <table.column>` shows every step between.',
      '',
      ...models.map(({ name, description }) => `- [${name}](#${name}): ${description}`),
      '',
      '```mermaid',
      'flowchart LR',
      ...models.flatMap(edges),
      '```',
      '',
      ...models.flatMap((model) => section(model, graph)),
      ...(await written()),
    ].join('\n');
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** What no model makes. */
async function written(): Promise<string[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const intro = [
      '## Written by jobs and commands',
      '',
      'These come from no model; each names what writes it, and its columns with their types.',
      '',
    ];
    return [...intro, ...(await writtenTables(connection)).flatMap(writtenSection)];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function writtenSection({ name, columns }: WrittenTable): string[] {
  const { holds = '', grain = '', by = '' } = WRITTEN[name] ?? {};
  const listed = columns.map((column) => `\`${column.name}\` ${column.type}`).join(', ');
  return [`### ${name}`, '', `One row per ${grain}: ${holds}. Written by ${by}.`, '', `${listed}.`, ''];
}

function edges({ name, silverInputs, goldInputs }: Model): string[] {
  return [
    ...silverInputs.map(({ table }) => `  mysql_${table}[(${table})] --> ${name}`),
    ...goldInputs.map((input) => `  ${input} --> ${name}`),
  ];
}

function section(model: Model, graph: LineageGraph): string[] {
  const { name, description, grain, key, refresh, tieOuts, columns, published } = model;
  const inputs = [
    ...model.silverInputs.map(({ table }) => `\`silver.${table}\``),
    ...model.goldInputs.map((input) => `[${input}](#${input})`),
  ];
  const checks = loadChecks().filter((check) => check.model === name);
  return [
    `## ${name}`,
    '',
    description,
    '',
    `- Grain: ${grain}. Key: ${key.map((column) => `\`${column}\``).join(', ')}.`,
    `- Kind: ${KINDS[refresh]}.${published ? '' : ' Not in the published lake: it follows from what is.'}`,
    `- Inputs: ${inputs.length === 0 ? 'none' : inputs.join(', ')}.`,
    `- Ties to: ${tieOuts}.`,
    ...checks.map((check) => `- Check \`${check.name}\` (${check.severity}): ${check.expected}.`),
    '',
    '| Column | Type | Meaning | From |',
    '| --- | --- | --- | --- |',
    ...columns.map(
      (column) => `| \`${column.name}\` | ${column.type} | ${cell(column.meaning)} | ${origins(`gold.${name}.${column.name}`, graph)} |`,
    ),
    '',
  ];
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

function origins(column: string, graph: LineageGraph): string {
  const found = graph.captured(column).map((each) => each.replace('silver.', ''));
  return found.length === 0 ? '' : found.map((each) => `\`${each}\``).join(', ');
}
