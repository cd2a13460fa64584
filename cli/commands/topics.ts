// `ledgerflow topics`: list, describe and read the topics; raw values, exact integers.

import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { Kafka, KafkaMessage } from 'kafkajs';
import { MessageDecoder } from '../../cdc/codec/message-decoder.ts';
import { createKafka } from '../../cdc/kafka/client.ts';
import { requireRunning } from '../../infra/native/run-file.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { bytesOf, describeTopics, messagesIn, requireTopic, topicNames, withAdmin, type TopicInfo } from '../../cdc/kafka/topic-info.ts';
import { wholeOrZero } from '../support/arguments.ts';
import { printLine, printNote } from '../support/output.ts';
import { bytesText, durationText, renderPairs, renderTable } from '../support/table.ts';
import { tailTopic, type TailOptions } from '../../cdc/kafka/topic-tail.ts';

const HELP = `
Examples:
  $ ledgerflow topics
  $ ledgerflow topics describe bank_server.bank.transactions
  $ ledgerflow topics tail bank_server.bank.transactions --from beginning --count 5`;

const TAIL_HELP = `
Without --json: partition@offset, time, key and value, separated by tabs; key and value exactly as they are in Kafka.
With --json: one object a line; a value that is JSON stands in it as it is, so that no digit is lost.

Examples:
  $ ledgerflow topics tail bank_server.transaction
  $ ledgerflow topics tail bank_server.bank.accounts --from 2026-11-21T10:00:00Z --count 10
  $ ledgerflow topics tail bank_server.bank.accounts --from 120 --no-follow --json | jq .value.after`;

interface Place {
  readonly brokers: string;
  /** Folder of the native broker; null when it is elsewhere. */
  readonly folder: string | null;
}

export function register(program: Command): void {
  const topics = program.command('topics').description('List, describe and read the Kafka topics.').addHelpText('after', HELP);
  topics
    .command('list', { isDefault: true })
    .description('List the topics with partitions, messages, size and retention.')
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  $ ledgerflow topics list --json')
    .action((options: { json?: boolean }) => list(options.json === true));
  topics
    .command('describe')
    .description('Show partitions, offsets and settings of one topic.')
    .argument('<topic>')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  $ ledgerflow topics describe bank_server.transaction')
    .action((topic: string, options: { json?: boolean }) => describe(topic, options.json === true));
  topics
    .command('tail')
    .description('Print the messages of one topic, by default the new ones until Ctrl-C.')
    .argument('<topic>')
    .option('--from <place>', 'beginning, end, an offset, or a time (ISO 8601)', 'end')
    .option('--count <n>', 'stop after this many messages', wholeOrZero)
    .option('--no-follow', 'stop at the end instead of waiting for more')
    .option('--json', 'print one JSON object a message')
    .addHelpText('after', TAIL_HELP)
    .action(tail);
}

/** The brokers from the settings, else those of the running LedgerFlow. */
function place(): Place {
  const config = loadConfig();
  const brokers = config.kafkaBrokers ?? requireRunning(config.home).endpoints.kafka?.brokers;
  if (brokers === undefined) throw new LedgerflowError('LF_KAFKA_UNREACHABLE', 'the broker is not up yet');
  const folder = path.join(config.home, 'kafka');
  return { brokers, folder: config.kafkaBrokers === undefined && existsSync(folder) ? folder : null };
}

async function list(json: boolean): Promise<void> {
  const { brokers, folder } = place();
  const topics = await withAdmin(brokers, async (admin) => describeTopics(admin, await topicNames(admin), folder));
  if (json) {
    printLine(`[${topics.map((topic) => `\n${topicJson(topic)}`).join(',')}\n]`);
    return;
  }
  const rows = topics.map((topic) => [
    topic.topic,
    String(topic.partitions.length),
    String(messagesIn(topic)),
    sizeText(bytesOf(topic)),
    retentionText(topic),
  ]);
  const right = 'right' as const;
  const columns = [
    { name: 'topic' },
    { name: 'partitions', align: right },
    { name: 'messages', align: right },
    { name: 'size', align: right },
  ];
  printLine(renderTable([...columns, { name: 'retention' }], rows));
}

