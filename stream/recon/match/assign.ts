// One-to-one assignment of candidate pairs with the greatest total score, component by component. Ties go to the pair nearer in time,
// then to the smaller external number, then to the smaller internal one: the rows come in that order.

import { linearSumAssignment } from 'linear-sum-assignment';
import type { Candidate } from './candidates.ts';
import { groupBy } from '../../../infra/runtime/group-by.ts';
import { DAY_MS } from './row.ts';
import type { RuleSet } from './rule-set.ts';
import { assignSparse, type Edge } from './sparse-assignment.ts';

/** Cells of the largest matrix that goes to the library; larger components are sparse and stay so. */
const DENSE_CELLS_MAX = 40_000;
const SCORE_STEPS = 1_000_000;
const TIME_STEPS = 1_000;

/** @returns the chosen pairs, in canonical order */
export function assign(candidates: readonly Candidate[], rules: RuleSet): Candidate[] {
  return componentsOf(candidates).flatMap((component) => assignComponent(component, rules));
}

/** Pairs that share a row, directly or through others, in order of their first pair. */
export function componentsOf(candidates: readonly Candidate[]): Candidate[][] {
  const sets = new DisjointSets();
  for (const { external, internal } of candidates) sets.join(`e${external.index}`, `i${internal.index}`);
  return [...groupBy(candidates, ({ external }) => sets.rootOf(`e${external.index}`)).values()];
}

function assignComponent(component: readonly Candidate[], rules: RuleSet): Candidate[] {
  if (component.length === 1) return [...component];
  const rows = numbered(component.map(({ external }) => external.index));
  const columns = numbered(component.map(({ internal }) => internal.index));
  const edges = component.map((candidate) => ({
    row: rows.get(candidate.external.index)!,
    column: columns.get(candidate.internal.index)!,
    weight: weightOf(candidate, rules),
  }));
  const dense = rows.size * columns.size <= DENSE_CELLS_MAX;
  const columnOf = dense ? assignDense(rows.size, columns.size, edges) : assignSparse(rows.size, columns.size, edges);
  return component.filter((_, at) => columnOf[edges[at]!.row] === edges[at]!.column);
}

/** Sorted numbers → their places. */
function numbered(indexes: readonly number[]): Map<number, number> {
  return new Map([...new Set(indexes)].sort((one, other) => one - other).map((index, place) => [index, place]));
}

/** A whole number, so that sums are exact: the score first, nearness in time behind it. */
function weightOf({ external, internal, score }: Candidate, { window }: RuleSet): number {
  const reach = Math.max(window.beforeDays, window.afterDays, 1);
  const near = Math.max(0, 1 - Math.abs(external.dated - internal.dated) / DAY_MS / reach);
  return Math.round(score * SCORE_STEPS) * TIME_STEPS + Math.round(near * (TIME_STEPS - 1)) + 1;
}

/** A pair that is no candidate weighs nothing, and is dropped by the caller. */
function assignDense(rows: number, columns: number, edges: readonly Edge[]): ArrayLike<number> {
  const matrix = Array.from({ length: rows }, () => new Float64Array(columns));
  for (const { row, column, weight } of edges) matrix[row]![column] = weight;
  return linearSumAssignment(matrix, { maximaze: true }).rowAssignments;
}

class DisjointSets {
  private readonly parents = new Map<string, string>();

  rootOf(name: string): string {
    let root = name;
    for (let parent = this.parents.get(root); parent !== undefined && parent !== root; parent = this.parents.get(root)) root = parent;
    for (let at = name; at !== root;) {
      const next = this.parents.get(at) ?? root;
      this.parents.set(at, root);
      at = next;
    }
    return root;
  }

  join(one: string, other: string): void {
    const [root, under] = [this.rootOf(one), this.rootOf(other)];
    if (root !== under) this.parents.set(under, root);
  }
}
