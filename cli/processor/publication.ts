// Joins publication to the running processor: quiet points with gold caught up, the bronze tail, metrics.

import path from 'node:path';
import type { Log } from '../../infra/runtime/log.ts';
import type { Metrics } from '../../infra/runtime/metrics.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { Backups } from '../../lake/backup/commands.ts';
import { dropBackupLinks } from '../../lake/backup/take.ts';
import type { GoldRefresher } from '../../lake/gold/refresh.ts';
import type { PublicationActivity } from '../../lake/publish/activity.ts';
import type { LakePaths } from '../../lake/publish/lake-catalog.ts';
import { Publisher } from '../../lake/publish/publisher.ts';
import { PUBLISHED_SLO } from '../../lake/quality/slo.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import { PUBLISHED_FRAUD } from '../../stream/fraud/published.ts';
import type { GoldLoop } from '../../stream/processor/gold-loop.ts';
import type { Processor } from '../../stream/processor/processor.ts';
import type { StatusKeeper } from '../../stream/processor/report.ts';
import { productVersion } from '../support/version.ts';

export interface PublicationParts {
  readonly config: Config;
  readonly store: StoreHandle;
  readonly processor: Processor;
  readonly gold: GoldLoop;
  readonly refresher: GoldRefresher;
  readonly keeper: StatusKeeper;
  readonly metrics: Metrics;
  readonly version: string;
  readonly activity: PublicationActivity;
  readonly log: Log;
}

/** Gold usually follows a commit within this time; a held gold is published at its own position. */
const GOLD_CATCHES_UP_MS = 500;
/** Inside the quiet point no commit happens, so at most the last one is waited for. */
const GOLD_CATCHES_UP_IN_QUIET_MS = 100;

/** Backups of what one processor writes. */
export async function openBackups(
  { store, processor, publisher }: { readonly store: StoreHandle; readonly processor: Processor; readonly publisher: Publisher },
  log: Log,
): Promise<Backups> {
  await dropBackupLinks(publisher.paths.folder);
  const parts = {
    ...{ store, housekeeping: processor.housekeeping, codeVersion: productVersion() },
    lakeStill: <T>(work: (paths: LakePaths) => Promise<T>) => publisher.whileStill(work),
    atQuietPoint: <T>(work: () => Promise<T>) => processor.atQuietPoint(work),
  };
  return new Backups(parts, log);
}

export function openPublisher(parts: PublicationParts): Promise<Publisher> {
  const { config, store, processor, gold, refresher, keeper, metrics, log } = parts;
  return Publisher.open({
    source: {
      connect: () => store.connect(),
      rollTail: () => processor.housekeeping.roll(processor.committer.commitId),
      withQuietPoint: async (work) => {
        if (processor.phase === 'streaming') await gold.settled(processor.committer.commitId, GOLD_CATCHES_UP_MS);
        return processor.atQuietPoint(async () => {
          if (processor.phase === 'streaming') await gold.settled(processor.committer.commitId, GOLD_CATCHES_UP_IN_QUIET_MS);
          return work();
        });
      },
      bronzeFolder: store.bronzeFolder,
      epoch: store.state.epoch,
    },
    lakeFolder: path.join(config.home, 'lake'),
    extensionFile: () => config.ducklakeExtensionPath,
    goldModels: () => [...refresher.models, PUBLISHED_SLO, ...PUBLISHED_FRAUD],
    codeVersion: parts.version,
    intervalMs: config.publishIntervalMs,
    activity: parts.activity,
    maintainIntervalMs: config.lakeMaintainIntervalMs,
    limits: {
      retentionHours: config.lakeRetentionHours,
      fileGraceMinutes: config.lakeFileGraceMinutes,
      filesPerTableMax: config.lakeFilesPerTableMax,
    },
    diskReserveBytes: config.diskReserveMb * 1_048_576,
    onPublication: (note) => {
      keeper.publication = { id: note.publicationId, commitId: note.commitId, publishedAt: note.publishedAt };
      metrics.publishedCommit.set(note.commitId);
      metrics.publicationSeconds.observe(note.durationMs / 1_000);
    },
    log,
  });
}
