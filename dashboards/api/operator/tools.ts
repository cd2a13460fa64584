// What operators may ask of the running parts besides SQL: the processor, Connect, the broker. Each with a deadline and a bound.

import { connectorStatus, restartConnector } from '../../../cdc/connector/status.ts';
import { createKafka } from '../../../cdc/kafka/client.ts';
import { describeTopics, messagesIn, requireTopic, topicNames, withAdmin } from '../../../cdc/kafka/topic-info.ts';
import { tailTopic } from '../../../cdc/kafka/topic-tail.ts';
import type { Endpoints, Login } from '../../../infra/native/run-file.ts';
import { callControl } from '../../../infra/runtime/control-client.ts';
import { messageOf } from '../../../infra/runtime/errors.ts';
import { processorStatusSchema, type ProcessorStatus } from '../../../infra/runtime/status.ts';
import type { Asked, ConnectorAnswer, MessageAnswer, TopicAnswer } from '../answers/operator.ts';
import { ApiProblem } from '../problem.ts';
import { runSql } from './sql-runner.ts';
import type { SqlAnswer } from '../answers/operator.ts';

const STATUS_DEADLINE_MS = 2_000;
const TAIL_DEADLINE_MS = 10_000;
const TAILS_MAX = 2;
const STATEMENTS_MAX = 2;
const SHOWN_CHARACTERS_MAX = 4_000;

export interface ToolsOptions {
  /** Home folder of the run: where the processor's door is. */
  readonly home: string;
  readonly wire: Login;
  readonly endpoints: Pick<Endpoints, 'connect' | 'kafka' | 'metrics'>;
}

export class OperatorTools {
  readonly #options: ToolsOptions;
  #tails = 0;
  #statements = 0;

  constructor(options: ToolsOptions) {
    this.#options = options;
  }

  /** What the processor says about itself. */
  async processor(): Promise<Asked<ProcessorStatus>> {
    return await asked(async () => {
      const url = new URL('/status', this.#options.endpoints.metrics.url);
      const response = await fetch(url, { signal: AbortSignal.timeout(STATUS_DEADLINE_MS) });
      return processorStatusSchema.parse(await response.json());
    });
  }

  async connector(): Promise<Asked<ConnectorAnswer>> {
    return await asked(() => connectorStatus(this.#connectAddress));
  }

  /** @throws ApiProblem unavailable */
  async restartConnector(): Promise<void> {
    await reached(() => restartConnector(this.#connectAddress, true));
  }

  /** @throws ApiProblem unavailable */
  async topics(): Promise<TopicAnswer[]> {
    const found = await reached(() =>
      withAdmin(this.#options.endpoints.kafka.brokers, async (admin) => describeTopics(admin, await topicNames(admin), null)),
    );
    return found.map((topic) => ({
      topic: topic.topic,
      partitions: topic.partitions.length,
      messages: messagesIn(topic).toString(),
      settings: topic.settings,
    }));
  }

  /** The newest messages of a topic, newest first. @throws ApiProblem overloaded, not_found, unavailable */
  async lastMessages(topic: string, countMax: number): Promise<MessageAnswer[]> {
    if (this.#tails >= TAILS_MAX) throw new ApiProblem('overloaded', 'topics are being read for somebody else: try again in a moment');
    this.#tails += 1;
    try {
      return await reached(() => this.#read(topic, countMax));
    } finally {
      this.#tails -= 1;
    }
  }

  async #read(topic: string, countMax: number): Promise<MessageAnswer[]> {
    const { brokers } = this.#options.endpoints.kafka;
    const partitions = await withAdmin(brokers, async (admin) => {
      await requireTopic(admin, topic).catch((error: unknown) => {
        throw new ApiProblem('not_found', messageOf(error), { cause: error });
      });
      return (await admin.fetchTopicOffsets(topic)).length;
    });
    const messages: MessageAnswer[] = [];
    const kafka = createKafka(brokers, { clientId: 'ledgerflow-dashboards', requestRetriesMax: 2 });
    const options = {
      topic,
      from: `last ${countMax}`,
      countMax: countMax * partitions,
      follow: false,
      signal: AbortSignal.timeout(TAIL_DEADLINE_MS),
    };
    await tailTopic(kafka, options, (partition, { offset, timestamp, key, value }) => {
      messages.push({ partition, offset, at: new Date(Number(timestamp)).toISOString(), key: shown(key), value: shown(value) });
    });
    return messages.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)).slice(0, countMax);
  }

  /** Runs a command in the processor. @throws ApiProblem refused, unavailable */
  async control(name: string, body: object): Promise<unknown> {
    try {
      return await callControl(this.#options.home, name, body);
    } catch (error) {
      throw new ApiProblem('refused', messageOf(error), { cause: error });
    }
  }

  /** A statement of the SQL page. @throws ApiProblem overloaded, statement_failed, unavailable */
  async sql(text: string): Promise<SqlAnswer> {
    if (this.#statements >= STATEMENTS_MAX) throw new ApiProblem('overloaded', 'other statements are running: try again in a moment');
    this.#statements += 1;
    try {
      return await runSql(this.#options.wire, text);
    } finally {
      this.#statements -= 1;
    }
  }

  get #connectAddress(): { connectUrl: string; connectorName: string } {
    const { url, connector } = this.#options.endpoints.connect;
    return { connectUrl: url, connectorName: connector };
  }
}

async function asked<T>(work: () => Promise<T>): Promise<Asked<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, message: messageOf(error) };
  }
}

async function reached<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiProblem) throw error;
    throw new ApiProblem('unavailable', messageOf(error), { cause: error });
  }
}

function shown(bytes: Buffer | null): string | null {
  if (bytes === null) return null;
  const text = bytes.toString('utf8');
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
}
