// Sources that are not what they were. Each is named in status and /health, and the command that the remedy names recovers.

import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Admin } from 'kafkajs';
import { callConnect, connectorPath, type Method } from '../../cdc/connector/rest.ts';
import { createKafka } from '../../cdc/kafka/client.ts';
import { waitFor } from '../support/pipeline.ts';
import { INTO_WORK_MS, pause, underLoad, type Fault, type FaultOutcome } from './fault.ts';
import type { FaultStack } from './stack.ts';

const TABLE_TOPIC = 'bank_server.bank.ledger_entries';
const ORDER_DEADLINE_MS = 60_000;

async function withAdmin<T>(stack: FaultStack, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = createKafka(stack.plan.endpoints.kafka.brokers).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** An order to Connect about the connector. @throws unless it is taken */
async function connectOrder(stack: FaultStack, method: Method, rest: string, body?: unknown): Promise<unknown> {
  const { url, connector } = stack.plan.endpoints.connect;
  let answer = await callConnect({ connectUrl: url }, method, connectorPath(connector, rest), body);
  await waitFor(`Connect to take ${method} ${rest}`, ORDER_DEADLINE_MS, async () => {
    if (answer.status < 300) return true;
    if (answer.status !== 409 && answer.status < 500) throw new Error(JSON.stringify(answer.body));
    answer = await callConnect({ connectUrl: url }, method, connectorPath(connector, rest), body);
    return answer.status < 300;
  });
  return answer.body;
}

/** Stopped, not paused: only then Connect lets its offsets be changed. */
async function stopConnector(stack: FaultStack): Promise<void> {
  await connectOrder(stack, 'PUT', '/stop');
  await waitFor('the connector to be stopped', ORDER_DEADLINE_MS, async () => {
    const status = (await connectOrder(stack, 'GET', '/status')) as { connector: { state: string }; tasks: unknown[] };
    return status.connector.state === 'STOPPED' && status.tasks.length === 0;
  });
}

async function command(stack: FaultStack, ...args: string[]): Promise<void> {
  const { code, stderr } = await stack.pipeline.run(...args);
  if (code !== 0) throw new Error(`ledgerflow ${args.join(' ')} ended with ${String(code)}: ${stderr}`);
}

/** down, resnapshot, up: as the remedies say. */
async function resnapshot(stack: FaultStack): Promise<FaultOutcome['recoveryMs']> {
  const at = performance.now();
  await stack.stop();
  await command(stack, 'resnapshot', '--yes');
  await stack.start();
  return await stack.untilFresh(at);
}

/** Named, and recovered by a new history. */
async function namedThenResnapshot(stack: FaultStack, code: string): Promise<FaultOutcome> {
  const detected = await stack.untilReported(code, 240_000);
  return { detected, recoveryMs: await resnapshot(stack) };
}

const CONNECTOR_DELETED: Fault = {
  name: 'connector-deleted',
  injected: 'DELETE of the connector in Connect; recovered by `ledgerflow connector register`',
  run: async ({ stack }) => {
    await connectOrder(stack, 'DELETE', '');
    const detected = await stack.untilReported('LF_CONNECTOR_MISSING');
    const at = performance.now();
    await command(stack, 'connector', 'register');
    return { detected, recoveryMs: await stack.untilFresh(at) };
  },
};

const PARTITIONS_ADDED: Fault = {
  name: 'partitions-added',
  injected: 'a topic grows from 1 to 3 partitions under load, then Connect is restarted so that keys move',
  run: async ({ stack }) =>
    await underLoad(stack, async () => {
      await withAdmin(stack, (admin) => admin.createPartitions({ topicPartitions: [{ topic: TABLE_TOPIC, count: 3 }] }));
      const at = performance.now();
      await connectOrder(stack, 'POST', '/restart?includeTasks=true');
      await pause(4 * INTO_WORK_MS);
      const recoveryMs = await stack.untilFresh(at);
      const reader = await stack.pipeline.sql();
      const { rows } = await reader.query<{ n: string }>(
        `SELECT count(DISTINCT partition) AS n FROM bronze.changes WHERE topic = '${TABLE_TOPIC}'`,
      );
      await reader.end();
      const used = Number(rows[0]?.n ?? 0);
      return {
        detected: `read on, ${used} partitions in bronze`,
        recoveryMs,
        violations: used === 3 ? [] : [`${used} partitions in bronze`],
      };
    }),
};

const REEMITTED: Fault = {
  name: 'connect-reemits',
  injected: "Connect's recorded position is set back by everything since the start of the fault (20 s of load; a minute in the long form)",
  run: async ({ stack, short }) => {
    await stopConnector(stack);
    const { offsets } = (await connectOrder(stack, 'GET', '/offsets')) as { offsets: unknown[] };
    await connectOrder(stack, 'PUT', '/resume');
    await underLoad(stack, () => pause(short ? 8_000 : 60_000));
    await stack.pipeline.caughtUp();
    const before = await sums(stack);
    await stopConnector(stack);
    await connectOrder(stack, 'PATCH', '/offsets', { offsets });
    const at = performance.now();
    await connectOrder(stack, 'PUT', '/resume');
    const recoveryMs = await stack.untilFresh(at);
    const after = await sums(stack);
    const again = after.duplicates - before.duplicates;
    return {
      detected: `${again} duplicates recognised`,
      recoveryMs,
      violations: again > 100 ? [] : [`only ${again} duplicates: nothing was emitted again`],
    };
  },
};

async function sums(stack: FaultStack): Promise<{ duplicates: number }> {
  const reader = await stack.pipeline.sql();
  const { rows } = await reader.query<{ duplicates: string }>('SELECT sum(duplicates) AS duplicates FROM ops.commits');
  await reader.end();
  return { duplicates: Number(rows[0]?.duplicates) };
}

const SCHEMA_HISTORY_GONE: Fault = {
  name: 'schema-history-gone',
  injected: "the topic of the connector's schema history is deleted; recovered by `ledgerflow connector recover`",
  run: async ({ stack }) => {
    await stopConnector(stack);
    await withAdmin(stack, (admin) => admin.deleteTopics({ topics: ['bank_server.schema-history'] }));
    await connectOrder(stack, 'PUT', '/resume');
    const detected = await stack.untilReported('LF_SCHEMA_HISTORY_GONE', 240_000);
    const at = performance.now();
    await command(stack, 'connector', 'recover');
    return { detected, recoveryMs: await stack.untilFresh(at) };
  },
};

const TOPIC_TRUNCATED: Fault = {
  name: 'topic-truncated',
  injected: 'messages are deleted from a topic before the processor has read them; recovered by `ledgerflow resnapshot`',
  run: async ({ stack }) => {
    stack.ways.processorBroker.set('stall');
    await underLoad(stack, () => pause(2 * INTO_WORK_MS));
    await withAdmin(stack, async (admin) => {
      const offsets = await admin.fetchTopicOffsets(TABLE_TOPIC);
      const partitions = offsets.map(({ partition, high }) => ({ partition, offset: high }));
      await admin.deleteTopicRecords({ topic: TABLE_TOPIC, partitions });
    });
    stack.ways.processorBroker.set('pass');
    return await namedThenResnapshot(stack, 'LF_TOPIC_TRUNCATED');
  },
};

const TOPIC_RECREATED: Fault = {
  name: 'topic-recreated',
  injected: 'a topic is deleted and made anew while it is read; recovered by `ledgerflow resnapshot`',
  run: async ({ stack }) => {
    await withAdmin(stack, async (admin) => {
      await admin.deleteTopics({ topics: [TABLE_TOPIC] });
      await waitFor('the topic to be gone', ORDER_DEADLINE_MS, async () => !(await admin.listTopics()).includes(TABLE_TOPIC));
      await admin.createTopics({ topics: [{ topic: TABLE_TOPIC, numPartitions: 1 }] }).catch(() => false); // Connect was quicker
    });
    await underLoad(stack, () => pause(INTO_WORK_MS));
    return await namedThenResnapshot(stack, 'LF_TOPIC_RECREATED');
  },
};

const BINLOG_PURGED: Fault = {
  name: 'binlog-purged',
  injected: 'binlog files that a stopped connector has not read are purged; recovered by `ledgerflow resnapshot`',
  run: async ({ stack }) => {
    await stopConnector(stack);
    await underLoad(stack, () => pause(INTO_WORK_MS));
    const root = await stack.pipeline.root();
    await root.query('FLUSH BINARY LOGS');
    const [files] = await root.query('SHOW BINARY LOGS');
    await root.query(`PURGE BINARY LOGS TO '${(files as { Log_name: string }[]).at(-1)?.Log_name ?? ''}'`);
    root.destroy();
    await connectOrder(stack, 'PUT', '/resume');
    return await namedThenResnapshot(stack, 'LF_BINLOG_PURGED');
  },
};

const OFFSETS_GONE: Fault = {
  name: 'connect-offsets-gone',
  injected: "Connect's recorded position is deleted, the connector begins a second snapshot; recovered by `ledgerflow resnapshot`",
  run: async ({ stack }) => {
    await stopConnector(stack);
    await underLoad(stack, () => pause(INTO_WORK_MS));
    await connectOrder(stack, 'DELETE', '/offsets');
    await connectOrder(stack, 'PUT', '/resume');
    return await namedThenResnapshot(stack, 'LF_SNAPSHOT_REPEATED');
  },
};

const SERVER_CHANGED: Fault = {
  name: 'server-changed',
  injected: 'MySQL comes back with another server UUID; recovered by `ledgerflow resnapshot`',
  run: async ({ stack }) => {
    rmSync(path.join(stack.home, 'mysql', 'data', 'auto.cnf'));
    const at = performance.now();
    process.kill(await stack.pipeline.pidOf('mysql'), 'SIGTERM');
    await waitFor('mysql to be back', ORDER_DEADLINE_MS, () => Promise.resolve((stack.healthy.get('mysql') ?? 0) > at));
    return await namedThenResnapshot(stack, 'LF_SERVER_CHANGED');
  },
};

/** Those that leave the history as it is come first. */
export function sourceFaults(): Fault[] {
  return [
    ...[CONNECTOR_DELETED, PARTITIONS_ADDED, REEMITTED, SCHEMA_HISTORY_GONE],
    ...[TOPIC_TRUNCATED, TOPIC_RECREATED, BINLOG_PURGED, OFFSETS_GONE, SERVER_CHANGED],
  ];
}
