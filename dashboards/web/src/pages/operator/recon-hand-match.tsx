// Matching by hand: the rows of a break with open rows that are near them, chosen by a person who says why.

import { useState } from 'preact/hooks';
import type { CandidateRow, SideRow } from '../../../../api/answers/recon.ts';
import type { Section } from '../../../../api/answers/common.ts';
import { count, decimal, moment, sum } from '../../format.ts';
import { Card, Rows, rowsOf } from '../../parts/card.tsx';
import { NoteField } from '../../parts/choosing.tsx';
import type { Orders } from '../../parts/said.tsx';
import { Table } from '../../parts/table.tsx';
import { sideName } from './recon-compare.tsx';

interface HandMatchProps {
  readonly source: string;
  /** Of the break: they are part of the match. */
  readonly rows: readonly SideRow[];
  readonly candidates: Section<CandidateRow>;
  readonly order: Orders['order'];
}

export function HandMatch({ source, rows, candidates, order }: HandMatchProps) {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [reason, setReason] = useState('');
  const picked = [...rows, ...rowsOf(candidates).filter(({ row_no: no }) => chosen.includes(no))];
  const of = (side: SideRow['side']): readonly SideRow[] => picked.filter((row) => row.side === side);
  const toggle = (no: string): void => setChosen(chosen.includes(no) ? chosen.filter((each) => each !== no) : [...chosen, no]);
  const ready = of('external').length > 0 && of('internal').length > 0 && reason.trim() !== '';
  const match = async (): Promise<void> => {
    if (!ready) return;
    const ids = (side: SideRow['side']): string[] => of(side).map(({ id }) => id);
    const body = { source, external: ids('external'), internal: ids('internal'), reason: reason.trim() };
    if (await order('/api/operator/recon/match', { body })) setChosen([]);
  };
  const total = (side: SideRow['side']): string => decimal(sum(of(side).map(({ amount }) => amount)), true);
  return (
    <Card title="Match by hand" note={`statement ${total('external')}, our books ${total('internal')}`}>
      <Rows of={candidates} empty="No other open row of this source is near in time and of this currency.">
        {(near) => <Candidates near={near} chosen={chosen} onToggle={toggle} />}
      </Rows>
      <form
        class="orders"
        onSubmit={(event) => {
          event.preventDefault();
          void match();
        }}
      >
        <NoteField id="recon-reason" label="Why they belong together" note={reason} onNote={setReason} />
        <button type="submit" class="small" aria-disabled={!ready}>
          Match {of('external').length} with {of('internal').length}
        </button>
      </form>
    </Card>
  );
}

interface CandidatesProps {
  readonly near: readonly CandidateRow[];
  readonly chosen: readonly string[];
  readonly onToggle: (no: string) => void;
}

function Candidates({ near, chosen, onToggle }: CandidatesProps) {
  return (
    <Table<CandidateRow>
      label="Open rows near the break"
      rows={near}
      keyOf={({ row_no: no }) => no}
      columns={[
        {
          name: 'Choose',
          cell: ({ row_no: no, side, id }) => (
            <input
              type="checkbox"
              checked={chosen.includes(no)}
              onChange={() => onToggle(no)}
              aria-label={`Choose ${side === 'external' ? 'statement row' : 'our row'} ${id}`}
            />
          ),
        },
        { name: 'Side', cell: ({ side }) => sideName(side) },
        { name: 'Number', cell: ({ id }) => id },
        { name: 'Booked', wideOnly: true, cell: ({ booked_at: at }) => <span class="nowrap">{moment(at)}</span> },
        { name: 'Amount', numeric: true, cell: ({ amount, currency }) => `${decimal(amount)} ${currency}` },
        { name: 'Off by', numeric: true, cell: ({ amount_off: off, days_off: days }) => `${decimal(off)}, ${days} d` },
        { name: 'Score', numeric: true, cell: ({ score }) => count(score, 2) },
        { name: 'Description', wideOnly: true, cell: ({ description }) => description },
      ]}
    />
  );
}
