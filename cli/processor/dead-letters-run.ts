// Parked records joined to the processor: produced to their topic on a connection of their own.

import { createKafka } from '../../cdc/kafka/client.ts';
import type { Task } from '../../infra/runtime/lifecycle.ts';
import type { Log } from '../../infra/runtime/log.ts';
import type { Metrics } from '../../infra/runtime/metrics.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import { runDeadLetterTopic } from '../../stream/deadletter/dead-letter-topic.ts';

interface DeadLettersContext {
  readonly config: Config;
  readonly store: StoreHandle;
  readonly log: Log;
  readonly metrics: Metrics;
}

export function deadLettersTask(context: DeadLettersContext): Task {
  return { name: 'dead letters', run: (stop) => produceDeadLetters(context, stop) };
}

async function produceDeadLetters({ config, store, log, metrics }: DeadLettersContext, stop: AbortSignal): Promise<void> {
  const connection = await store.connect();
  try {
    const kafka = createKafka(config.kafkaBrokers ?? '', { clientId: 'ledgerflow-dlq' });
    await runDeadLetterTopic(
      { kafka, registryUrl: config.registryUrl, connection, onProduced: (records) => metrics.deadLetters.inc(records), log },
      stop,
    );
  } finally {
    connection.closeSync();
  }
}
