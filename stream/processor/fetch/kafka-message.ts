// A kafkajs message as pages take it.

import type { KafkaMessage } from 'kafkajs';
import type { FetchedMessage } from './page-maker.ts';

export function fetchedMessage({ offset, timestamp, key, value, headers }: KafkaMessage): FetchedMessage {
  return { offset: Number(offset), timestampMs: Number(timestamp), key, value, headers: headersText(headers) };
}

/** Headers as a JSON object of strings; null when there are none, which is the rule. */
export function headersText(headers: KafkaMessage['headers']): string | null {
  if (headers === undefined) return null;
  let texts: Record<string, string | string[]> | null = null;
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    texts ??= {};
    texts[name] = Array.isArray(value) ? value.map(textOf) : textOf(value);
  }
  return texts === null ? null : JSON.stringify(texts);
}

function textOf(value: Buffer | string): string {
  return typeof value === 'string' ? value : value.toString('utf8');
}
