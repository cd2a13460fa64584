// One record of the dead-letter topic: the parked message whole, with its cause and origin; in Avro with a schema registry, else in JSON.

import type { Schema } from 'avsc';
import { DEAD_LETTER_TOPIC } from '../../cdc/connector/topic-names.ts';
import type { OwnTopic } from '../../cdc/codec/encode.ts';

export interface DeadLetter {
  readonly id: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Texts of cause and origin, empty where there is none. */
  readonly headers: Readonly<Record<HeaderName, string>>;
}

type HeaderName = 'topic' | 'partition' | 'offset' | 'seq' | 'reason' | 'detail' | 'gtid' | 'parked_at' | 'parked_id' | 'table' | 'status';

const required = (name: string, type: string, doc?: string): object => ({ name, type, ...(doc === undefined ? {} : { doc }) });
const optional = (name: string, type: string, doc?: string): object => ({
  ...required(name, '', doc),
  type: ['null', type],
  default: null,
});

export const DEAD_LETTERS: OwnTopic = {
  topic: DEAD_LETTER_TOPIC,
  schema: {
    type: 'record',
    name: 'DeadLetter',
    namespace: 'ledgerflow',
    doc: 'A record that could not be applied. Topic, partition and offset are its identity.',
    fields: [
      required('topic', 'string'),
      required('partition', 'int'),
      required('offset', 'long'),
      required('seq', 'long', "transaction number in the source's GTID; below 0 for a snapshot"),
      optional('gtid', 'string'),
      optional('table', 'string'),
      required('reason', 'string', 'error code'),
      required('detail', 'string'),
      required('status', 'string'),
      required('parked_id', 'long'),
      required('parked_at', 'string', 'ISO 8601, UTC'),
      optional('key_text', 'string', 'the key when it is UTF-8'),
      optional('key_bytes', 'bytes', 'the key when it is not'),
      optional('value_text', 'string', 'the value when it is UTF-8'),
      optional('value_bytes', 'bytes', 'the value when it is not'),
      optional('value_omitted', 'long', 'size in bytes of a value that was too large for the topic'),
    ],
  } as unknown as Schema,
};

/** The fields of the topic's schema. @param whole false leaves the message's value out and tells its size */
export function deadLetterFields({ key, value, headers }: DeadLetter, whole: boolean): object {
  const { topic, partition, offset, seq, gtid, table, reason, detail, status } = headers;
  const [keyText, valueText] = [textOf(key), whole ? textOf(value) : null];
  return {
    ...{ topic, partition: Number(partition), offset: BigInt(offset), seq: BigInt(seq) },
    ...{ gtid: gtid === '' ? null : gtid, table: table === '' ? null : table, reason, detail, status },
    ...{ parked_id: BigInt(headers.parked_id), parked_at: headers.parked_at },
    ...{ key_text: keyText, key_bytes: keyText === null ? key : null },
    ...{ value_text: valueText, value_bytes: whole && valueText === null ? value : null },
    value_omitted: whole || value === null ? null : BigInt(value.length),
  };
}

/** Text that stands for exactly these bytes; null when there is none. */
function textOf(bytes: Buffer | null): string | null {
  if (bytes === null) return null;
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : null;
}
