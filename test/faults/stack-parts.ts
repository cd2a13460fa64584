// The native parts with a proxy in front: Connect and the processor each reach the broker through a listener of their own, whose
// advertised address is their proxy.

import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { NativePlan } from '../../infra/native/native-steps.ts';
import type { NativeStack } from '../../infra/native/obtain/stack.ts';
import { connectPart } from '../../infra/native/parts/connect-part.ts';
import type { Part } from '../../infra/native/parts/part.ts';
import { freePort } from '../support/kafka-broker.ts';
import type { FaultProxy } from './proxy.ts';

export interface Ways {
  /** Ports of the broker's own listeners behind the proxies. */
  readonly listeners: { connect: number; processor: number };
  readonly connectBroker: FaultProxy;
  readonly processorBroker: FaultProxy;
  readonly connectMysql: FaultProxy;
}

/** The broker with two more listeners. */
export async function listenersThrough(part: Part, ways: Ways): Promise<Part> {
  ways.listeners.connect = await freePort();
  ways.listeners.processor = await freePort();
  const file = path.join(path.dirname(path.dirname(part.logFile)), 'kafka', 'server.properties');
  const prepare = async (signal: AbortSignal): Promise<void> => {
    await part.prepare(signal);
    const controller = Number(/CONTROLLER:\/\/127\.0\.0\.1:(\d+)/.exec(readFileSync(file, 'utf8'))?.[1]);
    appendFileSync(file, listenerSettings({ broker: part.port ?? 0, controller }, ways));
  };
  return { ...part, prepare };
}

function listenerSettings(ports: { broker: number; controller: number }, { listeners, connectBroker, processorBroker }: Ways): string {
  const own = `PLAINTEXT://127.0.0.1:${ports.broker}`;
  return [
    `listeners=${own},CONTROLLER://127.0.0.1:${ports.controller},CONNECT://127.0.0.1:${listeners.connect},PROCESSOR://127.0.0.1:${listeners.processor}`,
    `advertised.listeners=${own},CONNECT://127.0.0.1:${connectBroker.port},PROCESSOR://127.0.0.1:${processorBroker.port}`,
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,CONNECT:PLAINTEXT,PROCESSOR:PLAINTEXT',
    '',
  ].join('\n');
}

/** Connect with the proxy as its broker. */
export function connectThrough(home: string, plan: NativePlan, native: NativeStack, ways: Ways): Part {
  if (native.java === undefined || native.kafka === undefined) throw new Error('Kafka is not in the cache');
  const port = Number(new URL(plan.endpoints.connect.url).port);
  return connectPart({ home, java: native.java, ...native.kafka, brokers: `127.0.0.1:${ways.connectBroker.port}`, port });
}
