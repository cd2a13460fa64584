// Whether anything but our own heartbeat was committed since the last publication. An idle pipeline commits a heartbeat every second;
// publishing each of them would make files and snapshots for ever that say nothing.

import type { GoldOutcome } from '../gold/outcome.ts';
import type { CommitReport } from '../store/commit-report.ts';

const HEARTBEAT_TABLE = 'heartbeat';
const HEARTBEAT_MODEL = 'pipeline_heartbeat';

export class PublicationActivity {
  private readonly idleIntervalMs: number;
  private readonly now: () => number;
  private publishedAtMs = Number.NEGATIVE_INFINITY;
  /** At the start it is not known what was committed before. */
  private pending = true;

  /**
   * @param idleIntervalMs time between publications while only heartbeats are committed
   * @param now milliseconds of a clock that never goes back
   */
  constructor(idleIntervalMs: number, now: () => number) {
    this.idleIntervalMs = idleIntervalMs;
    this.now = now;
  }

  /** Something beside heartbeats waits, or they have waited long enough. */
  get due(): boolean {
    return this.pending || this.now() - this.publishedAtMs >= this.idleIntervalMs;
  }

  committed({ told, parked }: Pick<CommitReport, 'told' | 'parked'>): void {
    if (parked > 0 || [...told.keys()].some((table) => table !== HEARTBEAT_TABLE)) this.pending = true;
  }

  refreshed({ models }: Pick<GoldOutcome, 'models'>): void {
    if (models.some((model) => model !== HEARTBEAT_MODEL)) this.pending = true;
  }

  /** Publishes when it is due. A publication that fails or has to wait leaves it due. */
  async inTurn(publish: () => Promise<object | null>): Promise<void> {
    if (!this.due) return;
    this.pending = false; // what is committed from now on may be for the next one
    let done = false;
    try {
      done = (await publish()) !== null;
    } finally {
      if (done) this.publishedAtMs = this.now();
      else this.pending = true;
    }
  }
}
