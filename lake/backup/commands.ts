// Control commands of backups: POST /control/backup/start, which answers at once, and /control/backup/status.

import path from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import { controlCommand, type ControlCommand } from '../../infra/runtime/control.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { takeBackup, type BackupParts } from './take.ts';

export interface BackupStatus {
  readonly folder: string;
  readonly state: 'running' | 'done' | 'failed';
  /** Code and message of a failure. */
  readonly error: string | null;
  readonly commitId: number | null;
  readonly gtid: string | null;
  readonly files: number;
  readonly bytes: number;
}

const startSchema = z.strictObject({
  folder: z
    .string()
    .min(1)
    .max(4_000)
    .refine((text) => path.isAbsolute(text), 'is not absolute'),
});

/** Takes one backup at a time. */
export class Backups implements AsyncDisposable {
  private readonly parts: BackupParts;
  private readonly log: Pick<Logger, 'info' | 'error'>;
  private status: BackupStatus | null = null;
  private running: Promise<void> = Promise.resolve();

  constructor(parts: BackupParts, log: Pick<Logger, 'info' | 'error'>) {
    this.parts = parts;
    this.log = log;
  }

  commands(): ControlCommand[] {
    return [
      controlCommand('backup/start', startSchema, ({ folder }) => Promise.resolve(this.start(folder))),
      controlCommand('backup/status', z.strictObject({}), () => Promise.resolve({ backup: this.status })),
    ];
  }

  private start(folder: string): { readonly backup: BackupStatus } {
    if (this.status?.state === 'running')
      throw new LedgerflowError('LF_BACKUP_FAILED', 'another backup is being taken', { where: this.status.folder });
    const begun: BackupStatus = { folder, state: 'running', error: null, commitId: null, gtid: null, files: 0, bytes: 0 };
    this.status = begun;
    this.running = this.take(begun);
    return { backup: begun };
  }

  private async take(begun: BackupStatus): Promise<void> {
    try {
      const { commitId, gtid, files } = await takeBackup(this.parts, begun.folder);
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      this.status = { ...begun, state: 'done', commitId, gtid, files: files.length, bytes };
      this.log.info({ ...this.status }, 'a backup was taken');
    } catch (error) {
      this.status = { ...begun, state: 'failed', error: error instanceof LedgerflowError ? error.toLine() : messageOf(error) };
      this.log.error({ err: error, folder: begun.folder }, 'a backup failed');
    }
  }

  /** The one that is being taken is waited for: DuckDB hangs when a connection is closed in the middle of a statement. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.running;
  }
}
