// Lets kafkajs hand record batches over whole, instead of an object with a dozen fields per message: decoding those takes twice as long
// as everything else the fetching does. kafkajs decodes one batch by one function; here another takes its place, which gives a single
// stand-in message per batch, with the batch's last offset, so that all kafkajs does with offsets stays right.
// Transactional and control batches are left to kafkajs, which filters what was aborted.

import { createRequire } from 'node:module';
import type { KafkaMessage } from 'kafkajs';
import { readInt64, type RawRecords } from './record-cursor.ts';

const require = createRequire(import.meta.url);
const DECODER = 'kafkajs/src/protocol/recordBatch/v0/decoder';

interface Decoder {
  readonly buffer: Buffer;
  offset: number;
}

interface StandIn extends Pick<KafkaMessage, 'key' | 'value' | 'offset' | 'timestamp' | 'attributes'> {
  readonly headers: object;
  readonly isControlRecord: false;
  readonly batchContext: object;
  readonly raw: RawRecords;
}

type DecodeBatch = (decoder: Decoder) => Promise<{ records: readonly object[] }>;
type Codec = { decompress: (bytes: Buffer) => Promise<Buffer> } | null;

const [LENGTH_AT, ATTRIBUTES_AT, LAST_DELTA_AT, FIRST_TIME_AT, MAX_TIME_AT, COUNT_AT, RECORDS_AT] = [8, 21, 23, 27, 35, 57, 61];
const HEAD_BYTES = 12;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL_OR_CONTROL = 0x30;

let prepared = false;

/** From now on fetched batches arrive as stand-ins, in the whole thread. Must be called before the first fetch. */
export function handRecordsOverWhole(): void {
  if (prepared) return;
  prepared = true;
  const original = require(DECODER) as DecodeBatch;
  const { lookupCodecByAttributes } = require('kafkajs/src/protocol/message/compression') as {
    lookupCodecByAttributes: (attributes: number) => Codec;
  };
  const loaded = require.cache[require.resolve(DECODER)];
  if (loaded === undefined) throw new Error(`${DECODER} is not where it was in kafkajs 2.2.4`);
  loaded.exports = async (decoder: Decoder): Promise<{ records: readonly object[] }> => {
    const { buffer, offset } = decoder;
    const length = buffer.readInt32BE(offset + LENGTH_AT);
    const attributes = buffer.readInt16BE(offset + ATTRIBUTES_AT);
    const end = offset + HEAD_BYTES + length;
    if ((attributes & TRANSACTIONAL_OR_CONTROL) !== 0 || end > buffer.length) return await original(decoder);
    decoder.offset = end;
    return { records: [await standIn(buffer.subarray(offset, end), attributes, lookupCodecByAttributes(attributes))] };
  };
}

async function standIn(batch: Buffer, attributes: number, codec: Codec): Promise<StandIn> {
  const firstOffset = readInt64(batch, 0);
  const payload = batch.subarray(RECORDS_AT);
  const raw = {
    firstOffset,
    firstTimestampMs: readInt64(batch, FIRST_TIME_AT),
    appendTimestampMs: (attributes & LOG_APPEND_TIME) === 0 ? null : readInt64(batch, MAX_TIME_AT),
    count: batch.readInt32BE(COUNT_AT),
    bytes: codec === null ? payload : await codec.decompress(payload),
  };
  return {
    ...{ key: null, value: null, timestamp: String(raw.firstTimestampMs), attributes: 0, headers: {}, isControlRecord: false, raw },
    offset: String(firstOffset + batch.readInt32BE(LAST_DELTA_AT)),
    batchContext: { inTransaction: false },
  };
}

/** The whole batch that a fetched message stands for; null when it is an ordinary message. */
export function rawRecordsOf(message: KafkaMessage): RawRecords | null {
  return (message as unknown as Partial<StandIn>).raw ?? null;
}
