// Why a fetched message could not be decoded, as the text that travels with it from the thread that fetches to ops.parked.

import type { LedgerflowError } from '../../infra/runtime/errors.ts';

/** Codes of records that are parked because they could not be decoded. */
export const DECODE_FAULTS = ['LF_REGISTRY_UNSET', 'LF_SCHEMA_UNKNOWN', 'LF_SCHEMA_UNUSABLE', 'LF_AVRO_UNREADABLE'] as const;

export function isDecodeFault(code: string): boolean {
  return (DECODE_FAULTS as readonly string[]).includes(code);
}

export function faultText({ code, message }: LedgerflowError): string {
  return `${code}: ${message}`;
}

/** The parts of a fault's text; null when the text is none. */
export function parseFault(text: string): { readonly code: string; readonly message: string } | null {
  const end = text.indexOf(': ');
  const code = text.slice(0, Math.max(0, end));
  return isDecodeFault(code) ? { code, message: text.slice(end + 2) } : null;
}
