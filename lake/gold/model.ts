// A gold model: one .sql file in models/, a header of comments that states what it is, and one SELECT that defines it.
// The SELECT is the full-rebuild form; `refresh` says how changes reach the table without it (docs/adr on gold).

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { LedgerflowError } from '../../infra/runtime/errors.ts';

export interface ModelColumn {
  readonly name: string;
  readonly type: string;
  /** Looked up by every refresh: bit-packing of wide decimals costs 40 ns a row to read. */
  readonly uncompressed: boolean;
  readonly meaning: string;
}

export interface SilverInput {
  readonly table: string;
  readonly key: readonly string[];
}

/**
 * rows: one output row per input row; changed keys are replaced.
 * sums: additive measures; the changed input rows' contributions are added or taken off.
 * increment: own statements in increments/<model>.sql.
 */
export type RefreshKind = 'rows' | 'sums' | 'increment';

export interface Model {
  readonly name: string;
  readonly description: string;
  readonly grain: string;
  readonly key: readonly string[];
  readonly silverInputs: readonly SilverInput[];
  readonly goldInputs: readonly string[];
  /** Gold models whose state before the refresh the increment reads: this model goes first. */
  readonly uses: readonly string[];
  readonly refresh: RefreshKind;
  /** Additive measures of a `sums` model; the first is the row count, zero of which removes the group. */
  readonly sums: readonly string[];
  readonly order: string | null;
  readonly tieOuts: string;
  readonly columns: readonly ModelColumn[];
  /** The SELECT, over silver.* and gold.*. */
  readonly sql: string;
  /** Statements of increments/<model>.sql, for `increment` models. */
  readonly increment: string | null;
}

const HEADER = /^-- ([a-z ]+): (.*)$/;
const COLUMN = /^-- column (\w+) ([A-Z]+(?:\(\d+,\d+\))?)( uncompressed)?: (.+)$/;
const REQUIRED = ['model', 'description', 'grain', 'key', 'inputs', 'refresh', 'ties to'] as const;

const list = (text: string | undefined): string[] =>
  text === undefined
    ? []
    : text
        .split(/,(?![^(]*\))/)
        .map((part) => part.trim())
        .filter((part) => part !== '');

function invalid(name: string, problem: string): LedgerflowError {
  return new LedgerflowError('LF_GOLD_MODEL', `the model file is not valid: ${problem}`, { where: `lake/gold/models/${name}.sql` });
}

/**
 * Parses one model file.
 * @throws LedgerflowError LF_GOLD_MODEL naming what the header lacks.
 */
export function parseModel(name: string, text: string, increment: string | null): Model {
  const header = new Map<string, string>();
  const columns: ModelColumn[] = [];
  const body: string[] = [];
  for (const line of text.split('\n')) {
    const column = COLUMN.exec(line);
    const field = HEADER.exec(line);
    if (column !== null) {
      columns.push({ name: column[1] ?? '', type: column[2] ?? '', uncompressed: column[3] !== undefined, meaning: column[4] ?? '' });
    } else if (body.length === 0 && field !== null) {
      header.set(field[1] ?? '', field[2] ?? '');
    } else if (body.length > 0 || !line.startsWith('--')) {
      body.push(line);
    } else {
      throw invalid(name, `header line not understood: ${line}`);
    }
  }
  for (const field of REQUIRED) if (!header.has(field)) throw invalid(name, `"-- ${field}: …" is missing`);
  if (header.get('model') !== name) throw invalid(name, 'its name and its file name differ');
  if (columns.length === 0) throw invalid(name, 'no "-- column <name> <TYPE>: …" lines');
  const refresh = header.get('refresh') as RefreshKind;
  if (!['rows', 'sums', 'increment'].includes(refresh)) throw invalid(name, `refresh: ${refresh} is none of rows, sums, increment`);
  if (refresh === 'increment' && increment === null) throw invalid(name, `increments/${name}.sql is missing`);
  const inputs = list(header.get('inputs'));
  return {
    name,
    description: header.get('description') ?? '',
    grain: header.get('grain') ?? '',
    key: list(header.get('key')),
    silverInputs: inputs.filter((input) => input.startsWith('silver.')).map((input) => parseSilverInput(name, input)),
    goldInputs: inputs.filter((input) => input.startsWith('gold.')).map((input) => input.slice('gold.'.length)),
    uses: list(header.get('uses')).map((used) => used.replace(/^gold\./, '')),
    refresh,
    sums: list(header.get('sums')),
    order: header.get('order') ?? null,
    tieOuts: header.get('ties to') ?? '',
    columns,
    sql: body.join('\n').trim(),
    increment,
  };
}

function parseSilverInput(model: string, text: string): SilverInput {
  const match = /^silver\.(\w+)\((.+)\)$/.exec(text);
  if (match === null) throw invalid(model, `input ${text} must name its key: silver.table(key, …)`);
  return { table: match[1] ?? '', key: list(match[2]) };
}

/** Models of a folder (models/*.sql, increments/*.sql) in an order in which each comes after its inputs and before those whose state it uses. */
export function loadModels(folder: string = import.meta.dirname): Model[] {
  const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8');
  const increments = new Map(
    readdirSync(path.join(folder, 'increments')).map((file) => [file.replace(/\.sql$/, ''), read(path.join('increments', file))]),
  );
  const files = readdirSync(path.join(folder, 'models')).filter((file) => file.endsWith('.sql'));
  const models = files.map((file) => {
    const name = file.replace(/\.sql$/, '');
    return parseModel(name, read(path.join('models', file)), increments.get(name) ?? null);
  });
  return inOrder(models);
}

/** Depth-first order; a model waits for its inputs and for the models that use its earlier state. */
export function inOrder(models: readonly Model[]): Model[] {
  const byName = new Map(models.map((model) => [model.name, model]));
  const done: Model[] = [];
  const visit = (model: Model, path: readonly string[]): void => {
    if (done.includes(model)) return;
    if (path.includes(model.name)) throw invalid(model.name, `its inputs form a circle: ${[...path, model.name].join(' -> ')}`);
    const users = models.filter((other) => other.uses.includes(model.name)).map((other) => other.name);
    for (const name of [...model.goldInputs, ...users]) {
      const before = byName.get(name);
      if (before === undefined) throw invalid(model.name, `its input gold.${name} is no model`);
      visit(before, [...path, model.name]);
    }
    done.push(model);
  };
  for (const model of [...models].sort((a, b) => a.name.localeCompare(b.name))) visit(model, []);
  return done;
}
