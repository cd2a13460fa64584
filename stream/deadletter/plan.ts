// What a re-drive takes on: parked records in groups that depend on each other, each in the order of the source. Pure.

import type { OpenRecord } from '../../lake/store/open-parked.ts';

/** Records in order; keys that a key change has tied together share a group, a record without a key is a group of its own. */
export type Group = readonly OpenRecord[];

/** Groups that hold at least one of the chosen records: the earlier ones of a key must go first, the later ones wait for it. */
export function groupsOf(open: readonly OpenRecord[], chosen: (record: OpenRecord) => boolean): Group[] {
  const roots = new Roots();
  for (const record of open) for (const key of keysOf(record)) roots.join(keysOf(record)[0] ?? key, key);
  const groups = new Map<string, OpenRecord[]>();
  const wanted = new Set<string>();
  for (const record of open) {
    const [key] = keysOf(record);
    const name = key === undefined ? `record ${record.id}` : roots.of(key);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [record]);
    else group.push(record);
    if (chosen(record)) wanted.add(name);
  }
  return [...groups].filter(([name]) => wanted.has(name)).map(([, group]) => group);
}

/**
 * How many records from the start of the group can be applied: up to the first that still fails. A row that changed its key is two
 * records of one transaction: they are applied together or not at all.
 */
export function applicable(group: Group, failing: ReadonlyMap<number, string>): number {
  const first = group.findIndex(({ id }) => failing.has(id));
  let count = first < 0 ? group.length : first;
  for (;;) {
    const behind = new Set(group.slice(count).flatMap(({ seq, otherKey }) => (otherKey === null ? [] : [seq])));
    const torn = group.slice(0, count).findIndex(({ seq, otherKey }) => otherKey !== null && behind.has(seq));
    if (torn < 0) return count;
    count = torn;
  }
}

function keysOf({ table, key, otherKey }: OpenRecord): string[] {
  if (table === null) return [];
  return [key, otherKey].filter((one) => one !== null).map((one) => `${table}\0${one}`);
}

/** Disjoint sets of keys. */
class Roots {
  private readonly parents = new Map<string, string>();

  of(key: string): string {
    let root = key;
    for (let parent = this.parents.get(root); parent !== undefined; parent = this.parents.get(root)) root = parent;
    return root;
  }

  join(a: string, b: string): void {
    const [left, right] = [this.of(a), this.of(b)];
    if (left !== right) this.parents.set(right, left);
  }
}
