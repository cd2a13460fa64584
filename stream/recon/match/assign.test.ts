// The assignment has the greatest total, and the sparse form agrees with the library.

import fc from 'fast-check';
import { linearSumAssignment } from 'linear-sum-assignment';
import { describe, expect, it } from 'vitest';
import { assignSparse, type Edge } from './sparse-assignment.ts';

const SIZE = 9;
const edges: fc.Arbitrary<Edge[]> = fc
  .uniqueArray(
    fc.record({
      row: fc.integer({ min: 0, max: SIZE - 1 }),
      column: fc.integer({ min: 0, max: SIZE - 1 }),
      weight: fc.integer({ min: 1, max: 50 }),
    }),
    { selector: ({ row, column }) => row * SIZE + column, maxLength: 40 },
  )
  .map((found) => found.sort((one, other) => one.row - other.row || one.column - other.column));

function total(columnOf: ArrayLike<number>, all: readonly Edge[]): number {
  return all.filter(({ row, column }) => columnOf[row] === column).reduce((sum, { weight }) => sum + weight, 0);
}

describe('the sparse assignment', () => {
  it('has the total of the dense one, and gives no column twice', () => {
    fc.assert(
      fc.property(edges, (all) => {
        const matrix = Array.from({ length: SIZE }, () => new Float64Array(SIZE));
        for (const { row, column, weight } of all) matrix[row]![column] = weight;
        const sparse = assignSparse(SIZE, SIZE, all);
        expect(total(sparse, all)).toBe(total(linearSumAssignment(matrix, { maximaze: true }).rowAssignments, all));
        const used = [...sparse].filter((column) => column >= 0);
        expect(new Set(used).size).toBe(used.length);
        for (const [row, column] of sparse.entries())
          if (column >= 0) expect(all.some((edge) => edge.row === row && edge.column === column)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves a row alone where that is better for the whole', () => {
    const found = assignSparse(2, 1, [
      { row: 0, column: 0, weight: 3 },
      { row: 1, column: 0, weight: 5 },
    ]);
    expect([...found]).toEqual([-1, 0]);
  });

  it('takes a component of thousands', () => {
    const rows = 3_000;
    const chain = Array.from({ length: rows }, (_, row) =>
      [row, row + 1, row + 2]
        .filter((column) => column < rows)
        .map((column) => ({ row, column, weight: 1_000 + ((row * 7 + column * 13) % 97) })),
    ).flat();
    expect(new Set(assignSparse(rows, rows, chain)).size).toBe(rows);
  });
});
