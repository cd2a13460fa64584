// Which tables stay left out of a capture that has begun. One that a person stops leaving out is not taken in by a start alone: its rows of
// before are in no topic, and the processor would wait for its shape. `ledgerflow backfill` takes it in.

export interface LeftOut {
  readonly all: readonly string[];
  readonly remarks: readonly string[];
}

interface Wishes {
  /** LEDGERFLOW_EXCLUDE_TABLES. */
  readonly wanted: readonly string[];
  /** Taken in now. */
  readonly include: readonly string[];
  /** Left out by the connector so far; null when there is none yet. */
  readonly before: readonly string[] | null;
}

/** Pure. @param there tables of MySQL */
export function stillLeftOut(there: readonly string[], { wanted, include, before }: Wishes): LeftOut {
  if (before === null) return { all: wanted, remarks: [] };
  const kept = before.filter((table) => there.includes(table) && !wanted.includes(table) && !include.includes(table));
  const gone = wanted.filter((table) => there.includes(table) && !before.includes(table));
  return {
    all: [...wanted, ...kept],
    remarks: [
      ...kept.map((table) => `table ${table} was left out so far and still is: \`ledgerflow backfill --table ${table}\` takes it in`),
      ...gone.map((table) => `table ${table} is left out from now on: silver keeps it as it is`),
    ],
  };
}
