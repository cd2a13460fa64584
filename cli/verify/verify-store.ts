// The working store as a side of a comparison, asked through the processor's door.

import { z } from 'zod';
import { identify } from '../../infra/native/process-id.ts';
import { callControl } from '../../infra/runtime/control-client.ts';
import type { StoreReader, StoreSession } from '../../lake/verify/ports.ts';
import type { Outcomes } from '../../lake/verify/record.ts';
import { standingSchema } from '../../lake/verify/sessions.ts';
import { bucketDigest, type Side } from '../../lake/verify/side.ts';

const rowsSchema = z.object({ rows: z.array(z.array(z.string().nullable())) });

/** @param waitMs how long the store may take to reach a transaction */
export function storeReader(home: string, waitMs: number): StoreReader {
  return { begin: (seq) => beginSession(home, seq, waitMs) };
}

async function beginSession(home: string, seq: number, waitMs: number): Promise<StoreSession> {
  const standing = standingSchema.parse(await callControl(home, 'verify/begin', { seq, waitMs, owner: identify(process.pid) }));
  const { session } = standing;
  const ask = async (name: string, body: object): Promise<z.infer<typeof rowsSchema>['rows']> =>
    rowsSchema.parse(await callControl(home, `verify/${name}`, { session, ...body })).rows;
  return {
    standing,
    at: (place): Side => ({
      buckets: async (plan) => (await ask('buckets', { plan, place })).map(bucketDigest),
      rows: (plan, buckets) => ask('rows', { plan, place, buckets }),
      cells: (plan, keys) => ask('cells', { plan, place, keys }),
    }),
    [Symbol.asyncDispose]: async () => {
      await callControl(home, 'verify/end', { session });
    },
  };
}

/** Keeps what came out in ops.verifications. */
export async function recordOutcomes(home: string, outcomes: Outcomes): Promise<void> {
  await callControl(home, 'verify/record', outcomes);
}
