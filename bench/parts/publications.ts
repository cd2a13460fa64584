// Many small publications in fast motion: what one costs, and how large catalog and folder are, at the beginning and at the end.

import { rmSync, statSync } from 'node:fs';
import { CREATE_ACCOUNTS, openTestStore } from '../../lake/store/testkit.ts';
import { diskUse } from '../../lake/publish/maintain.ts';
import { publisherOf } from '../../lake/publish/testkit-publisher.ts';
import type { BenchOptions } from '../support/options.ts';
import { percentiles, round } from '../support/stats.ts';

const PUBLICATIONS = 2_000;
const PUBLICATIONS_QUICK = 300;
const MAINTAIN_EVERY = 20;
const WINDOWS = 5;
const KEYS = 500;
/** In fast motion nothing is kept: with retention the figures are bounded by what it holds. */
const LIMITS = { retentionHours: 0, fileGraceMinutes: 0, filesPerTableMax: 24 };

export interface PublicationsRow {
  readonly publications: number;
  readonly publishP50Ms: number;
  readonly maintainP50Ms: number;
  readonly files: number;
  readonly dataMb: number;
  readonly catalogMb: number;
  readonly readersCatalogMb: number;
}

export async function publications(options: BenchOptions): Promise<{ rows: PublicationsRow[] }> {
  const total = options.events ?? (options.quick ? PUBLICATIONS_QUICK : PUBLICATIONS);
  const store = await openTestStore();
  const publisher = await publisherOf(store, { limits: LIMITS });
  await store.commit([], [CREATE_ACCOUNTS]);
  const rows: PublicationsRow[] = [];
  const [publishMs, maintainMs] = [[] as number[], [] as number[]];
  for (let n = 1; n <= total; n += 1) {
    const id = 1 + ((n * 7_919) % KEYS);
    const image = { account_id: id, owner: `o${n}`, balance: `${n}.0000` };
    await store.commit([
      { table: 'accounts', op: n <= KEYS ? 'c' : 'u', key: { account_id: id }, before: n <= KEYS ? null : image, after: image, seq: n },
    ]);
    publishMs.push(await timed(() => publisher.publishOnce()));
    if (n % MAINTAIN_EVERY === 0) maintainMs.push(await timed(() => publisher.maintainOnce()));
    if (n % Math.ceil(total / WINDOWS) !== 0 && n !== total) continue;
    const { files, bytes } = await diskUse(publisher.paths);
    const sizeMb = (file: string): number => round((statSync(file, { throwIfNoEntry: false })?.size ?? 0) / 2 ** 20, 1);
    rows.push({
      ...{ publications: n, publishP50Ms: percentiles(publishMs.splice(0)).p50, maintainP50Ms: percentiles(maintainMs.splice(0)).p50 },
      ...{
        files,
        dataMb: round(bytes / 2 ** 20, 1),
        catalogMb: sizeMb(publisher.paths.catalog),
        readersCatalogMb: sizeMb(publisher.paths.readersCatalog),
      },
    });
    options.tell(JSON.stringify(rows.at(-1)));
  }
  await publisher[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  rmSync(store.folder, { recursive: true, force: true });
  return { rows };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
