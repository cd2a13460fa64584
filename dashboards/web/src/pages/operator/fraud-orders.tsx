// Orders for the chosen alerts: take, hand over, note, close with an outcome. One note goes with each of them.

import { useState } from 'preact/hooks';
import { NoteField } from '../../parts/choosing.tsx';

export type SendOrder = (order: 'ack' | 'assign' | 'note' | 'close', body: object) => Promise<void>;

const OUTCOMES = [
  ['confirmed', 'Close as fraud', 'danger'],
  ['false_positive', 'Close as false positive', 'quiet'],
  ['inconclusive', 'Close as inconclusive', 'quiet'],
] as const;

export function FraudOrders({ chosen, send }: { readonly chosen: number; readonly send: SendOrder }) {
  const [note, setNote] = useState('');
  const none = chosen === 0;
  const words = note.trim();
  const order = (name: Parameters<SendOrder>[0], body: object): void => {
    void send(name, { ...body, ...(words === '' ? {} : { note: words }) }).then(() => setNote(''));
  };
  const assign = (): void => {
    const to = window.prompt('Who looks after the chosen alerts?')?.trim() ?? '';
    if (to !== '') order('assign', { to });
  };
  return (
    <div class="orders" role="group" aria-label={`Orders for ${chosen} chosen alerts`}>
      <NoteField id="fraud-note" label="Note" note={note} onNote={setNote} />
      <button type="button" class="small" disabled={none} onClick={() => order('ack', {})}>
        Acknowledge
      </button>
      <button type="button" class="quiet small" disabled={none} onClick={assign}>
        Assign
      </button>
      <button type="button" class="quiet small" disabled={none || words === ''} onClick={() => order('note', {})}>
        Add note
      </button>
      {OUTCOMES.map(([outcome, text, look]) => (
        <button key={outcome} type="button" class={`${look} small`} disabled={none} onClick={() => order('close', { outcome })}>
          {text}
        </button>
      ))}
    </div>
  );
}
