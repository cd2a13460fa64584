// Orders for the chosen breaks: accept, acknowledge, investigate, close, hand over, comment. One note goes with each of them.

import { useState } from 'preact/hooks';
import { NoteField } from '../../parts/choosing.tsx';
import type { Orders } from '../../parts/said.tsx';

export type MoveName = 'acknowledge' | 'investigate' | 'resolve' | 'write-off' | 'reopen' | 'accept';
export type Move = (breaks: readonly string[], action: MoveName, note: string) => Promise<void>;

const MOVES: readonly (readonly [MoveName, string, string])[] = [
  ['accept', 'Accept as matches', ''],
  ['acknowledge', 'Acknowledge', 'quiet'],
  ['investigate', 'Investigate', 'quiet'],
  ['resolve', 'Resolve', 'quiet'],
  ['write-off', 'Write off', 'danger'],
  ['reopen', 'Reopen', 'quiet'],
];

interface BreakOrdersProps {
  readonly chosen: readonly string[];
  readonly move: Move;
  readonly order: Orders['order'];
}

export function BreakOrders({ chosen, move, order }: BreakOrdersProps) {
  const [note, setNote] = useState('');
  const words = note.trim();
  const none = chosen.length === 0;
  const sent = (work: Promise<unknown>): void => void work.then(() => setNote(''));
  const say = (kind: 'comment' | 'owner'): void => {
    if (none || words === '') return;
    sent(order('/api/operator/recon/note', { body: { breaks: chosen, kind, text: words } }));
  };
  return (
    <div class="orders" role="group" aria-label={`Orders for ${chosen.length} chosen breaks`}>
      <NoteField id="recon-note" label="Note, comment or name" note={note} onNote={setNote} />
      <button type="button" class="quiet small" aria-disabled={none || words === ''} onClick={() => say('comment')}>
        Add as comment
      </button>
      <button type="button" class="quiet small" aria-disabled={none || words === ''} onClick={() => say('owner')}>
        Hand over to this name
      </button>
      <div class="order-row">
        {MOVES.map(([action, text, look]) => (
          <button
            key={action}
            type="button"
            class={`${look} small`}
            aria-disabled={none}
            onClick={() => (none ? undefined : sent(move(chosen, action, words)))}
          >
            {text}
          </button>
        ))}
      </div>
    </div>
  );
}
