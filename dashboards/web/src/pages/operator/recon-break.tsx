// One break: both sides compared, why it is one, matching by hand, the correcting journal, and everything that happened to it.

import type { BreakAnswer, BreakEventRow, BreakFacts } from '../../../../api/answers/recon.ts';
import { moment, title } from '../../format.ts';
import { StateBadge } from '../../parts/badge.tsx';
import { Card, Failure, Loading, Rows, rowsOf } from '../../parts/card.tsx';
import { useClosing } from '../../parts/closing.tsx';
import type { Orders } from '../../parts/said.tsx';
import { Table } from '../../parts/table.tsx';
import { useLive } from '../../state/use-live.ts';
import { Compare, Score } from './recon-compare.tsx';
import { HandMatch } from './recon-hand-match.tsx';
import { BreakJournal } from './recon-journal.tsx';
import type { Move } from './recon-orders.tsx';

const EVERY_MS = 1_000;

interface ReconBreakProps {
  readonly id: string;
  /** Changes when an order was carried out. */
  readonly asked: number;
  readonly order: Orders['order'];
  readonly move: Move;
  readonly onClose: () => void;
}

export function ReconBreak({ id, asked, order, move, onClose }: ReconBreakProps) {
  const { data, error } = useLive<BreakAnswer>(`/api/operator/recon/breaks/${id}`, EVERY_MS, asked);
  const closing = useClosing('Close', onClose);
  const [found] = rowsOf(data?.found);
  return (
    <div class="stack" onKeyDown={closing.onKeyDown}>
      <Card title={`Break ${id}`} note={closing.button}>
        {error !== null && <Failure>{error}</Failure>}
        {data === undefined ? (
          <Loading />
        ) : (
          <div class="stack">
            {found !== undefined && <Why found={found} />}
            <Rows of={data.rows} empty="There is no such break.">
              {(rows) => <Compare rows={rows} />}
            </Rows>
            {found !== undefined && <Score {...found} />}
            {found !== undefined && isPair(found) && found.state !== 'resolved' && (
              <p>
                <button type="button" class="small" onClick={() => void move([id], 'accept', '')}>
                  Accept this pair
                </button>
              </p>
            )}
          </div>
        )}
      </Card>
      {data !== undefined && found !== undefined && found.state !== 'resolved' && (
        <>
          <HandMatch source={found.source} rows={rowsOf(data.rows)} candidates={data.candidates} order={order} />
          <BreakJournal found={found} events={rowsOf(data.events)} order={order} />
        </>
      )}
      {data !== undefined && (
        <Card title="What happened to it">
          <Rows of={data.events} empty="Nothing has happened yet.">
            {(rows) => <Events rows={rows} />}
          </Rows>
        </Card>
      )}
    </div>
  );
}

const isPair = ({ external_amount: theirs, internal_amount: ours }: BreakFacts): boolean => theirs !== null && ours !== null;

function Why({ found }: { readonly found: BreakFacts }) {
  const { reason, state, why, source, business_date: day, owner, rule_set: rules, overdue, due_at: due } = found;
  return (
    <div class="stack-small">
      <p>
        <strong>{title(reason)}</strong> <StateBadge state={state} /> {why}
      </p>
      <p class="muted">
        {`${source}, ${day}; ${rules ?? 'no rules'}; ${owner === null ? 'nobody looks after it' : `${owner} looks after it`}; `}
        {overdue === 't' ? 'late since' : 'due'} {moment(due)}
      </p>
    </div>
  );
}

function Events({ rows }: { readonly rows: readonly BreakEventRow[] }) {
  return (
    <Table<BreakEventRow>
      label="Events of the break"
      rows={rows}
      keyOf={({ seq }) => seq}
      columns={[
        { name: 'When', cell: ({ at }) => <span class="nowrap">{moment(at)}</span> },
        { name: 'Who', cell: ({ actor }) => actor },
        { name: 'What', cell: (row) => <What row={row} /> },
      ]}
    />
  );
}

function What({ row: { kind, to_state: to, note, data } }: { readonly row: BreakEventRow }) {
  const words = [note, data].flatMap((text) => (text === null || text === '' ? [] : [text]));
  return (
    <>
      {to === null ? <strong>{title(kind)}</strong> : <StateBadge state={to} />} {words.join(' ')}
    </>
  );
}
