// Server-sent events: the position of gold to every open page. Bounded in number and in what a slow page may leave unread.

import type { FastifyReply } from 'fastify';
import { ApiProblem } from '../problem.ts';
import type { Session } from '../session/session.ts';
import type { FeedNews, PositionFeed } from './feed.ts';

export const STREAMS_MAX = 500;
const STREAMS_PER_USER_MAX = 12;
const UNREAD_BYTES_MAX = 65_536;
const HEARTBEAT_MS = 15_000;

export class Streams implements Disposable {
  readonly #feed: PositionFeed;
  readonly #open = new Map<FastifyReply['raw'], string>();

  constructor(feed: PositionFeed) {
    this.#feed = feed;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Turns the reply into a stream until the page leaves or the session ends. @throws ApiProblem overloaded */
  open(reply: FastifyReply, session: Session, now: number): void {
    const mine = [...this.#open.values()].filter((user) => user === session.user).length;
    if (this.#open.size >= STREAMS_MAX || mine >= STREAMS_PER_USER_MAX)
      throw new ApiProblem('overloaded', 'too many pages are open: close one and load this one again');
    reply.hijack();
    const out = reply.raw;
    out.writeHead(200, {
      ...reply.getHeaders(),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    } as Record<string, string>);
    this.#open.set(out, session.user);
    const send = (text: string): void => {
      if (out.writableLength > UNREAD_BYTES_MAX) out.destroy();
      else out.write(text);
    };
    const stopListening = this.#feed.listen((news) => send(eventText(news)));
    const heartbeat = setInterval(() => send(': still here\n\n'), HEARTBEAT_MS);
    const expiry = setTimeout(() => out.end('event: expired\ndata: {}\n\n'), Math.max(0, session.expiresAtMs - now));
    out.once('close', () => {
      clearInterval(heartbeat);
      clearTimeout(expiry);
      stopListening();
      this.#open.delete(out);
    });
  }

  [Symbol.dispose](): void {
    for (const out of this.#open.keys()) out.end();
  }
}

function eventText(news: FeedNews): string {
  const data = news.kind === 'position' ? news.position : { message: news.message };
  return `event: ${news.kind}\ndata: ${JSON.stringify(data)}\n\n`;
}
