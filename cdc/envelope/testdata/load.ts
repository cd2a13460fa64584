// For tests only: real messages of Debezium 3.6.1 on MySQL 9.7, by name.

import { readFileSync } from 'node:fs';

export interface RealMessage {
  readonly topic: string;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export function realMessages(): Readonly<Record<string, RealMessage>> {
  return JSON.parse(readFileSync(new URL('messages.json', import.meta.url), 'utf8')) as Record<string, RealMessage>;
}

export function realValue(name: string): Buffer {
  const value = realMessages()[name]?.value;
  if (value === undefined || value === null) throw new Error(`no message ${name}`);
  return Buffer.from(value);
}
