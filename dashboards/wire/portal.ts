// A running statement and its rows on their way to the client: streamed chunk by chunk, whole or in portions, never held as a whole.

import type { DuckDBDataChunk, DuckDBPreparedStatement, DuckDBResult, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import type { Turn } from './turn.ts';
import { binaryEncoder } from './encode-binary.ts';
import { textEncoder } from './encode-text.ts';
import { SqlFailure } from './failures.ts';
import type { Outlet } from './outlet.ts';
import { pgTypeOf, type PgColumn } from './types.ts';

export type Encoder = (value: DuckDBValue) => string | Uint8Array;
export type Progress = 'done' | 'suspended';

/** Where one row goes: a DataRow message or a line of COPY. */
export type RowWriter = (out: Outlet, rows: Rows, row: number) => void;

/** A chunk's values, column by column: building row arrays would cost more than sending them. */
export interface Rows {
  readonly columns: readonly (readonly DuckDBValue[])[];
  readonly encoders: readonly Encoder[];
}

export interface PortalSource {
  readonly statement: DuckDBPreparedStatement;
  /** Throws when the rows that came were not all there are. */
  readonly verifyComplete: () => Promise<void>;
  /** Binds the statement's parameters; called right before it runs. */
  readonly bind: (statement: DuckDBPreparedStatement) => void;
  readonly columns: readonly PgColumn[];
  /** 0 text, 1 binary; one for all columns, or one each; none means text. */
  readonly formats: readonly number[];
  readonly rowsMax: number;
}

export function formatOf(formats: readonly number[], column: number): number {
  return (formats.length === 1 ? formats[0] : formats[column]) ?? 0;
}

export const dataRow: RowWriter = ({ messages }, { columns, encoders }, row) => {
  messages.begin('D').int16(columns.length);
  for (let column = 0; column < columns.length; column += 1) {
    const value = columns[column]?.[row] ?? null;
    const encode = encoders[column];
    messages.value(value === null || encode === undefined ? null : encode(value));
  }
  messages.end();
};

/** Rows of an unfinished result that are kept in memory when another statement comes in between. */
const ASIDE_ROWS_MAX = 50_000;
const NO_ROWS: Rows = { columns: [], encoders: [] };

export class Portal {
  readonly source: PortalSource;
  rowsSent = 0;
  #result: DuckDBResult | undefined;
  #encoders: readonly Encoder[] = [];
  #rows: Rows = NO_ROWS;
  #row = 0;
  #rowCount = 0;
  #rowsFetched = 0;
  /** Chunks read ahead by setAside. */
  #aside: DuckDBDataChunk[] = [];
  #state: 'new' | 'open' | 'ended' = 'new';

  constructor(source: PortalSource) {
    this.source = source;
  }

  /** True while DuckDB holds an unfinished result for it: no other statement may run on the connection. */
  get open(): boolean {
    return this.#state === 'open';
  }

  /** Sends up to `portionRows` rows (0: all) through `write`. */
  async send(turn: Turn, out: Outlet, portionRows: number, write: RowWriter = dataRow): Promise<Progress> {
    if (this.#state === 'new') await this.#start();
    let left = portionRows === 0 ? Infinity : portionRows;
    for (;;) {
      while (this.#row < this.#rowCount && left > 0) {
        write(out, this.#rows, this.#row);
        this.#row += 1;
        this.rowsSent += 1;
        left -= 1;
        if (out.pushed()) await this.#waitForClient(turn, out);
      }
      if (left === 0) return 'suspended';
      if (!(await this.#nextChunk(turn))) return 'done';
    }
  }

  async #start(): Promise<void> {
    const { statement, bind, columns, formats } = this.source;
    bind(statement);
    const result = await statement.stream();
    const types = result.columnTypes();
    if (types.length !== columns.length || types.some((type, index) => pgTypeOf(type).oid !== columns[index]?.type.oid)) {
      throw new SqlFailure('0A000', 'the result no longer has the columns it was described with', {
        hint: 'A table has changed: prepare the statement again.',
      });
    }
    this.#encoders = types.map((type, index) => encoderOf(type, formatOf(formats, index)));
    this.#result = result;
    this.#state = 'open';
  }

  /** Makes the next chunk current; false at the end. */
  async #nextChunk(turn: Turn): Promise<boolean> {
    const chunk = this.#aside.shift() ?? (await this.#fetch(turn));
    if (chunk === undefined) return false;
    this.#rows = { columns: chunk.getColumns(), encoders: this.#encoders };
    this.#row = 0;
    this.#rowCount = chunk.rowCount;
    return true;
  }

  async #fetch(turn: Turn): Promise<DuckDBDataChunk | undefined> {
    if (this.#state !== 'open') return undefined;
    const chunk = await this.#result?.fetchChunk();
    turn.check();
    if (chunk === null || chunk === undefined || chunk.rowCount === 0) {
      this.#state = 'ended';
      this.#result = undefined;
      await this.source.verifyComplete();
      return undefined;
    }
    this.#rowsFetched += chunk.rowCount;
    if (this.#rowsFetched > this.source.rowsMax) {
      throw new SqlFailure('54000', `the result has more than ${this.source.rowsMax} rows`, {
        hint: 'Aggregate or LIMIT, or raise LEDGERFLOW_WIRE_ROWS_MAX. Nothing is cut off silently.',
      });
    }
    return chunk;
  }

  /** Takes what is left into memory, so that another statement can use the connection. @throws SqlFailure 0A000 when it is too much. */
  async setAside(turn: Turn): Promise<void> {
    const most = this.#rowsFetched + ASIDE_ROWS_MAX;
    for (let chunk = await this.#fetch(turn); chunk !== undefined; chunk = await this.#fetch(turn)) {
      this.#aside.push(chunk);
      if (this.#rowsFetched > most) {
        throw new SqlFailure('0A000', 'another result on this connection has not been read to its end', {
          hint: 'Read it out or close it first, or use a second connection.',
        });
      }
    }
  }

  async #waitForClient(turn: Turn, out: Outlet): Promise<void> {
    turn.pause();
    await out.drained(turn.signal);
    turn.check();
    await turn.resume();
  }

  /** Drops the rows not sent. */
  close(): void {
    this.#state = 'ended';
    this.#result = undefined;
    this.#rows = NO_ROWS;
    this.#rowCount = 0;
    this.#aside = [];
  }
}

function encoderOf(type: DuckDBType, format: number): Encoder {
  return format === 1 ? binaryEncoder(type) : textEncoder(type);
}
