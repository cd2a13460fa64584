// What the working store knows when the processor starts.

import { ParkedBook } from '../../lake/store/parked-book.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import {
  readFirstStreamed,
  readHolds,
  readPending,
  readProgress,
  readRereads,
  readSchemas,
  readSnapshots,
  readTakenIn,
  readUnreadable,
} from '../../lake/store/state.ts';
import { GuardBook } from '../guard/book.ts';
import { FirstStreamed } from './first-streamed.ts';
import { Holds } from './holds.ts';
import { TableNames } from './table-names.ts';

export interface StoreFindings {
  readonly parked: ParkedBook;
  readonly guarded: GuardBook;
  readonly progress: Awaited<ReturnType<typeof readProgress>>;
  readonly schemas: Awaited<ReturnType<typeof readSchemas>>;
  readonly snapshots: Awaited<ReturnType<typeof readSnapshots>>;
  readonly firstStreamed: FirstStreamed;
  readonly holds: Holds;
  readonly names: TableNames;
  readonly unreadableAt: ReadonlyMap<string, number>;
  readonly pending: Awaited<ReturnType<typeof readPending>>;
}

/** @param excluded tables that a person has left out */
export async function readFindings(store: StoreHandle, excluded: readonly string[]): Promise<StoreFindings> {
  const { writer, bronzeFolder } = store;
  const parked = new ParkedBook();
  await parked.reload(writer);
  const schemas = await readSchemas(writer);
  const held = await readHolds(writer);
  const takenIn = await readTakenIn(writer); // although the setting of a process that was started before leaves them out
  return {
    parked,
    guarded: await GuardBook.open(await store.connect()),
    progress: await readProgress(writer),
    schemas,
    snapshots: await readSnapshots(writer),
    firstStreamed: new FirstStreamed(await readFirstStreamed(writer, bronzeFolder)),
    pending: await readPending(writer),
    holds: new Holds(held, await readRereads(writer)),
    names: new TableNames(
      schemas.keys(),
      held.map(({ table }) => table),
      excluded.filter((table) => !takenIn.includes(table)),
    ),
    unreadableAt: await readUnreadable(writer),
  };
}
