// Keeps personal data and secrets out of logs: by field name at any depth, and by shape inside texts (URL passwords, e-mail addresses).

import { LedgerflowError } from './errors.ts';

export const HIDDEN = '[hidden]';

const SENSITIVE_NAME =
  /pass(word|wd|phrase)?$|secret|token|authorization|cookie|api_?key|private_?key|e_?mail|first_?name|last_?name|full_?name|phone|address_?line|date_?of_?birth|(^|_)ssn$|(^|_)pan$|iban/i;
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:)[^\s@/]+@/gi;
const EMAIL = /[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}/g;
const depthMax = 8;
const itemsMax = 100;

/** `text` without passwords in URLs and without e-mail addresses. */
export function redactText(text: string): string {
  return text.replace(URL_PASSWORD, `$1${HIDDEN}@`).replace(EMAIL, HIDDEN);
}

/** A copy of log fields that is safe to write: sensitive names hidden, texts cleaned, errors and bigints made readable, depth and length bounded. */
export function redactFields(fields: object): Record<string, unknown> {
  return redactObject(fields, 0);
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= depthMax) return '[deep]';
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, itemsMax).map((item) => redactValue(item, depth + 1));
  return redactObject(value, depth);
}

function redactObject(value: object, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    clean[name] = SENSITIVE_NAME.test(name) && item !== undefined && item !== null ? HIDDEN : redactValue(item, depth + 1);
  }
  return clean;
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = { type: error.name, message: redactText(error.message) };
  if (error instanceof LedgerflowError) {
    clean['code'] = error.code;
    if (error.where !== undefined) clean['where'] = redactText(error.where);
  }
  if (error.stack !== undefined) clean['stack'] = redactText(error.stack);
  if (error.cause !== undefined) clean['cause'] = redactValue(error.cause, depth + 1);
  return clean;
}
