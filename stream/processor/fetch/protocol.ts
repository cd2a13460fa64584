// What passes between the processor and the thread that fetches. Pages are handed over, not copied.

import type { ErrorCode } from '../../../infra/runtime/error-codes.ts';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import type { TopicScheme } from '../../../cdc/connector/topic-names.ts';
import type { PageData } from '../../../cdc/envelope/page.ts';
import type { Policies } from '../../../cdc/privacy/policy.ts';
import type { PartitionRole } from '../cut/record.ts';

export interface FetchTopic {
  readonly topic: string;
  readonly role: PartitionRole;
}

export interface FetchPosition {
  readonly topic: string;
  readonly partition: number;
  /** Offset to read next. */
  readonly offset: number;
}

export interface PrivacySettings {
  readonly policies: Policies;
  readonly scheme: TopicScheme;
  readonly home: string;
}

/** Made known to the thread when it starts. */
export interface FetchSettings {
  readonly brokers: string;
  /** Server of the source as the store knows it; null before the first transaction. */
  readonly serverUuid: string | null;
  /** Schema registry that makes JSON of Avro; without one, Avro is a fault of its record. */
  readonly registryUrl: string | undefined;
  /** Column policies, and whose keys they use; null without any. */
  readonly privacy: PrivacySettings | null;
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly maxBytesPerPartition: number;
  /** Bytes of pages that are handed over and not staged yet, at most; one page more may be. */
  readonly inFlightBytesMax: number;
  /** One counter, in KiB: what has been handed over and not been staged. Both sides change it. */
  readonly inFlight: Int32Array;
}

export type FetchRequest =
  | {
      readonly kind: 'subscribe';
      readonly id: number;
      readonly topics: readonly FetchTopic[];
      readonly positions: readonly FetchPosition[];
    }
  | { readonly kind: 'pause' | 'resume'; readonly topic: string; readonly partition: number }
  /** Destroys the key of a customer's tokens. */
  | { readonly kind: 'erase'; readonly id: number; readonly subject: string }
  | { readonly kind: 'close' };

export type FetchReply =
  | { readonly kind: 'page'; readonly page: PageData }
  | { readonly kind: 'subscribed'; readonly id: number; readonly error: unknown }
  | { readonly kind: 'erased'; readonly id: number; readonly hadKey: boolean; readonly error: unknown }
  /** A fault of ours, not of Kafka: fetching again cannot mend it. */
  | { readonly kind: 'failed'; readonly error: unknown }
  /** Why reading pauses until something outside is mended; null when it goes on. */
  | { readonly kind: 'paused'; readonly reason: string | null }
  | { readonly kind: 'log'; readonly level: 'error' | 'warn' | 'info' | 'debug'; readonly fields: object; readonly message: string };

/** How a page is counted in `inFlight`. */
export function pageKib(page: Pick<PageData, 'bytes' | 'columns'>): number {
  return Math.ceil((page.bytes.byteLength + page.columns.byteLength) / 1_024);
}

/** An error on its way to another thread, where it would be a plain one. */
export function packError(error: unknown): unknown {
  if (!(error instanceof LedgerflowError)) return error;
  const { code, message, where } = error;
  return { packed: { code, message, where } };
}

export function unpackError(error: unknown): unknown {
  const packed = (error as { packed?: { code: ErrorCode; message: string; where?: string } } | null)?.packed;
  return packed === undefined
    ? error
    : new LedgerflowError(packed.code, packed.message, packed.where === undefined ? {} : { where: packed.where });
}
