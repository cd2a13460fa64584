// The connector with its task, and its restart.

import { useState } from 'preact/hooks';
import type { Asked, ConnectorAnswer } from '../../../../api/answers/operator.ts';
import { StateBadge } from '../../parts/badge.tsx';
import { Card, Failure } from '../../parts/card.tsx';
import { call, CallFailed } from '../../state/http.ts';

interface Props {
  readonly connector: Asked<ConnectorAnswer>;
  readonly onDone: () => void;
}

export function ConnectorOrders({ connector, onDone }: Props) {
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<{ text: string; bad: boolean } | null>(null);
  const restart = async (): Promise<void> => {
    setBusy(true);
    setOutcome(null);
    try {
      await call('/api/operator/connector/restart', { method: 'POST' });
      setOutcome({ text: 'Restart ordered. The state above follows in a few seconds.', bad: false });
      onDone();
    } catch (error) {
      setOutcome({ text: error instanceof CallFailed ? error.message : 'The restart could not be ordered.', bad: true });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Card title="Connector">
      <div class="stack">
        {connector.ok ? <States connector={connector.value} /> : <Failure>Kafka Connect does not answer: {connector.message}</Failure>}
        <div>
          <button type="button" class="quiet small" disabled={busy} onClick={() => void restart()}>
            {busy ? 'Restarting …' : 'Restart connector and task'}
          </button>
        </div>
        {outcome !== null && (outcome.bad ? <Failure>{outcome.text}</Failure> : <p role="status">{outcome.text}</p>)}
      </div>
    </Card>
  );
}

function States({ connector }: { readonly connector: ConnectorAnswer }) {
  return (
    <ul class="account-list">
      <li>
        <span>Connector</span>
        <StateBadge state={connector.state} />
      </li>
      {connector.tasks.map((task) => (
        <li key={task.id}>
          <span>
            Task {task.id}
            {task.reason !== null && <small class="bad"> {task.reason}</small>}
          </span>
          <StateBadge state={task.state} />
        </li>
      ))}
    </ul>
  );
}
