// Where a replay is: <home>/replays/<id>/ with its store, its plan, and its differences.

import path from 'node:path';

export interface ReplayFiles {
  readonly folder: string;
  readonly store: string;
  readonly lakeData: string;
  readonly plan: string;
  readonly differences: string;
}

export function replayFiles(home: string, id: string): ReplayFiles {
  const folder = path.join(home, 'replays', id);
  const store = path.join(folder, 'store', 'ledgerflow.duckdb');
  const [plan, differences] = ['replay.json', 'differences.jsonl'].map((name) => path.join(folder, name)) as [string, string];
  return { folder, store, lakeData: path.join(folder, 'data'), plan, differences };
}
