// Where notifications go: the log, and a webhook (a POST of JSON). Each sink says itself whether trying again can help.

import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { Logger } from 'pino';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { guardedLookup, isInternal, refused } from './address.ts';

export interface Notice {
  /** Stays the same when it is sent again. */
  readonly id: number;
  readonly kind: string;
  readonly incidentId: number;
  readonly code: string;
  readonly severity: string;
  readonly subject: string;
  readonly summary: string;
  readonly detail: string;
  readonly openedAt: string;
  readonly closedAt: string | null;
}

export interface Sink {
  readonly name: string;
  /** @throws anything: it is tried again, within bounds */
  send(notice: Notice): Promise<void>;
}

export function logSink(log: Logger): Sink {
  const send = (notice: Notice): Promise<void> => {
    const { kind, incidentId: incident, code, severity, subject, summary } = notice;
    log[severity === 'warn' || kind === 'closed' ? 'warn' : 'error'](
      { incident, kind, code, severity, subject },
      `incident ${kind}: ${summary}`,
    );
    return Promise.resolve();
  };
  return { name: 'log', send };
}

export interface WebhookOptions {
  readonly url: string;
  /** Loopback, private and link-local addresses too. */
  readonly allowInternal: boolean;
}

const DEADLINE_MS = 10_000;

/** @throws LedgerflowError LF_WEBHOOK_REFUSED, LF_WEBHOOK_FAILED from send */
export function webhookSink({ url, allowInternal }: WebhookOptions): Sink {
  const target = new URL(url);
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const send = (notice: Notice): Promise<void> =>
    new Promise((resolve, reject) => {
      if (!allowInternal && isIP(host) !== 0 && isInternal(host)) return reject(refused(host)); // an address is not looked up
      const body = JSON.stringify({ source: 'ledgerflow', ...notice });
      const failed = (why: string, cause?: unknown): void =>
        reject(cause instanceof LedgerflowError ? cause : new LedgerflowError('LF_WEBHOOK_FAILED', why, { where: target.host, cause }));
      const call = (target.protocol === 'https:' ? httpsRequest : httpRequest)(
        target,
        {
          method: 'POST',
          lookup: guardedLookup(allowInternal),
          signal: AbortSignal.timeout(DEADLINE_MS),
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            'idempotency-key': `ledgerflow-${notice.id}`,
          },
        },
        (response) => {
          response.resume();
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve();
          else failed(`it answers ${status}${status >= 300 && status < 400 ? ' (redirects are not followed)' : ''}`);
        },
      );
      call.on('error', (error) => failed(error.message, error));
      call.end(body);
    });
  return { name: 'webhook', send };
}
