// Orders under way: pending until what is on the screen includes them.

import { commands, dismiss, type SentCommand } from '../state/commands.ts';
import { Icon } from './icons.tsx';

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {commands.value.map((command) => (
        <Toast key={command.id} {...command} />
      ))}
    </div>
  );
}

function Toast({ id, label, state, tookMs, gtid }: SentCommand) {
  const pending = state === 'pending';
  return (
    <div class={`toast ${state}`} data-testid="command">
      <span class="toast-dot" aria-hidden="true" />
      <span class="toast-text">
        <strong>{label}</strong>
        <span>
          {pending ? 'Booked by the bank. Pending here until the figures include it.' : `Included in the figures after ${tookMs ?? 0} ms.`}
        </span>
        {pending && gtid !== null && <code>{gtid.split(':').at(-1)}</code>}
      </span>
      <button type="button" class="icon-button" onClick={() => dismiss(id)} aria-label={`Dismiss: ${label}`}>
        <Icon name="close" />
      </button>
    </div>
  );
}
