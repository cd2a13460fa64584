// The position of gold, asked once for all listeners: one poller while anybody listens, none otherwise.

import { isAborted, messageOf } from '../../../infra/runtime/errors.ts';
import type { Log } from '../../../infra/runtime/log.ts';
import { sleep } from '../../../infra/runtime/sleep.ts';
import type { Position } from '../answers/common.ts';

const POLL_MS = 50;
const RETRY_MS = 1_000;

export type FeedNews = { readonly kind: 'position'; readonly position: Position } | { readonly kind: 'lost'; readonly message: string };
export type Listener = (news: FeedNews) => void;

export interface FeedOptions {
  readonly ask: () => Promise<Position>;
  readonly log: Log;
  readonly pollMs?: number;
}

export class PositionFeed implements AsyncDisposable {
  readonly #options: FeedOptions;
  readonly #listeners = new Set<Listener>();
  #last: FeedNews | undefined;
  #running: { readonly stop: AbortController; readonly done: Promise<void> } | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Calls back with the newest position known and with every later one. @returns how to stop listening */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#last !== undefined) listener(this.#last);
    this.#running ??= this.#start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  #start(): { readonly stop: AbortController; readonly done: Promise<void> } {
    const stop = new AbortController();
    return { stop, done: this.#poll(stop.signal) };
  }

  #stop(): void {
    this.#running?.stop.abort();
    this.#running = undefined;
    this.#last = undefined;
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { ask, log, pollMs = POLL_MS } = this.#options;
    while (!signal.aborted) {
      let waitMs = pollMs;
      try {
        this.#tell(signal, { kind: 'position', position: await ask() });
      } catch (error) {
        log.debug({ err: error }, 'the position of the lake could not be read');
        this.#tell(signal, { kind: 'lost', message: messageOf(error) });
        waitMs = RETRY_MS;
      }
      await sleep(waitMs, signal).catch((error: unknown) => {
        if (!isAborted(error)) throw error;
      });
    }
  }

  #tell(signal: AbortSignal, news: FeedNews): void {
    if (signal.aborted || sameNews(this.#last, news)) return;
    this.#last = news;
    for (const listener of [...this.#listeners]) listener(news);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = this.#running;
    this.#listeners.clear();
    this.#stop();
    await running?.done;
  }
}

function sameNews(before: FeedNews | undefined, now: FeedNews): boolean {
  if (before?.kind !== now.kind) return false;
  if (before.kind !== 'position' || now.kind !== 'position') return before.kind === 'lost';
  const [was, is] = [before.position, now.position];
  return was.commitId === is.commitId && was.seq === is.seq && was.turnedAt === is.turnedAt;
}
