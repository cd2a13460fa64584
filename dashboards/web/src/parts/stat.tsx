// One figure with its name.

import type { ComponentChildren } from 'preact';

interface StatProps {
  readonly name: string;
  readonly value: ComponentChildren;
  readonly note?: ComponentChildren;
  readonly tone?: 'good' | 'bad' | 'plain';
  /** For tests. */
  readonly testId?: string;
}

export function Stat({ name, value, note, tone = 'plain', testId }: StatProps) {
  return (
    <div class="stat">
      <dt>{name}</dt>
      <dd class={`figure ${tone}`} data-testid={testId}>
        {value}
      </dd>
      {note !== undefined && <dd class="stat-note">{note}</dd>}
    </div>
  );
}
