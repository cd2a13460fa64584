// One publication, start to end: everything the store has committed since the last one goes to the lake as one lake
// transaction, which is one snapshot at one cut; then the store notes it. What fails before the lake's commit leaves no
// trace; what fails after it is completed by reconcile() (lake-position.ts).

import type { DuckDBConnection } from '@duckdb/node-api';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import { literal, nullable } from '../../infra/runtime/sql-text.ts';
import { adoptSegments, unpublishedSegments } from './bronze.ts';
import { openCut } from './cut.ts';
import type { DamagedTables } from './damaged.ts';
import type { DurableFiles } from './durable.ts';
import { publishGold, type GoldDigests } from './gold.ts';
import { LAKE, readShapes, type LakePaths, type LakeShapes } from './lake-catalog.ts';
import { assertNotFenced, lastSnapshot, noteInStore } from './lake-position.ts';
import { publishRound, type Publication, type PublicationNote } from './round.ts';
import { dropChanged, publishSilver } from './silver.ts';
import type { Cut, PublicationSource, PublishedModel, Step } from './source.ts';

export interface PublicationContext {
  readonly connection: DuckDBConnection;
  readonly source: PublicationSource;
  readonly paths: LakePaths;
  readonly durable: DurableFiles;
  /** Tables that this publication makes anew. */
  readonly damaged: DamagedTables;
  readonly goldModels: () => readonly PublishedModel[];
  readonly codeVersion: string;
  /** Awaited: tests break a publication here, or make it slow. */
  readonly onStep: (step: Step) => unknown;
}

/** What the publisher remembers from one publication to the next; after a failure it starts from the lake's own last. */
export interface PublicationMemory {
  readonly last: Publication | null;
  readonly goldDigests: GoldDigests;
  /** null: to be read from the lake. */
  readonly shapes: LakeShapes | null;
}

export interface PublicationResult {
  readonly note: PublicationNote;
  readonly memory: PublicationMemory;
  readonly filesSynced: number;
}

/**
 * @returns 'unchanged' when nothing has been committed since the last publication; 'bootstrap' while the initial snapshot
 * is being read, because the lake shows states the bank really had
 * @throws LedgerflowError LF_LAKE_FENCED, LF_LAKE_AHEAD; anything else is worth another try
 */
export async function publish(
  context: PublicationContext,
  memory: PublicationMemory,
): Promise<PublicationResult | 'unchanged' | 'bootstrap'> {
  const { connection, durable, onStep } = context;
  const started = performance.now();
  let filesSynced = 0;
  const round = await publishRound<Written>(
    {
      openCut: async () => {
        const cut = await openCut(connection, context.source);
        faultPoint('publish.cut');
        return cut;
      },
      write: (cut) => writeLake(context, cut, memory),
      sync: async () => {
        filesSynced = await durable.syncNew();
        await onStep('synced');
      },
      commit: async () => {
        await connection.run('COMMIT');
        await onStep('committed');
      },
      rollback: async () => {
        await connection.run('ROLLBACK');
      },
      note: async ({ note: written }) => {
        const note = { ...written, snapshot: await lastSnapshot(connection), durationMs: performance.now() - started };
        await noteInStore(connection, note);
        await onStep('acknowledged');
        return note;
      },
    },
    memory.last,
  );
  if (typeof round === 'string') return round;
  const { note, written } = round;
  context.damaged.clear();
  return { note, memory: { last: note, goldDigests: written.goldDigests, shapes: written.shapes }, filesSynced };
}

interface Written {
  readonly note: Omit<PublicationNote, 'snapshot' | 'durationMs'>;
  readonly goldDigests: GoldDigests;
  readonly shapes: LakeShapes;
}

async function writeLake(context: PublicationContext, cut: Cut, memory: PublicationMemory): Promise<Written> {
  const { connection, source } = context;
  const { last, goldDigests } = memory;
  await assertNotFenced(connection, source.epoch);
  const shapes = memory.shapes ?? (await readShapes(connection));
  const anew = await context.damaged.drop(connection, shapes);
  const segments = await unpublishedSegments(connection);
  const files = segments.map((segment) => segment.file);
  await adoptSegments(connection, source.bronzeFolder, context.paths, files);
  await context.onStep('adopted');
  const silverRows =
    last?.commitId === cut.commitId && anew.length === 0 ? 0 : await publishSilver(connection, shapes, last?.commitId ?? null);
  faultPoint('publish.silver');
  const goldSame = last?.goldCommitId === cut.goldCommitId && goldDigests.size > 0 && anew.length === 0;
  const work = { models: context.goldModels(), shapes, published: goldDigests, since: last?.goldCommitId ?? null };
  const gold = goldSame ? { rows: 0, digests: goldDigests } : await publishGold(connection, work);
  await dropChanged(connection);
  const publication = await writeOps(context, cut, last);
  await context.onStep('written');
  const bronzeRows = segments.reduce((sum, segment) => sum + segment.rows, 0);
  return { note: { ...publication, bronzeRows, silverRows, goldRows: gold.rows }, goldDigests: gold.digests, shapes };
}

async function writeOps(context: PublicationContext, cut: Cut, last: Publication | null): Promise<Publication> {
  const { connection, source, codeVersion } = context;
  const publicationId = (last?.publicationId ?? 0) + 1;
  const publishedAt = new Date().toISOString();
  const offsets = JSON.stringify(cut.offsets);
  await connection.run(
    `INSERT INTO ${LAKE}.ops.commits SELECT * FROM ops.commits WHERE commit_id > ${last?.commitId ?? -1} ORDER BY commit_id`,
  );
  await connection.run(`INSERT INTO ${LAKE}.ops.publications VALUES (${publicationId}, ${cut.commitId}, ${cut.goldCommitId}, ${cut.seq}, ${nullable(cut.gtid)}, ${nullable(cut.goldGtid)},
    ${nullable(cut.committedAt)}::TIMESTAMPTZ, ${literal(cut.chain)}, ${literal(offsets)}, ${source.epoch}, ${literal(codeVersion)}, ${literal(publishedAt)}::TIMESTAMPTZ)`);
  const info = {
    publicationId,
    commitId: cut.commitId,
    goldCommitId: cut.goldCommitId,
    gtid: cut.gtid,
    goldGtid: cut.goldGtid,
    chain: cut.chain,
    epoch: source.epoch,
    codeVersion,
    offsets: cut.offsets,
  };
  const message = `publication ${publicationId} at commit ${cut.commitId}`;
  await connection.run(
    `CALL ${LAKE}.set_commit_message('ledgerflow', ${literal(message)}, extra_info => ${literal(JSON.stringify(info))})`,
  );
  return { publicationId, commitId: cut.commitId, goldCommitId: cut.goldCommitId, gtid: cut.gtid, chain: cut.chain, publishedAt };
}
