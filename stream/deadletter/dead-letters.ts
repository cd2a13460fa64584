// What the processor does about records it cannot apply: limits how many, parks those of unknown tables, re-drives them on request.

import type { Logger } from 'pino';
import { MessageDecoder } from '../../cdc/codec/message-decoder.ts';
import { readPolicies } from '../../cdc/privacy/policy-file.ts';
import type { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import type { CommitReport } from '../../lake/store/commit-report.ts';
import type { Committer } from '../../lake/store/commit.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import type { ParkedBook } from '../../lake/store/parked-book.ts';
import type { Staging } from '../processor/cut/staging.ts';
import { editParked, type Edit } from './edit.ts';
import { FloodGuard } from './flood-guard.ts';
import { ParkedDecoder } from './parked-decoder.ts';
import { redrive, type RedriveRequest, type RedriveResult } from './redrive.ts';
import { UnknownTables } from './unknown-tables.ts';

export interface DeadLettersParts {
  readonly config: Config;
  readonly store: StoreHandle;
  readonly staging: Staging;
  readonly committer: Committer;
  readonly book: ParkedBook;
  readonly unsupported: { get(table: string): string | undefined };
  /** Runs a commit that is not the stream's own between two of the stream's; what follows a commit follows it. */
  readonly commitBetween: <T>(work: () => Promise<{ readonly result: T; readonly report: CommitReport | null }>) => Promise<T>;
  readonly log: Logger;
}

const MEGABYTE = 1_048_576;

export class DeadLetters {
  readonly book: ParkedBook;
  readonly unknown: UnknownTables;
  /** Why ingestion is paused; null when it is not. */
  incident: LedgerflowError | null = null;
  private readonly parts: DeadLettersParts;
  private readonly guard: FloodGuard;

  constructor(parts: DeadLettersParts) {
    const { config } = parts;
    this.parts = parts;
    this.book = parts.book;
    this.unknown = new UnknownTables(parts.staging);
    this.guard = new FloodGuard({
      perMinuteMax: config.parkedPerMinuteMax,
      totalMax: config.parkedTotalMax,
      bytesMax: config.parkedMbMax * MEGABYTE,
    });
  }

  /** May the next cut be committed? False while a flood pauses ingestion. */
  admits(): boolean {
    const incident = this.guard.incident(this.book, performance.now());
    if (incident !== null && this.incident === null)
      this.parts.log.error({ code: incident.code }, `ingestion pauses: ${incident.toLine()}`);
    if (incident === null && this.incident !== null) this.parts.log.info('parked records are below their limits, ingestion goes on');
    this.incident = incident;
    return incident === null;
  }

  committed(report: CommitReport): void {
    this.guard.parked(report.parked, performance.now());
  }

  /** Between two commits. */
  look(): void {
    for (const table of this.unknown.look(performance.now()))
      this.parts.log.error({ table, code: 'LF_TABLE_UNKNOWN' }, 'a topic names a table without a schema; its records are parked');
  }

  /** @throws LedgerflowError LF_PARKED_UNKNOWN, LF_REDRIVE_FAILED, LF_ABORTED */
  async redrive(request: RedriveRequest): Promise<RedriveResult> {
    const { commitBetween, log } = this.parts;
    const decoder = await this.schemasAsked();
    const result = await commitBetween(() => redrive({ ...this.parts, decoder }, request));
    log.info({ ...result, failing: result.failing.length, by: request.by, reason: request.reason }, 'parked records were dealt with');
    return result;
  }

  /** Corrects the value of a parked record. @throws LedgerflowError LF_PARKED_UNKNOWN, LF_PARKED_EDIT, LF_ABORTED */
  async edit(edit: Edit): Promise<void> {
    const { commitBetween, config, store, log } = this.parts;
    await commitBetween(async () => {
      const policies = readPolicies(config.home);
      await editParked(store.writer, edit, (table) => new Set(policies?.tables.get(table)?.columns.keys()));
      return { result: null, report: null };
    });
    log.info({ id: edit.id, by: edit.by, reason: edit.reason }, 'a parked record was corrected');
  }

  private async schemasAsked(): Promise<ParkedDecoder> {
    const { config, store, log } = this.parts;
    const decoder = new ParkedDecoder(MessageDecoder.for(config.registryUrl, log));
    const connection = await store.connect();
    try {
      await decoder.ask(connection);
    } finally {
      connection.closeSync();
    }
    return decoder;
  }
}
