// The processor's end of the thread that fetches.

import { Worker } from 'node:worker_threads';
import { Page } from '../../../cdc/envelope/page.ts';
import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';
import type { KafkaLog } from '../../../cdc/kafka/client.ts';
import { pageKib, unpackError, type FetchReply, type FetchRequest, type FetchSettings } from './protocol.ts';

export interface FetchListener {
  page(page: Page): void;
  failed(error: unknown): void;
  readonly log: KafkaLog;
}

const END_DEADLINE_MS = 5_000;

export class FetchThread {
  /** Why reading pauses until something outside is mended; null while it does not. */
  pausedFor: string | null = null;
  private readonly worker: Worker;
  private readonly listener: FetchListener;
  private readonly inFlight: Int32Array;
  private readonly waiting = new Map<number, { resolve: (hadKey: boolean) => void; reject: (error: unknown) => void }>();
  private readonly exited: Promise<unknown>;
  private requests = 0;
  private failure: LedgerflowError | null = null;
  private closing = false;

  constructor(settings: Omit<FetchSettings, 'inFlight'>, listener: FetchListener) {
    this.listener = listener;
    this.inFlight = new Int32Array(new SharedArrayBuffer(4));
    this.worker = new Worker(new URL('./thread.mjs', import.meta.url), {
      workerData: { ...settings, inFlight: this.inFlight },
      execArgv: [],
    });
    this.worker.on('message', (reply: FetchReply) => this.hear(reply));
    this.worker.on('error', (error) => this.ended(messageOf(error), error));
    this.exited = new Promise((resolve) =>
      this.worker.once('exit', (code) => {
        this.ended(`it ended with code ${code}`, undefined);
        resolve(code);
      }),
    );
  }

  /** Resolves when the topics are being fetched. @throws what kafkajs threw, or LedgerflowError LF_FETCH_ENDED */
  subscribe(topics: Subscription['topics'], positions: Subscription['positions']): Promise<void> {
    return this.ask((id) => ({ kind: 'subscribe', id, topics, positions })).then(() => undefined);
  }

  /** Destroys the key of a customer's tokens. @returns whether there was one @throws LedgerflowError LF_POLICY_KEYS, LF_FETCH_ENDED */
  erase(subject: string): Promise<boolean> {
    return this.ask((id) => ({ kind: 'erase', id, subject }));
  }

  private ask(request: (id: number) => FetchRequest): Promise<boolean> {
    if (this.failure !== null) return Promise.reject(this.failure);
    this.requests += 1;
    const id = this.requests;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.send(request(id));
    });
  }

  send(request: FetchRequest): void {
    this.worker.postMessage(request);
  }

  async close(): Promise<void> {
    this.closing = true;
    this.send({ kind: 'close' });
    const deadline = setTimeout(() => void this.worker.terminate(), END_DEADLINE_MS);
    await this.exited;
    clearTimeout(deadline);
  }

  private hear(reply: FetchReply): void {
    if (reply.kind === 'page') {
      const kib = pageKib(reply.page); // before the page is anybody else's
      if (!this.closing) this.listener.page(new Page(reply.page));
      Atomics.sub(this.inFlight, 0, kib);
    } else if (reply.kind === 'subscribed' || reply.kind === 'erased') {
      const waiting = this.waiting.get(reply.id);
      this.waiting.delete(reply.id);
      if (reply.error === null) waiting?.resolve(reply.kind === 'erased' && reply.hadKey);
      else waiting?.reject(unpackError(reply.error));
    } else if (reply.kind === 'paused') this.pausedFor = reply.reason;
    else if (reply.kind === 'failed') this.listener.failed(unpackError(reply.error));
    else this.listener.log[reply.level](reply.fields, reply.message);
  }

  private ended(reason: string, cause: unknown): void {
    if (this.closing || this.failure !== null) return;
    this.failure = new LedgerflowError('LF_FETCH_ENDED', `the thread that reads Kafka is gone: ${reason}`, { cause });
    for (const { reject } of this.waiting.values()) reject(this.failure);
    this.waiting.clear();
    this.listener.failed(this.failure);
  }
}

type Subscription = Extract<FetchRequest, { kind: 'subscribe' }>;
