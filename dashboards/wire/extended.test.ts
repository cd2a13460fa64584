// The extended protocol message by message: portals in portions and interleaved, binary parameters, errors and Sync.

import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BodyReader, FrameCutter, type Frame } from './frames.ts';
import { MessageBuffer } from './messages.ts';
import { OID } from './types.ts';
import { wireWorld, type WireWorld } from './testkit.ts';

let world: WireWorld;

beforeAll(async () => {
  world = await wireWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

interface Parameter {
  readonly bytes: Buffer | null;
  readonly binary?: boolean;
}

/** A logged-in socket, taken over from node-postgres, on which tests speak message by message. */
class RawClient {
  readonly #socket: Socket;
  readonly #cutter = new FrameCutter();
  readonly #out = new MessageBuffer();
  #arrived: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#cutter.typed = true;
    socket.removeAllListeners('data');
    socket.on('data', (bytes) => {
      this.#cutter.push(bytes);
      this.#arrived();
    });
  }

  static async open(): Promise<RawClient> {
    const client = await world.client();
    return new RawClient((client as unknown as { connection: { stream: Socket } }).connection.stream);
  }

  parse(name: string, sql: string, oids: number[] = []): this {
    this.#out.begin('P').text(name).text(sql).int16(oids.length);
    for (const oid of oids) this.#out.int32(oid);
    this.#out.end();
    return this;
  }

  bind(portal: string, statement: string, parameters: Parameter[] = [], resultFormat = 0): this {
    this.#out.begin('B').text(portal).text(statement).int16(parameters.length);
    for (const { binary } of parameters) this.#out.int16(binary === true ? 1 : 0);
    this.#out.int16(parameters.length);
    for (const { bytes } of parameters) this.#out.value(bytes);
    this.#out.int16(1).int16(resultFormat).end();
    return this;
  }

  named(type: string, kind: string, name: string): this {
    this.#out.begin(type).utf8(kind).text(name).end();
    return this;
  }

  execute(portal: string, rows = 0): this {
    this.#out.begin('E').text(portal).int32(rows).end();
    return this;
  }

  /** Sends what was said, ended by Sync or Flush, and returns the answers up to ReadyForQuery, or `count` of them. */
  async talk(end: 'S' | 'H' = 'S', count = Infinity): Promise<Frame[]> {
    this.#out.begin(end).end();
    this.#socket.write(this.#out.take());
    const answers: Frame[] = [];
    for (;;) {
      for (let frame = this.#cutter.next(); frame !== undefined; frame = this.#cutter.next()) {
        answers.push({ type: frame.type, body: Buffer.from(frame.body) });
        if (frame.type === 'Z' || answers.length === count) return answers;
      }
      await new Promise<void>((resolve) => (this.#arrived = resolve));
    }
  }
}

const types = (frames: Frame[]): string => frames.map(({ type }) => type).join('');
const columnsOf = (frames: Frame[]): (Buffer | null)[][] =>
  frames
    .filter(({ type }) => type === 'D')
    .map(({ body }) => {
      const reader = new BodyReader(body);
      return Array.from({ length: reader.int16() }, () => {
        const length = reader.int32();
        return length < 0 ? null : reader.bytes(length);
      });
    });
const textsOf = (frames: Frame[]): string[] => columnsOf(frames).map((columns) => columns.map(String).join());
const sqlstateIn = (frames: Frame[]): string | undefined =>
  /\0C([0-9A-Z]{5})\0/.exec(frames.find(({ type }) => type === 'E')?.body.toString() ?? '')?.[1];

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

describe('portals', () => {
  it('hand out rows in portions and remember where they were', async () => {
    const raw = await RawClient.open();
    const first = await raw.parse('', 'SELECT range FROM range(5) ORDER BY 1').bind('p', '').execute('p', 2).talk('H', 5);
    expect([types(first), textsOf(first)]).toEqual(['12DDs', ['0', '1']]);
    const rest = await raw.execute('p', 2).execute('p', 2).talk();
    expect([types(rest), textsOf(rest)]).toEqual(['DDsDCZ', ['2', '3', '4']]);
    expect(sqlstateIn(await raw.execute('p').talk())).toBe('34000');
  });

  it('can be read in turns inside a transaction', async () => {
    const raw = await RawClient.open();
    await raw.parse('', 'BEGIN').bind('', '').execute('').talk();
    await raw.parse('a', 'SELECT range FROM range(10000) ORDER BY 1').bind('a', 'a').execute('a', 2).talk();
    const other = await raw.parse('b', 'SELECT 7').bind('b', 'b').execute('b').talk();
    expect([types(other), textsOf(other)]).toEqual(['12DCZ', ['7']]);
    const rest = textsOf(await raw.execute('a').talk());
    expect([rest.length, rest[0], rest.at(-1)]).toEqual([9998, '2', '9999']);
  });

  it('refuse to give way when too much is left, rather than lose rows', async () => {
    const raw = await RawClient.open();
    await raw.parse('', 'BEGIN').bind('', '').execute('').talk();
    await raw.parse('a', 'SELECT range FROM range(1000000)').bind('a', 'a').execute('a', 2).talk();
    expect(sqlstateIn(await raw.parse('b', 'SELECT 7').talk())).toBe('0A000');
  });

  it('describe themselves, close, and have unique names', async () => {
    const raw = await RawClient.open();
    const described = await raw
      .parse('s', 'SELECT $1::BIGINT AS n, $2 AS t, account_id FROM silver.accounts WHERE owner = $3')
      .named('D', 'S', 's')
      .talk();
    expect(types(described)).toBe('1tTZ');
    const reader = new BodyReader(described[1]?.body ?? Buffer.alloc(0));
    expect(Array.from({ length: reader.int16() }, () => reader.int32())).toEqual([OID.int8, OID.text, OID.text]);
    expect(sqlstateIn(await raw.parse('s', 'SELECT 1').talk())).toBe('42P05');
    expect(types(await raw.named('C', 'S', 's').parse('s', 'SHOW server_version').named('D', 'S', 's').talk())).toBe('31tTZ');
    expect(types(await raw.parse('', '').bind('', '').named('D', 'P', '').execute('').talk())).toBe('12nIZ');
  });
});

describe('parameters', () => {
  it('come in binary', async () => {
    const raw = await RawClient.open();
    const micros = (Date.UTC(2026, 0, 1, 1) - Date.UTC(2000, 0, 1)) * 1000;
    const numeric = Buffer.from('000300010000000400010002000a', 'hex');
    const array = Buffer.concat([
      Buffer.from('000000010000000000000014000000020000000100000008', 'hex'),
      int64(3n),
      Buffer.from('00000008', 'hex'),
      int64(4n),
    ]);
    const frames = await raw
      .parse('', 'SELECT $1 + 1, $2, $3, $4, $5, $6::BLOB, account_id FROM silver.accounts WHERE account_id = ANY($7) ORDER BY 7', [
        OID.int8,
        OID.timestamptz,
        OID.numeric,
        OID.bool,
        OID.text,
        OID.bytea,
        1016,
      ])
      .bind('', '', [
        { bytes: int64(9_007_199_254_740_993n), binary: true },
        { bytes: int64(BigInt(micros)), binary: true },
        { bytes: numeric, binary: true },
        { bytes: Buffer.from([1]), binary: true },
        { bytes: null },
        { bytes: Buffer.from([0, 255]), binary: true },
        { bytes: array, binary: true },
      ])
      .execute('')
      .talk();
    expect(sqlstateIn(frames)).toBeUndefined();
    expect(textsOf(frames)).toEqual([
      '9007199254740994,2026-01-01 01:00:00+00,10002.0010000000,t,null,\\x00ff,3',
      '9007199254740994,2026-01-01 01:00:00+00,10002.0010000000,t,null,\\x00ff,4',
    ]);
  });

  it('are counted', async () => {
    const raw = await RawClient.open();
    expect(sqlstateIn(await raw.parse('', 'SELECT $1').bind('', '').talk())).toBe('08P01');
    expect(
      sqlstateIn(
        await raw
          .parse('', 'SELECT $1')
          .bind('', '', [{ bytes: Buffer.from('a') }, { bytes: null }])
          .talk(),
      ),
    ).toBe('08P01');
  });
});

describe('errors', () => {
  it('skip everything up to Sync and leave the connection usable', async () => {
    const raw = await RawClient.open();
    const frames = await raw.parse('', 'SELECT nope').bind('', '').execute('').talk();
    expect([types(frames), sqlstateIn(frames)]).toEqual(['EZ', '42703']);
    expect(textsOf(await raw.parse('', 'SELECT 1').bind('', '').execute('').talk())).toEqual(['1']);
    expect(sqlstateIn(await raw.parse('', 'SELECT 1; SELECT 2').talk())).toBe('42601');
    expect(sqlstateIn(await raw.bind('', 'missing').talk())).toBe('26000');
  });

  it('come instead of binary values that are not known here', async () => {
    const raw = await RawClient.open();
    expect(sqlstateIn(await raw.parse('', `SELECT '101'::BIT`).bind('', '', [], 1).execute('').talk())).toBe('0A000');
  });
});
