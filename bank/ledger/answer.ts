// What the ledger answers: to every command one answer, refusals included, so that a batch can hold both.

import type { Command } from './commands.ts';
import type { JsonObject } from './json.ts';
import { problemBody, REFUSALS, type Refusal } from './refusal.ts';

export interface Answer {
  /** HTTP status. */
  readonly status: number;
  /** The result, or a problem (RFC 9457: media type application/problem+json). Without gtid: the API adds it. */
  readonly body: JsonObject;
  /**
   * The commit that holds the write, as a GTID set (`uuid:42`); null when nothing was written. Of a replayed answer: a set that covers
   * the original commit (everything executed when the answer was found again).
   */
  readonly gtid: string | null;
  /** Ledger position: entry_id of the write's last entry; null when nothing was posted. */
  readonly sequence: bigint | null;
  /** True when the answer was found under the request's key and nothing ran. */
  readonly replayed: boolean;
}

export interface CommandContext {
  /** 1 to 255 printable ASCII characters; needed by every operation that moves or reserves money (needsKey). */
  readonly idempotencyKey?: string;
  /** Who asks, for the log: a user id, service name or `open`. */
  readonly actor: string;
  /** Decides and answers as always, writes nothing. */
  readonly dryRun?: boolean;
  /** Business time, ISO 8601, when the command itself gives none. */
  readonly effectiveAt?: string;
}

export type BatchMode = 'all_or_nothing' | 'continue';

export interface Request {
  readonly command: Command;
  readonly context: CommandContext;
}

export interface LedgerService {
  /** Runs one command. Never rejects for a refusal; an unexpected failure is an answer with status 5xx. */
  execute(command: Command, context: CommandContext): Promise<Answer>;
  /**
   * Runs commands in order in one database transaction and answers in the same order. `all_or_nothing`: one refusal and nothing is written,
   * the others answer batch_aborted. `continue`: the refused are left out.
   */
  executeBatch(requests: readonly Request[], options: { readonly mode: BatchMode }): Promise<Answer[]>;
  close(): Promise<void>;
}

/** A refusal as an answer. */
export function refusalAnswer(refusal: Refusal): Answer {
  return { status: REFUSALS[refusal.code].status, body: problemBody(refusal), gtid: null, sequence: null, replayed: false };
}
