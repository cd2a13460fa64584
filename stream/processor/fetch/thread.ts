// The thread that fetches: hears requests, hands pages over. Whatever is thrown here ends the thread, and with it the source.

import { parentPort, workerData } from 'node:worker_threads';
import { createKafka, type KafkaLog } from '../../../cdc/kafka/client.ts';
import { handRecordsOverWhole } from '../../../cdc/kafka/raw-records.ts';
import { FetchConsumer } from './consumer.ts';
import { packError, type FetchReply, type FetchRequest, type FetchSettings } from './protocol.ts';

/** A broker that was killed leaves requests without an answer: the longest that one is waited for. */
const REQUEST_TIMEOUT_MS = 8_000;

function main(port: NonNullable<typeof parentPort>, settings: FetchSettings): void {
  const send = (reply: FetchReply, handedOver: ArrayBuffer[] = []): void => port.postMessage(reply, handedOver);
  const logAs =
    (level: 'error' | 'warn' | 'info' | 'debug') =>
    (fields: object, message: string): void =>
      send({ kind: 'log', level, fields: JSON.parse(JSON.stringify(fields)) as object, message });
  const log: KafkaLog = { error: logAs('error'), warn: logAs('warn'), info: logAs('info'), debug: logAs('debug') };
  handRecordsOverWhole();
  const consumer = new FetchConsumer(createKafka(settings.brokers, { log, requestTimeoutMs: REQUEST_TIMEOUT_MS }), settings, {
    page: (page) => send({ kind: 'page', page }, [page.columns, page.bytes.buffer as ArrayBuffer]),
    failed: (error) => send({ kind: 'failed', error: packError(error) }),
    paused: (reason) => send({ kind: 'paused', reason }),
    log,
  });
  port.on('message', (request: FetchRequest) => {
    switch (request.kind) {
      case 'subscribe':
        consumer.subscribe(request.topics, request.positions).then(
          () => send({ kind: 'subscribed', id: request.id, error: null }),
          (error: unknown) => send({ kind: 'subscribed', id: request.id, error }),
        );
        break;
      case 'pause':
        consumer.pause(request.topic, request.partition);
        break;
      case 'resume':
        consumer.resume(request.topic, request.partition);
        break;
      case 'erase':
        send({ kind: 'erased', id: request.id, ...consumer.erase(request.subject) });
        break;
      case 'close':
        void consumer.close().finally(() => port.close());
        break;
      default:
        throw new TypeError(`not a request: ${JSON.stringify(request)}`);
    }
  });
}

if (parentPort === null) throw new Error('this is the program of a thread');
main(parentPort, workerData as FetchSettings);
