// Kafka's topics with their size, and the newest messages of one of them.

import { useEffect, useState } from 'preact/hooks';
import type { MessageAnswer, MessagesAnswer, TopicAnswer, TopicsAnswer } from '../../../../api/answers/operator.ts';
import { count, moment } from '../../format.ts';
import { Card, Empty, Failure, Loading } from '../../parts/card.tsx';
import { Table } from '../../parts/table.tsx';
import { call, CallFailed } from '../../state/http.ts';
import { useLive } from '../../state/use-live.ts';

const EVERY_MS = 3_000;

export function Topics() {
  const { data, error } = useLive<TopicsAnswer>('/api/operator/topics', EVERY_MS);
  const [chosen, setChosen] = useState<string | null>(null);
  if (data === undefined) return error === null ? <Loading /> : <Failure>{error}</Failure>;
  return (
    <>
      <div class="page-head">
        <h1>Topics</h1>
      </div>
      {error !== null && <Failure>{error} The figures below are older.</Failure>}
      <div class="stack">
        {chosen !== null && <Messages topic={chosen} onClose={() => setChosen(null)} />}
        <Card title={`${data.topics.length} topics`}>
          <TopicTable topics={data.topics} onChoose={setChosen} />
        </Card>
      </div>
    </>
  );
}

function TopicTable({ topics, onChoose }: { readonly topics: readonly TopicAnswer[]; readonly onChoose: (topic: string) => void }) {
  return (
    <Table
      label="Topics"
      rows={topics}
      keyOf={({ topic }) => topic}
      columns={[
        { name: 'Topic', cell: ({ topic }) => <code>{topic}</code> },
        { name: 'Partitions', numeric: true, wideOnly: true, cell: ({ partitions }) => count(partitions) },
        { name: 'Messages', numeric: true, cell: ({ messages }) => count(messages) },
        { name: 'Clean-up', wideOnly: true, cell: ({ settings }) => settings['cleanup.policy'] ?? '–' },
        {
          name: 'Newest',
          numeric: true,
          cell: ({ topic }) => (
            <button type="button" class="quiet small" onClick={() => onChoose(topic)} aria-label={`Newest messages of ${topic}`}>
              Show
            </button>
          ),
        },
      ]}
    />
  );
}

function Messages({ topic, onClose }: { readonly topic: string; readonly onClose: () => void }) {
  const [messages, setMessages] = useState<readonly MessageAnswer[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    setMessages(null);
    setFailure(null);
    call<MessagesAnswer>(`/api/operator/topics/${encodeURIComponent(topic)}/messages`, { signal: stop.signal }).then(
      (answer) => setMessages(answer.messages),
      (error: unknown) => {
        if (!stop.signal.aborted) setFailure(error instanceof CallFailed ? error.message : 'The topic could not be read.');
      },
    );
    return () => stop.abort();
  }, [topic]);
  const close = (
    <button type="button" class="quiet small" onClick={onClose}>
      Close
    </button>
  );
  return (
    <Card title={`Newest messages of ${topic}`} note={close}>
      {failure !== null && <Failure>{failure}</Failure>}
      {messages === null && failure === null && <Loading />}
      {messages?.length === 0 && <Empty>The topic is empty.</Empty>}
      <div class="stack" data-testid="messages">
        {(messages ?? []).map((message) => (
          <Message key={`${message.partition}-${message.offset}`} message={message} />
        ))}
      </div>
    </Card>
  );
}

function Message({ message }: { readonly message: MessageAnswer }) {
  const { partition, offset, at, key, value } = message;
  return (
    <details>
      <summary>
        <code>
          {partition}@{offset}
        </code>{' '}
        <span class="muted">{moment(at)}</span> <code>{key ?? 'no key'}</code>
      </summary>
      <pre tabIndex={0}>{value === null ? 'tombstone: no value' : pretty(value)}</pre>
    </details>
  );
}

/** Indented only when no digit is lost by it: numbers beyond 2^53 stay as they came. */
function pretty(text: string): string {
  try {
    return /\d{16,}/.test(text) ? text : JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // cut off, or no JSON
  }
}
