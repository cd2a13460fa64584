// What the working store knows when the processor starts.

import { ParkedBook } from '../../lake/store/parked-book.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import { readPending, readProgress, readSchemas, readSnapshots, readUnreadable, readUnsupported } from '../../lake/store/state.ts';

export interface StoreFindings {
  readonly parked: ParkedBook;
  readonly progress: Awaited<ReturnType<typeof readProgress>>;
  readonly schemas: Awaited<ReturnType<typeof readSchemas>>;
  readonly snapshots: Awaited<ReturnType<typeof readSnapshots>>;
  readonly unsupported: Map<string, string>;
  readonly unreadableAt: ReadonlyMap<string, number>;
  readonly pending: Awaited<ReturnType<typeof readPending>>;
}

export async function readFindings({ writer }: StoreHandle): Promise<StoreFindings> {
  const parked = new ParkedBook();
  await parked.reload(writer);
  return {
    parked,
    progress: await readProgress(writer),
    schemas: await readSchemas(writer),
    snapshots: await readSnapshots(writer),
    pending: await readPending(writer),
    unsupported: await readUnsupported(writer),
    unreadableAt: await readUnreadable(writer),
  };
}
