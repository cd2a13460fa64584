// The correcting journal of a break: suggested and asked for by one person, approved by another, posted by the bank.

import { useState } from 'preact/hooks';
import type { BreakEventRow, BreakFacts } from '../../../../api/answers/recon.ts';
import { moment, title } from '../../format.ts';
import { Card } from '../../parts/card.tsx';
import type { Orders } from '../../parts/said.tsx';

interface BreakJournalProps {
  readonly found: BreakFacts;
  readonly events: readonly BreakEventRow[];
  readonly order: Orders['order'];
}

interface Asked {
  readonly by: string;
  readonly at: string;
  readonly path: string;
  readonly body: Readonly<Record<string, string>>;
}

/** The journal that waits for approval, if one does. */
export function askedIn(events: readonly BreakEventRow[]): Asked | null {
  const last = events.filter(({ kind }) => kind === 'journal').at(-1);
  if (last === undefined || last.data === null) return null;
  const { asked } = JSON.parse(last.data) as { readonly asked?: Pick<Asked, 'path' | 'body'> };
  return asked === undefined ? null : { by: last.actor, at: last.at, ...asked };
}

export function BreakJournal({ found, events, order }: BreakJournalProps) {
  const [account, setAccount] = useState('');
  const { break_id: id, reason } = found;
  if (!['missing_external', 'missing_internal', 'amount'].includes(reason)) return null;
  const asked = askedIn(events);
  const ask = (): void => {
    const body = { break: id, ...(account.trim() === '' ? {} : { account: account.trim() }) };
    void order('/api/operator/recon/journal', { body });
  };
  const approve = (): void => void order('/api/operator/recon/approve', { body: { break: id } });
  return (
    <Card title="Correcting journal">
      {asked === null ? (
        <p class="muted">
          A movement that the other side never saw is reversed; a difference is deposited or withdrawn. It is posted when somebody else
          approves it.
        </p>
      ) : (
        <div class="stack-small">
          <p>
            <strong>{title(asked.path.split('/').at(-1)?.replace(/s$/, '') ?? '')}</strong>, asked for by {asked.by}, {moment(asked.at)}.
            Somebody else has to approve it.
          </p>
          <dl class="facts">
            {Object.entries(asked.body).map(([name, value]) => (
              <div key={name}>
                <dt>{title(name)}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
      <div class="orders">
        {reason !== 'missing_external' && (
          <div class="filter">
            <label for="recon-account">Account of ours, where the break names none</label>
            <input
              id="recon-account"
              value={account}
              inputMode="numeric"
              pattern="\d*"
              autoComplete="off"
              onInput={(event) => setAccount(event.currentTarget.value)}
            />
          </div>
        )}
        <button type="button" class="quiet small" onClick={ask}>
          {asked === null ? 'Suggest a journal' : 'Suggest it anew'}
        </button>
        {asked !== null && (
          <button type="button" class="small" onClick={approve}>
            Approve and post
          </button>
        )}
      </div>
    </Card>
  );
}
