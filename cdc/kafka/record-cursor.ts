// Walks the records of one Kafka record batch (message format 2) without an object for each. Formats: kafka.apache.org/documentation/#record

/** One record batch, decompressed. */
export interface RawRecords {
  readonly firstOffset: number;
  readonly firstTimestampMs: number;
  /** Time of the broker for all records, when the topic is set to that; else null. */
  readonly appendTimestampMs: number | null;
  readonly count: number;
  /** The records alone. */
  readonly bytes: Buffer;
}

const TWO_32 = 4_294_967_296;

/** Fields hold the record that `next` moved to; positions are in `bytes`, lengths -1 for null. */
export class RecordCursor {
  readonly bytes: Buffer;
  offset = 0;
  timestampMs = 0;
  keyAt = 0;
  keyLength = 0;
  valueAt = 0;
  valueLength = 0;
  /** JSON object of strings, null without headers. */
  headers: string | null = null;
  private readonly records: RawRecords;
  private left: number;
  private at = 0;
  private high = 0;

  constructor(records: RawRecords) {
    this.records = records;
    this.bytes = records.bytes;
    this.left = records.count;
  }

  /** Moves to the next record; false behind the last. @throws RangeError when a record reaches beyond the bytes */
  next(): boolean {
    if (this.left === 0) return false;
    this.left -= 1;
    const { records } = this;
    const length = this.varint();
    const end = this.at + length;
    if (length < 0 || end > this.bytes.length) throw new RangeError('a Kafka record reaches beyond its batch');
    this.at += 1; // attributes, unused by Kafka
    const delta = this.varlong();
    this.timestampMs = records.appendTimestampMs ?? records.firstTimestampMs + delta;
    this.offset = records.firstOffset + this.varint();
    this.keyLength = this.varint();
    this.keyAt = this.at;
    if (this.keyLength > 0) this.at += this.keyLength;
    this.valueLength = this.varint();
    this.valueAt = this.at;
    if (this.valueLength > 0) this.at += this.valueLength;
    this.headers = this.bytes[this.at] === 0 ? null : this.readHeaders();
    if (this.at > end) throw new RangeError('a field of a Kafka record reaches beyond it');
    this.at = end;
    return true;
  }

  /** A zigzag number of up to 32 bits. */
  private varint(): number {
    let value = 0;
    let shift = 0;
    let byte: number;
    do {
      byte = this.byte();
      value |= (byte & 127) << shift;
      shift += 7;
    } while (byte > 127);
    return (value >>> 1) ^ -(value & 1);
  }

  /** A zigzag number of up to 64 bits, exact up to 2^53. */
  private varlong(): number {
    let low = 0;
    this.high = 0;
    let shift = 0;
    let byte: number;
    do {
      byte = this.byte();
      const bits = byte & 127;
      if (shift < 28) low |= bits << shift;
      else this.high += bits * 2 ** (shift - 28);
      shift += 7;
    } while (byte > 127);
    const whole = (low >>> 0) + this.high * 268_435_456;
    return whole % 2 === 0 ? whole / 2 : -(whole + 1) / 2;
  }

  private byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new RangeError('a Kafka record reaches beyond its batch');
    this.at += 1;
    return byte;
  }

  /** A name that comes again gets an array, as in kafkajs. */
  private readHeaders(): string | null {
    const texts: Record<string, string | null | (string | null)[]> = {};
    const count = this.varint();
    for (let i = 0; i < count; i += 1) {
      const name = this.text() ?? '';
      const value = this.text();
      const known = Object.hasOwn(texts, name) ? texts[name] : undefined;
      texts[name] = known === undefined ? value : Array.isArray(known) ? [...known, value] : [known, value];
    }
    return count > 0 ? JSON.stringify(texts) : null;
  }

  private text(): string | null {
    const length = this.varint();
    if (length < 0) return null;
    this.at += length;
    return this.bytes.toString('utf8', this.at - length, this.at);
  }
}

/** A 64-bit number of a batch's head, exact up to 2^53. */
export function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * TWO_32 + bytes.readUInt32BE(at + 4);
}
