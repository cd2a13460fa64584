// The assignment of the greatest total weight in a sparse bipartite graph, for components too large for a dense matrix.
// Successive shortest augmenting paths with potentials (Edmonds and Karp 1972, Tomizawa 1971). Weights are positive integers, so that
// nothing is rounded. A row may stay alone.

export interface Edge {
  readonly row: number;
  readonly column: number;
  /** Positive integer, at most 2^40. */
  readonly weight: number;
}

/** @returns per row its column, or -1; the same edges in the same order give the same answer */
export function assignSparse(rows: number, columns: number, edges: readonly Edge[]): Int32Array {
  const ceiling = edges.reduce((most, { weight }) => Math.max(most, weight), 0);
  const search = new Search(rows, columns, ceiling);
  for (const { row, column, weight } of edges) search.out[row]!.push(column, ceiling - weight);
  for (let row = 0; row < rows; row += 1) search.augment(row);
  return search.columnOf.map((column) => (column >= columns ? -1 : column));
}

/** Costs are `ceiling - weight`; a column of its own for each row, at cost `ceiling`, stands for staying alone. */
class Search {
  /** Per row: column, cost, column, cost … */
  readonly out: number[][];
  readonly columnOf: Int32Array;
  private readonly rowOf: Int32Array;
  private readonly rowPotential: Float64Array;
  private readonly columnPotential: Float64Array;
  private readonly distance: Float64Array;
  private readonly cameFrom: Int32Array;

  constructor(rows: number, columns: number, ceiling: number) {
    this.out = Array.from({ length: rows }, (_, row) => [columns + row, ceiling]);
    this.columnOf = new Int32Array(rows).fill(-1);
    this.rowOf = new Int32Array(columns + rows).fill(-1);
    this.rowPotential = new Float64Array(rows);
    this.columnPotential = new Float64Array(columns + rows);
    this.distance = new Float64Array(columns + rows).fill(Infinity);
    this.cameFrom = new Int32Array(columns + rows).fill(-1);
  }

  /** Finds the cheapest way to give the row a column, moving others on that way. */
  augment(start: number): void {
    const heap = new ColumnHeap();
    const touched: number[] = [];
    const settled: number[] = [];
    let [row, cost, end] = [start, 0, -1];
    while (end === -1) {
      this.relax(row, cost, heap, touched);
      const column = this.nextColumn(heap);
      settled.push(column);
      cost = this.distance[column]!;
      if (this.rowOf[column] === -1) end = column;
      else row = this.rowOf[column]!;
    }
    this.rowPotential[start]! += cost;
    for (const column of settled) {
      const slack = cost - this.distance[column]!;
      this.columnPotential[column]! -= slack;
      if (this.rowOf[column] !== -1) this.rowPotential[this.rowOf[column]!]! += slack;
    }
    this.flip(start, end);
    for (const column of touched) this.distance[column] = Infinity;
  }

  private relax(row: number, cost: number, heap: ColumnHeap, touched: number[]): void {
    const out = this.out[row]!;
    for (let at = 0; at < out.length; at += 2) {
      const column = out[at]!;
      const reached = cost + out[at + 1]! - this.rowPotential[row]! - this.columnPotential[column]!;
      if (reached >= this.distance[column]!) continue;
      if (this.distance[column] === Infinity) touched.push(column);
      this.distance[column] = reached;
      this.cameFrom[column] = row;
      heap.push(reached, column);
    }
  }

  private nextColumn(heap: ColumnHeap): number {
    for (;;) {
      const { cost, column } = heap.pop();
      if (cost === this.distance[column]) return column; // a cheaper way was found since: an old entry
    }
  }

  private flip(start: number, end: number): void {
    for (let column = end; ;) {
      const row = this.cameFrom[column]!;
      const before = this.columnOf[row]!;
      this.columnOf[row] = column;
      this.rowOf[column] = row;
      if (row === start) return;
      column = before;
    }
  }
}

/** Binary heap of columns by cost, then by number. */
class ColumnHeap {
  private readonly costs: number[] = [];
  private readonly columns: number[] = [];

  push(cost: number, column: number): void {
    let at = this.costs.length;
    this.costs.push(cost);
    this.columns.push(column);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.before(at, above)) return;
      this.swap(at, above);
      at = above;
    }
  }

  /** The search always ends at a row's own column, so there is always one left. */
  pop(): { readonly cost: number; readonly column: number } {
    const top = { cost: this.costs[0]!, column: this.columns[0]! };
    const [cost, column] = [this.costs.pop()!, this.columns.pop()!];
    if (this.costs.length === 0) return top;
    this.costs[0] = cost;
    this.columns[0] = column;
    for (let at = 0; ;) {
      let least = at;
      for (const below of [2 * at + 1, 2 * at + 2]) if (below < this.costs.length && this.before(below, least)) least = below;
      if (least === at) return top;
      this.swap(at, least);
      at = least;
    }
  }

  private before(one: number, other: number): boolean {
    const difference = this.costs[one]! - this.costs[other]!;
    return difference < 0 || (difference === 0 && this.columns[one]! < this.columns[other]!);
  }

  private swap(one: number, other: number): void {
    [this.costs[one], this.costs[other]] = [this.costs[other]!, this.costs[one]!];
    [this.columns[one], this.columns[other]] = [this.columns[other]!, this.columns[one]!];
  }
}
