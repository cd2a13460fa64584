// What a commit says to the metrics.

import type { Metrics } from '../../infra/runtime/metrics.ts';
import type { CommitReport } from '../../lake/store/commit-report.ts';

export function observeCommit(metrics: Metrics, report: CommitReport, stagedMessages: number): void {
  metrics.commits.inc();
  metrics.commitSeconds.observe(report.durationMs / 1_000);
  metrics.committedCommit.set(report.commitId);
  metrics.stagedMessages.set(stagedMessages);
  const { applied, duplicates, tombstones, control, parked } = report;
  metrics.commitRows.observe(applied + duplicates + tombstones + control + parked);
  for (const [disposition, rows] of Object.entries({ applied, duplicate: duplicates, tombstone: tombstones, control, parked }))
    if (rows > 0) metrics.committedRows.inc({ disposition }, rows);
}
