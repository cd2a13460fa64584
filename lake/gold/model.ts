// A gold model: one .sql file in models/, a header of comments that states what it is, and one SELECT that defines it.
// The SELECT is the full-rebuild form; `refresh` says how changes reach readers without it (docs/adr/0005).

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
 * rows: a table with one row per row of its one silver input; changed keys are replaced.
 * sums: additive measures by key over one `rows` model; changes of its rows are added at once by a view, and settled in the background.
 * view: a SELECT over other models, computed when it is read.
 * turn: a table that is brought up to date on a turn of its own behind the commits (turn.ts), by changed groups where it declares them.
 * history: a table of every state the rows of its one silver input had (history.ts), brought up to date on the same turns.
 */
export type RefreshKind = 'rows' | 'sums' | 'view' | 'turn' | 'history';

/**
 * `customer_id of fct_transactions, customer_days`: a changed row of the first one touches the group it names; all of them are restricted to
 * touched groups. `touched by: device_attributes`: changed rows of these `rows` models touch groups too.
 */
export interface Groups {
  readonly column: string;
  /** The first one, and those of `touched by`. */
  readonly facts: readonly string[];
  readonly inputs: readonly string[];
}

/** `opening, closing of net over account_id, currency by day`: a running total of an additive measure. */
export interface Running {
  readonly opening: string;
  readonly closing: string;
  readonly of: string;
  readonly over: readonly string[];
  readonly by: string;
}

export interface Model {
  readonly name: string;
  readonly description: string;
  readonly grain: string;
  readonly key: readonly string[];
  readonly silverInputs: readonly SilverInput[];
  readonly goldInputs: readonly string[];
  readonly refresh: RefreshKind;
  /** Additive measures of a `sums` model; the first is the row count, zero of which removes the group. */
  readonly sums: readonly string[];
  /** Columns of a `sums` model that the runner adds to its SELECT. */
  readonly running: Running | null;
  /** Groups of a `turn` model that can be recomputed alone. */
  readonly groups: Groups | null;
  readonly order: string | null;
  /** False: kept out of the published lake, because it is many rows that follow from published ones. */
  readonly published: boolean;
  readonly tieOuts: string;
  readonly columns: readonly ModelColumn[];
  /** The SELECT, over silver.* and gold.*. */
  readonly sql: string;
}

const KINDS: readonly RefreshKind[] = ['rows', 'sums', 'view', 'turn', 'history'];
const HEADER = /^-- ([a-z ]+): (.*)$/;
const RUNNING = /^(\w+), (\w+) of (\w+) over (.+) by (\w+)$/;
const GROUPS = /^(\w+) of ((\w+)(?:, \w+)*)$/;
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
export function parseModel(name: string, text: string): Model {
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
  if (!KINDS.includes(refresh)) throw invalid(name, `refresh: ${refresh} is none of ${KINDS.join(', ')}`);
  const inputs = list(header.get('inputs'));
  return verified({
    name,
    description: header.get('description') ?? '',
    grain: header.get('grain') ?? '',
    key: list(header.get('key')),
    silverInputs: inputs.filter((input) => input.startsWith('silver.')).map((input) => parseSilverInput(name, input)),
    goldInputs: inputs.filter((input) => input.startsWith('gold.')).map((input) => input.slice('gold.'.length)),
    refresh,
    sums: list(header.get('sums')),
    running: parseRunning(name, header.get('running')),
    groups: parseGroups(name, header.get('groups'), list(header.get('touched by'))),
    order: header.get('order') ?? null,
    published: header.get('published') !== 'no',
    tieOuts: header.get('ties to') ?? '',
    columns,
    sql: body.join('\n').trim(),
  });
}

function parseRunning(model: string, text: string | undefined): Running | null {
  if (text === undefined) return null;
  const [, opening = '', closing = '', of = '', over = '', by = ''] = RUNNING.exec(text) ?? [];
  if (by === '') throw invalid(model, 'running must read: <opening>, <closing> of <sum> over <key, …> by <key>');
  return { opening, closing, of, over: list(over), by };
}

function parseGroups(model: string, text: string | undefined, also: readonly string[]): Groups | null {
  if (text === undefined) return null;
  const [, column = '', inputs = '', fact = ''] = GROUPS.exec(text) ?? [];
  if (fact === '') throw invalid(model, 'groups must read: <column> of <rows model>[, <model> …]');
  return { column, facts: [fact, ...also], inputs: list(inputs) };
}

/** What each kind of model needs so that the runner can keep it. */
function verified(model: Model): Model {
  const { name, refresh, silverInputs, goldInputs, sums, running, key } = model;
  if ((refresh === 'rows' || refresh === 'history') && (silverInputs.length !== 1 || goldInputs.length > 0))
    throw invalid(name, `${refresh} needs one silver input`);
  if ((refresh === 'view' || refresh === 'turn') && silverInputs.length > 0)
    throw invalid(name, 'a view reads gold only: silver may be ahead of it');
  if (refresh === 'sums' && (goldInputs.length !== 1 || silverInputs.length > 0)) throw invalid(name, 'sums needs one gold input');
  if (refresh === 'sums' && sums.length === 0) throw invalid(name, '"-- sums: …" is missing');
  if (running !== null && [...running.over, running.by].sort().join() !== [...key].sort().join())
    throw invalid(name, 'the columns of running must be the key');
  return model;
}

function parseSilverInput(model: string, text: string): SilverInput {
  const match = /^silver\.(\w+)\((.+)\)$/.exec(text);
  if (match === null) throw invalid(model, `input ${text} must name its key: silver.table(key, …)`);
  return { table: match[1] ?? '', key: list(match[2]) };
}

/** Models of a folder in an order in which each comes after its inputs. */
export function loadModels(folder: string = path.join(import.meta.dirname, 'models')): Model[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.sql'));
  return inOrder(files.map((file) => parseModel(file.replace(/\.sql$/, ''), readFileSync(path.join(folder, file), 'utf8'))));
}

/** Depth-first order: a model comes after its inputs. */
export function inOrder(models: readonly Model[]): Model[] {
  const byName = new Map(models.map((model) => [model.name, model]));
  const done: Model[] = [];
  const visit = (model: Model, path: readonly string[]): void => {
    if (done.includes(model)) return;
    if (path.includes(model.name)) throw invalid(model.name, `its inputs form a circle: ${[...path, model.name].join(' -> ')}`);
    for (const name of model.goldInputs) {
      const before = byName.get(name);
      if (before === undefined) throw invalid(model.name, `its input gold.${name} is no model`);
      if (model.refresh === 'sums' && before.refresh !== 'rows')
        throw invalid(model.name, `sums needs a rows model, and gold.${name} is none`);
      visit(before, [...path, model.name]);
    }
    done.push(model);
  };
  for (const model of [...models].sort((a, b) => a.name.localeCompare(b.name))) visit(model, []);
  return done;
}