async function describe(name: string, json: boolean): Promise<void> {
  const { brokers, folder } = place();
  const [topic] = await withAdmin(brokers, async (admin) => {
    await requireTopic(admin, name);
    return describeTopics(admin, [name], folder);
  });
  if (topic === undefined) throw new LedgerflowError('LF_TOPIC_UNKNOWN', `there is no topic ${name}`);
  if (json) {
    printLine(topicJson(topic));
    return;
  }
  printLine(renderPairs([['topic', name], ['messages', String(messagesIn(topic))], ...Object.entries(topic.settings)]));
  const columns = ['partition', 'leader', 'first', 'next', 'size'].map((column) => ({ name: column, align: 'right' as const }));
  const rows = topic.partitions.map((p) => [String(p.partition), String(p.leader), String(p.low), String(p.high), sizeText(p.bytes)]);
  printLine(`\n${renderTable(columns, rows)}`);
}

interface TailArguments {
  readonly from: string;
  readonly count?: number;
  readonly follow: boolean;
  readonly json?: boolean;
}

async function tail(topic: string, options: TailArguments): Promise<void> {
  const { brokers } = place();
  await withAdmin(brokers, (admin) => requireTopic(admin, topic));
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const format = options.json === true ? messageJson : messageText;
  const kafka = createKafka(brokers, { clientId: 'ledgerflow-cli' });
  const limits = { countMax: options.count ?? Number.POSITIVE_INFINITY, follow: options.follow, signal: stop.signal };
  const range = { topic, from: options.from, ...limits };
  const { registryUrl } = loadConfig();
  if (registryUrl === undefined) await tailTopic(kafka, range, (partition, message) => printLine(format(partition, message)));
  else await tailDecoded(kafka, range, { registryUrl, print: (partition, message) => printLine(format(partition, message)) });
}

type Print = (partition: number, message: KafkaMessage) => void;

/** With a registry set, Avro is shown as the JSON it stands for; what cannot be decoded is shown as it is. */
async function tailDecoded(kafka: Kafka, range: TailOptions, { registryUrl, print }: { registryUrl: string; print: Print }): Promise<void> {
  const decoder = MessageDecoder.for(registryUrl, { warn: (_, message) => printNote(message) });
  const turn = { beat: () => Promise.resolve(), stopped: () => range.signal.aborted };
  let printed = Promise.resolve();
  await tailTopic(kafka, range, (partition, message) => {
    printed = printed.then(async () => {
      const [decoded] = (await decoder.decode([{ key: message.key, value: message.value, headers: null }], turn)) ?? [];
      if (decoded !== undefined) print(partition, { ...message, key: decoded.key, value: decoded.value });
    });
  });
  await printed;
}

/** The topic as JSON text; offsets written digit for digit. */
export function topicJson(topic: TopicInfo): string {
  const partitions = topic.partitions.map(
    (p) => `{"partition":${p.partition},"leader":${p.leader},"first":${p.low},"next":${p.high},"bytes":${p.bytes ?? 'null'}}`,
  );
  const total = `"messages":${messagesIn(topic)},"bytes":${bytesOf(topic) ?? 'null'}`;
  return `{"topic":${JSON.stringify(topic.topic)},${total},"partitions":[${partitions.join(',')}],"settings":${JSON.stringify(topic.settings)}}`;
}

export function messageText(partition: number, message: KafkaMessage): string {
  const time = new Date(Number(message.timestamp)).toISOString();
  return [`${partition}@${message.offset}`, time, rawText(message.key), rawText(message.value)].join('\t');
}

/** One message as JSON text. The value is never parsed and printed again: numbers keep every digit. */
export function messageJson(partition: number, message: KafkaMessage): string {
  const head = `"partition":${partition},"offset":${message.offset},"timestampMs":${message.timestamp}`;
  return `{${head},"key":${embedded(message.key)},"value":${embedded(message.value)}}`;
}

function rawText(bytes: Buffer | null): string {
  return bytes === null ? 'null' : bytes.toString('utf8');
}

/** JSON stays as it is, other text becomes a JSON string, bytes that are no text become base64. */
function embedded(bytes: Buffer | null): string {
  if (bytes === null) return 'null';
  const text = bytes.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(bytes)) return JSON.stringify({ base64: bytes.toString('base64') });
  try {
    JSON.parse(text); // only to know that it is JSON; the text itself is printed
    return text.replace(/[\r\n]+/g, ' ');
  } catch {
    return JSON.stringify(text);
  }
}

function sizeText(bytes: bigint | null): string {
  return bytes === null ? '-' : bytesText(Number(bytes));
}

function retentionText(topic: TopicInfo): string {
  const ms = topic.settings['retention.ms'];
  const policy = topic.settings['cleanup.policy'] ?? '?';
  if (ms === undefined) return policy;
  return `${policy}, ${ms === '-1' ? 'for ever' : durationText(Number(ms) / 1_000)}`;
}
