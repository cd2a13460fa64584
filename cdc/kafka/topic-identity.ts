// The id that Kafka gives a topic when it is made: a topic made anew under its old name has another one. kafkajs 2.2.4 asks for older
// metadata than has it, so this is one request of our own: Metadata version 12 (KIP-516), in and out, on a connection of its own.

import { connect, type Socket } from 'node:net';
import { CompactReader } from './compact.ts';

export interface TopicIdentity {
  readonly topic: string;
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly partitions: number;
}

const METADATA = 3;
const VERSION = 12;
const TIMEOUT_MS = 5_000;
const RESPONSE_BYTES_MAX = 64 * 1024 * 1024;

/** All topics of the cluster. @throws Error when no broker of the list answers in time */
export async function topicIdentities(brokers: string): Promise<Map<string, TopicIdentity>> {
  let last: unknown = new Error('no broker named');
  for (const broker of brokers.split(',')) {
    try {
      return parseMetadata(await ask(broker.trim()));
    } catch (error) {
      last = error; // the next broker of the list may answer
    }
  }
  throw last;
}

/** Every topic, nothing created: header version 2, body version 12. */
function request(): Buffer {
  const body = Buffer.concat([
    Buffer.from([0, METADATA, 0, VERSION, 0, 0, 0, 1]),
    clientId('ledgerflow'),
    Buffer.from([0]), // no tagged fields in the header
    Buffer.from([0]), // null array: all topics
    Buffer.from([0, 0, 0]), // no creation, no authorized operations, no tagged fields
  ]);
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}

function clientId(name: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeInt16BE(name.length);
  return Buffer.concat([length, Buffer.from(name)]); // the one string of the header that stayed in the old form
}

function ask(broker: string): Promise<Buffer> {
  const { hostname, port } = new URL(`tcp://${broker}`);
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ host: hostname, port: Number(port) }, () => socket.write(request()));
    const chunks: Buffer[] = [];
    let [received, wanted] = [0, Number.POSITIVE_INFINITY];
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(TIMEOUT_MS, () => fail(new Error(`${broker} did not answer within ${TIMEOUT_MS} ms`)));
    socket.once('error', fail);
    socket.once('close', () => fail(new Error(`${broker} closed the connection`)));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      received += chunk.length;
      if (wanted === Number.POSITIVE_INFINITY && received >= 4) wanted = 4 + Buffer.concat(chunks).readInt32BE(0);
      if (wanted > RESPONSE_BYTES_MAX && wanted !== Number.POSITIVE_INFINITY) fail(new Error(`${broker} answers with ${wanted} bytes`));
      if (received < wanted) return;
      resolve(Buffer.concat(chunks).subarray(4));
      socket.destroy();
    });
  });
}

/** Response of Metadata version 12, after its length. */
function parseMetadata(bytes: Buffer): Map<string, TopicIdentity> {
  const reader = new CompactReader(bytes);
  reader.skip(4); // correlation id
  reader.tags();
  reader.skip(4); // throttle time
  reader.array(() => {
    reader.skip(4);
    reader.string();
    reader.skip(4);
    reader.string();
    reader.tags();
  });
  reader.string(); // cluster id
  reader.skip(4); // controller
  const found = new Map<string, TopicIdentity>();
  reader.array(() => {
    const error = reader.int16();
    const topic = reader.string();
    const id = reader.bytes(16).toString('hex');
    reader.skip(1); // internal
    const partitions = reader.array(() => {
      reader.skip(2 + 4 + 4 + 4);
      for (let list = 0; list < 3; list += 1) reader.array(() => reader.skip(4));
      reader.tags();
    });
    reader.skip(4);
    reader.tags();
    if (error === 0 && topic !== null) found.set(topic, { topic, id, partitions });
  });
  return found;
}
