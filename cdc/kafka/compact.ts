// The compact forms of Kafka's wire protocol (KIP-482): lengths as unsigned varints plus one, tagged fields at the end of each structure.

export class CompactReader {
  private readonly buffer: Buffer;
  private at = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  skip(bytes: number): void {
    this.at += bytes;
    if (this.at > this.buffer.length) throw new RangeError('the response is shorter than it says');
  }

  bytes(count: number): Buffer {
    const from = this.at;
    this.skip(count);
    return this.buffer.subarray(from, this.at);
  }

  int16(): number {
    return this.bytes(2).readInt16BE(0);
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes(1)[0] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a length of more than five bytes');
  }

  /** Null for the length 0. */
  string(): string | null {
    const length = this.varint();
    return length === 0 ? null : this.bytes(length - 1).toString('utf8');
  }

  /** Calls `each` for every element; answers how many there were. */
  array(each: () => void): number {
    const count = Math.max(0, this.varint() - 1);
    for (let i = 0; i < count; i += 1) each();
    return count;
  }

  tags(): void {
    for (let left = this.varint(); left > 0; left -= 1) {
      this.varint();
      this.skip(this.varint());
    }
  }
}
