// Where a change event stands in its transaction, read from the last bytes of its JSON: 0.1–0.3 µs instead of 5 µs for JSON.parse.
// Debezium ends every value with  …"query":X},"transaction":{"id":"<uuid>:<n>","total_order":N,"data_collection_order":N},"op":"c","ts_ms":13d,"ts_us":16d,"ts_ns":19d}
// The row's own data stands far in front, so text in a column cannot be mistaken for the tail: every byte is checked against its fixed place.
// Whatever does not match exactly is read with JSON.parse; what that cannot read is 'unreadable', never guessed.

import { messageOf } from '../../infra/runtime/errors.ts';
import { parseGtid } from '../position.ts';

/** event: c/u/d of a transaction; outside: TRUNCATE or incremental snapshot row, has a GTID but no order; snapshot: row of the first snapshot. */
export type ScanKind = 'event' | 'outside' | 'snapshot' | 'unreadable';

/** `source.snapshot` of an `r` row: 'last' ends the snapshot; 'incremental' rows are kind 'outside'. */
export type SnapshotMarker = 'true' | 'first' | 'first_in_data_collection' | 'last_in_data_collection' | 'last' | 'incremental' | 'false';

/** Reused by every scan: copy what must outlive the next one. */
export interface Scan {
  kind: ScanKind;
  /** Number of the GTID; -1 for snapshot rows. */
  seq: number;
  /** total_order inside the transaction; 0 outside. */
  ord: number;
  /** Character code of op: 'c' 99, 'u' 117, 'd' 100, 'r' 114, 't' 116; 0 when unreadable. */
  op: number;
  /** The GTID's server is the expected one (always true for snapshot rows). */
  expectedServer: boolean;
  /** Server of the GTID when it is not the expected one. */
  serverUuid: string | null;
  /** Set for `r` rows only. */
  snapshotMarker: SnapshotMarker | null;
  /** Why it is unreadable. */
  reason: string | null;
}

export interface Scanner {
  /** The reused result. */
  readonly result: Scan;
  /** Reads one value; returns `result`. */
  scan(value: Buffer): Scan;
}

const OP_KEY = Buffer.from('"op":"');
const TS_MS_KEY = Buffer.from('","ts_ms":');
const COLLECTION_ORDER_KEY = Buffer.from(',"data_collection_order":');
const TOTAL_ORDER_KEY = Buffer.from('","total_order":');
const TRANSACTION_KEY = Buffer.from('},"transaction":{"id":"');
const NO_TRANSACTION = Buffer.from('},"transaction":null,');
const SNAPSHOT_KEY = Buffer.from('"snapshot":"');
/** Bytes from `"op":"` to the end while times have 13, 16 and 19 digits (2001 to 2286). */
const TAIL_BYTES = '"op":"c","ts_ms":1795243773389,"ts_us":1795243773389555,"ts_ns":1795243773389555585}'.length;
const UUID_BYTES = 36;
const QUOTE = 34;
const COLON = 58;
const CLOSE_BRACE = 125;
const COMMA = 44;
const ZERO = 48;
const NINE = 57;
/** `source` ends with the value; its `snapshot` key stands within this many bytes before the end of a snapshot row. */
const SOURCE_BYTES_MAX = 1_024;
const OP_LETTERS = 'cudrt';
const READ = 'r'.charCodeAt(0);
const DIGITS_MAX = 15;

/**
 * Makes a scanner for one source server.
 * @param expectedUuid server UUID of the source; null accepts any and reports it in `serverUuid`
 */
export function createScanner(expectedUuid: string | null): Scanner {
  const expected = expectedUuid === null ? null : Buffer.from(expectedUuid.toLowerCase());
  const result: Scan = {
    kind: 'unreadable',
    seq: -1,
    ord: 0,
    op: 0,
    expectedServer: true,
    serverUuid: null,
    snapshotMarker: null,
    reason: null,
  };
  return {
    result,
    scan(value) {
      if (!scanTail(value, expected, result)) scanByParsing(value, expectedUuid, result);
      return result;
    },
  };
}

/** End of a run of digits read backwards; the number is in `backNumber`. Module state keeps the fast path free of allocation. */
let backNumber = 0;

function digitsBack(value: Buffer, end: number): number {
  let at = end;
  let number = 0;
  let scale = 1;
  let code = value[at] ?? 0;
  while (code >= ZERO && code <= NINE && end - at < DIGITS_MAX) {
    number += (code - ZERO) * scale;
    scale *= 10;
    at -= 1;
    code = value[at] ?? 0;
  }
  backNumber = at === end || (code >= ZERO && code <= NINE) ? -1 : number;
  return at;
}

/** Is `text` in `value` so that it ends at `end` (inclusive)? */
function endsAt(value: Buffer, end: number, text: Buffer): boolean {
  const from = end - text.length + 1;
  if (from < 0) return false;
  for (let i = 0; i < text.length; i += 1) if (value[from + i] !== text[i]) return false;
  return true;
}

