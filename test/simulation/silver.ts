// Silver of the working store in memory, by the rules of lake/store/layout.ts: versions, superseding marks, folds. It decides nothing:
// which records write a mark is lake/store/supersede.ts's to say, and where they stand is lake/store/batch.ts's.

import type { ControlAction } from '../../lake/store/batch.ts';

export interface Version {
  readonly key: number;
  readonly value: string;
  readonly op: string;
  readonly pos: bigint;
}

export interface Mark {
  readonly key: number;
  readonly pos: bigint;
  readonly commit: number;
}

class SilverTable {
  rows: Version[] = [];
  gone: Mark[] = [];

  /** Greatest mark per key, of the commits up to `upTo`. */
  private dead(upTo: number): Map<number, bigint> {
    const newest = new Map<number, bigint>();
    for (const { key, pos, commit } of this.gone) {
      const known = newest.get(key);
      if (commit <= upTo && (known === undefined || pos > known)) newest.set(key, pos);
    }
    return newest;
  }

  /** silver.T */
  live(): [number, string][] {
    const dead = this.dead(Number.POSITIVE_INFINITY);
    const rows = this.rows.filter(({ key, pos, op }) => op !== 'd' && !(pos < (dead.get(key) ?? pos)));
    return rows.map(({ key, value }): [number, string] => [key, value]).sort(([a], [b]) => a - b);
  }

  fold(upTo: number): void {
    const dead = this.dead(upTo);
    this.rows = this.rows.filter(({ key, pos, op }) => {
      const mark = dead.get(key);
      return mark === undefined || !(pos < mark || (pos === mark && op === 'd'));
    });
    this.gone = this.gone.filter(({ commit }) => commit > upTo);
  }

  clear(before: bigint): void {
    this.rows = this.rows.filter(({ pos }) => pos >= before);
    this.gone = this.gone.filter(({ pos }) => pos >= before);
  }
}

export class Silver {
  private tables = new Map<string, SilverTable>();
  readonly schemas = new Map<string, string>();
  readonly generations = new Map<string, string>();

  clone(): Silver {
    const copy = new Silver();
    for (const [name, table] of this.tables) copy.table(name).rows = [...table.rows];
    for (const [name, table] of this.tables) copy.table(name).gone = [...table.gone];
    for (const [name, schema] of this.schemas) copy.schemas.set(name, schema);
    for (const [name, generation] of this.generations) copy.generations.set(name, generation);
    return copy;
  }

  private table(name: string): SilverTable {
    let table = this.tables.get(name);
    if (table === undefined) this.tables.set(name, (table = new SilverTable()));
    return table;
  }

  control(action: ControlAction): void {
    switch (action.kind) {
      case 'schema':
        this.schemas.set(action.table, JSON.stringify(action.schema));
        return;
      case 'clear':
        return this.table(action.table).clear(action.beforePos);
      case 'snapshot':
        this.generations.set(action.table, action.generation);
        return this.table(action.table).clear(action.beforePos);
      case 'drop':
        this.schemas.delete(action.table);
        this.tables.delete(action.table);
        return;
      default:
        throw new Error(`the simulated source has no ${action.kind}`);
    }
  }

  /** A table without a shape gets nothing, as in lake/store/commit-sql.ts. */
  add(name: string, version: Version, mark: Mark | null): void {
    if (!this.schemas.has(name)) return;
    this.table(name).rows.push(version);
    if (mark !== null) this.table(name).gone.push(mark);
  }

  fold(upTo: number): void {
    for (const table of this.tables.values()) table.fold(upTo);
  }

  /** Live rows of the tables, in the form of History's states. */
  describe(names: readonly string[]): string {
    return JSON.stringify(names.map((name) => this.tables.get(name)?.live() ?? []));
  }
}
