// Which notifications are due: one when an incident opens, again while it stays open and nobody has acknowledged it, one when it closes.
// Pure: incidents, what was said of them, and the time go in.

import type { Severity } from '../../lake/checks/check.ts';

export interface OpenIncident {
  readonly id: number;
  readonly code: string;
  readonly severity: Severity;
  readonly subject: string;
  readonly summary: string;
  readonly detail: string;
  readonly openedAtMs: number;
  readonly closedAtMs: number | null;
  readonly acknowledged: boolean;
  readonly silencedUntilMs: number | null;
  /** Last time somebody was told through this sink; null: never. */
  readonly toldAtMs: number | null;
  /** The end has been told. */
  readonly endTold: boolean;
}

export type NoticeKind = 'opened' | 'still open' | 'closed';

export interface DueNotice {
  readonly incident: OpenIncident;
  readonly kind: NoticeKind;
}

export interface NoticePolicy {
  readonly renotifyMs: number;
  /** Least severity that is told. */
  readonly from: Severity;
}

const RANK: Readonly<Record<Severity, number>> = { warn: 0, page: 1, block: 2 };

/** Blocking incidents first, then pages; within one severity the oldest first. */
export function dueNotices(incidents: readonly OpenIncident[], policy: NoticePolicy, nowMs: number): DueNotice[] {
  const due = incidents.flatMap((incident): DueNotice[] => {
    const kind = RANK[incident.severity] < RANK[policy.from] ? null : kindOf(incident, policy, nowMs);
    return kind === null ? [] : [{ incident, kind }];
  });
  return due.sort((a, b) => RANK[b.incident.severity] - RANK[a.incident.severity] || a.incident.openedAtMs - b.incident.openedAtMs);
}

function kindOf(incident: OpenIncident, { renotifyMs }: NoticePolicy, nowMs: number): NoticeKind | null {
  const { closedAtMs, toldAtMs, endTold, silencedUntilMs, acknowledged } = incident;
  // An end is told to whoever heard of the beginning; one that came and went in silence is in the list alone.
  if (closedAtMs !== null) return toldAtMs !== null && !endTold ? 'closed' : null;
  if (silencedUntilMs !== null && nowMs < silencedUntilMs) return null;
  if (toldAtMs === null) return 'opened';
  return !acknowledged && nowMs - toldAtMs >= renotifyMs ? 'still open' : null;
}
