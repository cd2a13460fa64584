// What of a cut a person is asked about: transactions that delete much, at once or many small ones together, TRUNCATEs of large tables,
// schema changes that something depends on.

import { tableOfCollection } from '../../cdc/envelope/transaction-marker.ts';
import { parseSchemaChange } from '../../cdc/schema/schema-change.ts';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import type { StagedControl } from '../processor/cut/control-list.ts';
import type { Cut } from '../processor/cut/cut.ts';
import type { Staging } from '../processor/cut/staging.ts';
import type { Holds } from '../processor/holds.ts';
import type { TableNames } from '../processor/table-names.ts';
import type { GuardBook, GuardedChange } from './book.ts';
import { classifyDdl } from './classify-ddl.ts';
import { DeleteWindow } from './delete-window.ts';
import { findMassDeletes } from './find-deletes.ts';
import type { Readers } from './readers.ts';

export interface FinderParts {
  readonly staging: Pick<Staging, 'partitions'>;
  readonly book: Pick<GuardBook, 'get' | 'told' | 'liveRows'>;
  readonly holds: Holds;
  readonly names: Pick<TableNames, 'of'>;
  readonly schemas: () => ReadonlyMap<string, TableSchema>;
  readonly serverUuid: () => string | null;
  /** Rows; 0 asks never, also not about many small deletes. */
  readonly deletesMax: number;
  /** Of many small deletes: rows of a table within so many seconds; 0 asks never. */
  readonly window: { readonly rowsMax: number; readonly seconds: number };
  readonly schemaChanges: {
    /** used: what models of gold read is asked about. all: what loses values too. */
    readonly ask: 'off' | 'used' | 'all';
    readonly database: string;
    readonly readers: () => Pick<Readers, 'modelsOver' | 'dashboardsOver'>;
  };
}

export class ChangeFinder {
  private readonly parts: FinderParts;
  private readonly deletes: DeleteWindow;

  constructor(parts: FinderParts) {
    this.parts = parts;
    const { window, deletesMax } = parts;
    this.deletes = new DeleteWindow({
      ...{ rowsMax: deletesMax === 0 ? 0 : window.rowsMax, windowSeconds: window.seconds, largeRows: deletesMax },
    });
  }

  /** Ascending by transaction; tables that are held are not asked about again. */
  async find(cut: Cut): Promise<GuardedChange[]> {
    const { staging, deletesMax, names, holds } = this.parts;
    const found: GuardedChange[] = [];
    for (const { seq, tables } of deletesMax === 0 ? [] : findMassDeletes(staging.partitions, cut, deletesMax)) {
      const named = [...tables]
        .map(([table, rows]) => ({ table: names.of(table), rows }))
        .filter(({ table }) => holds.get(table) === undefined);
      const what = named.map(({ table, rows }) => `deletes ${rows} rows of ${table}`).join(', ');
      if (named.length > 0) found.push(this.change({ seq, kind: 'delete', what }, named));
    }
    for (const change of this.manyDeletes(cut)) if (!found.some(({ seq }) => seq === change.seq)) found.push(change);
    for (const control of cut.controls) {
      const change = await (control.kind === 'truncate' ? this.truncate(control) : this.ddl(control));
      if (change !== null && !found.some(({ seq }) => seq === change.seq)) found.push(change);
    }
    return found.sort((a, b) => a.seq - b.seq);
  }

  /** What was told before a restart is told again: the rows before it are not counted any more. */
  private manyDeletes(cut: Cut): GuardedChange[] {
    const { staging, names, holds, book, window } = this.parts;
    const found = this.deletes.find(staging.partitions, cut).flatMap(({ seq, table: part, rows }) => {
      const table = names.of(part);
      if (holds.get(table) !== undefined) {
        this.deletes.forget(part);
        return [];
      }
      const what = `many small deletes: ${rows} rows of ${table} within ${window.seconds} s`;
      return [this.change({ seq, kind: 'deletes', what }, [{ table, rows }])];
    });
    const before = book.told('deletes', cut.from, cut.seq).filter(({ seq }) => !found.some((one) => one.seq === seq));
    return [
      ...found,
      ...before.map(({ seq, what, tables }) =>
        this.change(
          { seq, kind: 'deletes', what },
          tables.map((table) => ({ table, rows: 0 })),
        ),
      ),
    ];
  }

  private async truncate(control: StagedControl): Promise<GuardedChange | null> {
    const { deletesMax, holds, book, schemas } = this.parts;
    const table = this.tableOf(control);
    const known = book.get(control.seq) !== undefined;
    if (!known && (deletesMax === 0 || holds.get(table) !== undefined || !schemas().has(table))) return null;
    const rows = known ? 0 : await book.liveRows(table);
    if (!known && rows <= deletesMax) return null;
    return this.change({ seq: control.seq, kind: 'truncate', what: `empties ${table} of its ${rows} rows` }, [{ table, rows }]);
  }

  /** Statements of the first snapshot have no number, and nothing to lose. */
  private ddl({ seq, value }: StagedControl): GuardedChange | null {
    const { ask, database, readers } = this.parts.schemaChanges;
    if (ask === 'off' || seq < 0 || value === null) return null;
    const change = parseSchemaChange(value);
    if (change.database !== database || change.snapshot) return null;
    const found = classifyDdl(change, this.parts.schemas(), (table, column) => readers().modelsOver(table, column));
    if (found.class === 'safe' || (found.class === 'lossy' && ask === 'used')) return null;
    const ddl = {
      text: change.ddl,
      class: found.class,
      models: found.models,
      dashboards: readers().dashboardsOver(found.models),
      whole: found.whole,
    };
    const tables = found.tables.map((table) => ({ table, rows: 0 }));
    return { ...this.change({ seq, kind: 'ddl', what: `${found.class}: ${found.effects.join(', ')}` }, tables), ddl };
  }

  private change(
    facts: Pick<GuardedChange, 'seq' | 'kind' | 'what'>,
    tables: readonly { readonly table: string; readonly rows: number }[],
  ): GuardedChange {
    const uuid = this.parts.serverUuid();
    return {
      ...facts,
      gtid: uuid === null ? null : `${uuid}:${facts.seq}`,
      tables: tables.map(({ table }) => table),
      rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    };
  }

  private tableOf({ collection }: StagedControl): string {
    return this.parts.names.of(tableOfCollection(collection ?? ''));
  }
}