/** Fast path; false when the tail is not exactly the expected one. */
function scanTail(value: Buffer, expected: Buffer | null, result: Scan): boolean {
  const opAt = value.length - TAIL_BYTES;
  if (opAt < 64 || value[value.length - 1] !== CLOSE_BRACE) return false;
  if (!endsAt(value, opAt + OP_KEY.length - 1, OP_KEY) || !endsAt(value, opAt + OP_KEY.length + TS_MS_KEY.length, TS_MS_KEY)) return false;
  const op = value[opAt + OP_KEY.length] ?? 0;
  if (value[opAt - 1] !== COMMA) return false;
  if (endsAt(value, opAt - 1, NO_TRANSACTION)) return op === READ && scanSnapshotRow(value, opAt - NO_TRANSACTION.length, result);
  if (value[opAt - 2] !== CLOSE_BRACE) return false;
  let at = digitsBack(value, opAt - 3);
  if (backNumber < 0 || !endsAt(value, at, COLLECTION_ORDER_KEY)) return false;
  at = digitsBack(value, at - COLLECTION_ORDER_KEY.length);
  const ord = backNumber;
  if (ord < 0 || !endsAt(value, at, TOTAL_ORDER_KEY)) return false;
  at = digitsBack(value, at - TOTAL_ORDER_KEY.length);
  const seq = backNumber;
  if (seq < 0 || value[at] !== COLON || !endsAt(value, at - UUID_BYTES - 1, TRANSACTION_KEY)) return false;
  if (op !== 99 && op !== 117 && op !== 100) return false;
  result.kind = 'event';
  result.seq = seq;
  result.ord = ord;
  result.op = op;
  result.snapshotMarker = null;
  result.reason = null;
  setServer(value, at - UUID_BYTES, expected, result);
  return true;
}

function setServer(value: Buffer, from: number, expected: Buffer | null, result: Scan): void {
  result.expectedServer = true;
  result.serverUuid = null;
  if (expected !== null) {
    let i = 0;
    while (i < UUID_BYTES && value[from + i] === expected[i]) i += 1;
    if (i === UUID_BYTES) return;
    result.expectedServer = false;
  }
  result.serverUuid = value.toString('latin1', from, from + UUID_BYTES);
}

/**
 * `r` with "transaction":null: a row of the first snapshot, or (marker 'incremental') of a later one, which is left to JSON.parse.
 * The marker is looked for from the end and only within `source`, whose fixed fields are shorter than the search window.
 */
function scanSnapshotRow(value: Buffer, sourceEnd: number, result: Scan): boolean {
  if (value[sourceEnd] !== CLOSE_BRACE && !endsAt(value, sourceEnd, NULL_QUERY)) return false;
  const at = value.lastIndexOf(SNAPSHOT_KEY, sourceEnd);
  if (at < 0 || sourceEnd - at > SOURCE_BYTES_MAX || value[at - 1] !== COMMA) return false;
  const from = at + SNAPSHOT_KEY.length;
  const marker = value.toString('latin1', from, value.indexOf(QUOTE, from));
  if (!isBootstrapMarker(marker)) return false;
  result.kind = 'snapshot';
  result.seq = -1;
  result.ord = 0;
  result.op = READ;
  result.expectedServer = true;
  result.serverUuid = null;
  result.snapshotMarker = marker;
  result.reason = null;
  return true;
}

const NULL_QUERY = Buffer.from('"query":null');

function isBootstrapMarker(marker: string): marker is Exclude<SnapshotMarker, 'incremental' | 'false'> {
  return (
    marker === 'true' ||
    marker === 'last' ||
    marker === 'first' ||
    marker === 'first_in_data_collection' ||
    marker === 'last_in_data_collection'
  );
}

interface Envelope {
  readonly op?: unknown;
  readonly source?: { readonly gtid?: unknown; readonly snapshot?: unknown } | null;
  readonly transaction?: { readonly id?: unknown; readonly total_order?: unknown } | null;
}

function scanByParsing(value: Buffer, expectedUuid: string | null, result: Scan): void {
  result.snapshotMarker = null;
  result.expectedServer = true;
  result.serverUuid = null;
  result.reason = null;
  try {
    readEnvelope(JSON.parse(value.toString('utf8')) as Envelope | null, expectedUuid, result);
  } catch (error) {
    result.kind = 'unreadable';
    result.seq = -1;
    result.ord = 0;
    result.op = 0;
    result.reason = messageOf(error);
  }
}

function readEnvelope(envelope: Envelope | null, expectedUuid: string | null, result: Scan): void {
  if (envelope === null || typeof envelope !== 'object') throw new Error('the value is not a JSON object');
  const { op, source, transaction } = envelope;
  if (typeof op !== 'string' || op.length !== 1 || !OP_LETTERS.includes(op)) throw new Error(`op is ${JSON.stringify(op) ?? 'missing'}`);
  if (typeof source !== 'object' || source === null) throw new Error('source is missing');
  const snapshot = op === 'r' ? readMarker(source.snapshot) : null;
  const transactional = transaction !== undefined && transaction !== null;
  const id = transactional ? transaction.id : source.gtid;
  result.ord = transactional ? readOrder(transaction.total_order) : 0;
  if (typeof id === 'string') {
    const gtid = parseGtid(id);
    const server = gtid.tag === null ? gtid.uuid : `${gtid.uuid}:${gtid.tag}`;
    result.seq = gtid.seq;
    result.kind = transactional ? 'event' : 'outside';
    result.expectedServer = expectedUuid === null || server === expectedUuid.toLowerCase();
    result.serverUuid = result.expectedServer && expectedUuid !== null ? null : server;
  } else {
    if (snapshot === null) throw new Error(`${op} has neither transaction nor GTID`);
    result.seq = -1;
    result.kind = 'snapshot';
  }
  result.op = op.charCodeAt(0);
  result.snapshotMarker = snapshot;
}

function readMarker(snapshot: unknown): SnapshotMarker {
  if (typeof snapshot === 'string' && (snapshot === 'incremental' || snapshot === 'false' || isBootstrapMarker(snapshot))) return snapshot;
  throw new Error(`source.snapshot is ${JSON.stringify(snapshot) ?? 'missing'}`);
}

function readOrder(order: unknown): number {
  if (typeof order === 'number' && Number.isSafeInteger(order) && order > 0) return order;
  throw new Error(`total_order is ${JSON.stringify(order) ?? 'missing'}`);
}
