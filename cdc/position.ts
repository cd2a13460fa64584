// Positions in the source: GTID, GTID set, binlog file and offset. Branded, parsed once, compared as numbers:
// 'binlog.000010' sorts before 'binlog.000009' as text after a roll-over to seven digits, and '999' after '1000'.

declare const brand: unique symbol;

/** Number of a transaction within its server: the part of the GTID after the last colon. Exact below 2^53. */
export type Seq = number & { readonly [brand]: 'Seq' };

export interface Gtid {
  /** Server that committed the transaction. */
  readonly uuid: string;
  /** Tag of a tagged GTID (MySQL 8.3 and later), null for the ordinary form. */
  readonly tag: string | null;
  readonly seq: Seq;
}

/** Place of an event in the binlog of one server epoch. */
export interface BinlogPosition {
  readonly file: string;
  readonly pos: number;
  readonly row: number;
}

interface Interval {
  readonly from: number;
  readonly to: number;
}

/** Executed transactions: per source (`uuid` or `uuid:tag`) its intervals, ascending and apart. */
export type GtidSet = ReadonlyMap<string, readonly Interval[]>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const INTERVAL = /^(\d+)(?:-(\d+))?$/;

export function toSeq(value: number): Seq {
  if (!Number.isSafeInteger(value) || value < -1) throw new RangeError(`not a transaction number: ${value}`);
  return value as Seq;
}

/** @throws RangeError when the text is not `uuid:number` or `uuid:tag:number` */
export function parseGtid(text: string): Gtid {
  const parts = text.split(':');
  const [uuid, middle, last] = parts;
  const digits = parts.length === 3 ? last : middle;
  if (parts.length > 3 || uuid === undefined || !UUID.test(uuid) || digits === undefined || !/^\d+$/.test(digits)) {
    throw new RangeError(`not a GTID: ${text}`);
  }
  return { uuid: uuid.toLowerCase(), tag: parts.length === 3 ? (middle ?? null) : null, seq: toSeq(Number(digits)) };
}

export function formatGtid(gtid: Gtid): string {
  return `${sourceOf(gtid)}:${gtid.seq}`;
}

function sourceOf(gtid: Gtid): string {
  return gtid.tag === null ? gtid.uuid : `${gtid.uuid}:${gtid.tag}`;
}

/**
 * Parses `uuid:1-5:7,uuid2:1-3` with any white space, as MySQL and Debezium write it; '' is the empty set.
 * @throws RangeError naming the part that cannot be read
 */
export function parseGtidSet(text: string): GtidSet {
  const set = new Map<string, Interval[]>();
  const compact = text.replace(/\s+/g, '');
  if (compact === '') return set;
  for (const entry of compact.split(',')) {
    const [uuid, ...rest] = entry.split(':');
    if (uuid === undefined || !UUID.test(uuid) || rest.length === 0) throw new RangeError(`not a GTID set: ${entry}`);
    let source = uuid.toLowerCase();
    for (const part of rest) {
      const match = INTERVAL.exec(part);
      if (match === null) {
        source = `${uuid.toLowerCase()}:${part}`;
        continue;
      }
      const from = toSeq(Number(match[1]));
      addInterval(set, source, { from, to: match[2] === undefined ? from : toSeq(Number(match[2])) });
    }
  }
  return set;
}

function addInterval(set: Map<string, Interval[]>, source: string, added: Interval): void {
  const all = [...(set.get(source) ?? []), added].sort((a, b) => a.from - b.from);
  const merged: Interval[] = [];
  for (const next of all) {
    const last = merged.at(-1);
    if (last !== undefined && next.from <= last.to + 1) merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, next.to) };
    else merged.push(next);
  }
  set.set(source, merged);
}

export function formatGtidSet(set: GtidSet): string {
  return [...set]
    .map(([source, intervals]) => `${source}:${intervals.map(({ from, to }) => (from === to ? from : `${from}-${to}`)).join(':')}`)
    .join(',');
}

export function gtidSetContains(set: GtidSet, gtid: Gtid): boolean {
  return (set.get(sourceOf(gtid)) ?? []).some(({ from, to }) => gtid.seq >= from && gtid.seq <= to);
}

/** Greatest transaction number of a source (`uuid` or `uuid:tag`) in the set, -1 when the set has none of it. */
export function gtidSetMax(set: GtidSet, source: string): Seq {
  return (set.get(source.toLowerCase())?.at(-1)?.to ?? -1) as Seq;
}

/** Greatest n such that every transaction from `after` + 1 to n is in the set; `after` when the next one is missing. */
export function gtidSetReach(set: GtidSet, source: string, after: number): Seq {
  const next = (set.get(source.toLowerCase()) ?? []).find(({ from, to }) => from <= after + 1 && to >= after + 1);
  return toSeq(next === undefined ? after : next.to);
}

/** File number of `binlog.000012`: 12. @throws RangeError when the name has no number */
export function binlogFileNumber(file: string): number {
  const match = /\.(\d+)$/.exec(file);
  if (match === null) throw new RangeError(`not a binlog file name: ${file}`);
  return Number(match[1]);
}

/** Negative, zero or positive as `a` comes before, at or after `b`. Both must be of the same server epoch. */
export function compareBinlogPositions(a: BinlogPosition, b: BinlogPosition): number {
  return binlogFileNumber(a.file) - binlogFileNumber(b.file) || a.pos - b.pos || a.row - b.row;
}
