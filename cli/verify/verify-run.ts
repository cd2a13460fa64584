// One comparison of the running LedgerFlow, and its record.

import { randomUUID } from 'node:crypto';
import { requireRunning } from '../../infra/native/run-file.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { verify, type Verification } from '../../lake/verify/verify.ts';
import { whoAmI } from '../support/running.ts';
import { bankSource } from './bank-source.ts';
import { openLake } from './verify-lake.ts';
import { recordOutcomes, storeReader } from './verify-store.ts';

export interface VerifyNow {
  /** Default: all captured tables. */
  readonly tables?: readonly string[] | undefined;
  /** Rows a second that may be read from MySQL. */
  readonly throttleRows?: number | undefined;
  /** How long the working store may take to reach the barrier. */
  readonly waitMs: number;
  readonly withLake: boolean;
}

/** @throws LedgerflowError LF_NOT_RUNNING, LF_USAGE for a table that is not captured, LF_VERIFY_… */
export async function verifyNow({ tables, throttleRows, waitMs, withLake }: VerifyNow): Promise<Verification> {
  const config = loadConfig();
  const { lake } = requireRunning(config.home).endpoints;
  const found = await verify({
    source: bankSource(config, { throttleRows: throttleRows ?? null }),
    store: storeReader(config.home, waitMs),
    lake: () => (withLake && lake !== undefined ? openLake(config, lake.catalog) : Promise.resolve(null)),
    tables: tables === undefined ? null : new Set(tables),
  });
  const missing = (tables ?? []).filter((name) => !found.outcomes.some(({ table }) => table === name));
  if (missing.length > 0) throw new LedgerflowError('LF_USAGE', `there is no captured table ${missing.join(', ')}`);
  const requestedBy = whoAmI();
  await recordOutcomes(config.home, { run: randomUUID(), requestedBy, outcomes: [...found.outcomes] });
  return found;
}
