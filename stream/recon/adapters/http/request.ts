// One request to the API of a source: guarded against internal addresses, bounded in time and size, never redirected.

import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { LedgerflowError } from '../../../../infra/runtime/errors.ts';
import { guardedLookup, isInternal } from '../../../alerts/address.ts';

export interface Asked {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Limits {
  readonly timeoutMs: number;
  readonly bytesMax: number;
  readonly allowPrivate: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** @throws LedgerflowError LF_STATEMENT_ADDRESS, LF_STATEMENT_API when nothing whole came back, LF_STATEMENT_API_REFUSED when it is too large, LF_ABORTED */
export async function ask({ url, method, headers, body }: Asked, limits: Limits): Promise<Answer> {
  const { timeoutMs, bytesMax, allowPrivate, signal } = limits;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(host) !== 0 && isInternal(host)) throw internal(host); // an address is not looked up
  const deadline = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(failureOf(error, url, { isLate: deadline.aborted, isStopped: signal?.aborted === true }));
    const call = (url.protocol === 'https:' ? httpsRequest : httpRequest)(
      url,
      {
        method,
        headers,
        lookup: guardedLookup(allowPrivate, internal),
        signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          chunks.push(chunk);
          if (bytes <= bytesMax) return;
          reject(new LedgerflowError('LF_STATEMENT_API_REFUSED', `an answer has more than ${bytesMax} bytes`, { where: url.host }));
          response.destroy();
        });
        response.on('error', failed);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    call.on('error', failed);
    call.end(body);
  });
}

function internal(address: string): LedgerflowError {
  return new LedgerflowError('LF_STATEMENT_ADDRESS', 'the API of the source leads to an internal address', { where: address });
}

function failureOf(error: Error, url: URL, { isLate, isStopped }: { isLate: boolean; isStopped: boolean }): LedgerflowError {
  if (error instanceof LedgerflowError) return error;
  if (isStopped) return new LedgerflowError('LF_ABORTED', 'the request was cancelled', { cause: error });
  const why = isLate ? 'no whole answer in time' : error.message;
  return new LedgerflowError('LF_STATEMENT_API', why, { where: url.host, cause: error });
}
