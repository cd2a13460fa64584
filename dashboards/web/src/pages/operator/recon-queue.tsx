// The list of breaks. The button of a row takes the focus; the keys of the list act on it.

import type { QueuedBreakRow } from '../../../../api/answers/recon.ts';
import { count, decimal, title } from '../../format.ts';
import { Badge, StateBadge } from '../../parts/badge.tsx';
import { ChooseAll } from '../../parts/choosing.tsx';
import { Table } from '../../parts/table.tsx';

interface QueueProps {
  readonly rows: readonly QueuedBreakRow[];
  readonly chosen: readonly string[];
  readonly onChosen: (ids: readonly string[]) => void;
  readonly onToggle: (id: string) => void;
  readonly onShow: (id: string) => void;
}

export function BreakQueue({ rows, chosen, onChosen, onToggle, onShow }: QueueProps) {
  const amount = ({ external_amount: theirs, internal_amount: ours, difference }: QueuedBreakRow) =>
    theirs !== null && ours !== null ? decimal(difference, true) : decimal(theirs ?? ours, true);
  return (
    <>
      <ChooseAll listed={rows.map(({ break_id: id }) => id)} chosen={chosen} onChosen={onChosen} />
      <Table
        label="List of breaks"
        rows={rows}
        keyOf={({ break_id: id }) => id}
        columns={[
          {
            name: 'Choose',
            cell: (row) => (
              <input
                type="checkbox"
                checked={chosen.includes(row.break_id)}
                onChange={() => onToggle(row.break_id)}
                aria-label={`Choose ${title(row.reason)}, ${row.ids ?? row.break_id}`}
              />
            ),
          },
          { name: 'Break', cell: (row) => <What row={row} onShow={onShow} /> },
          { name: 'Difference', numeric: true, cell: (row) => <>{`${amount(row)} ${row.currency}`}</> },
          { name: 'State', wideOnly: true, cell: (row) => <StateBadge state={row.state} /> },
          { name: 'Age', numeric: true, wideOnly: true, cell: (row) => `${count(row.age_days)} d` },
          { name: 'With', wideOnly: true, cell: (row) => row.owner ?? '–' },
        ]}
      />
    </>
  );
}

function What({ row, onShow }: { readonly row: QueuedBreakRow; readonly onShow: (id: string) => void }) {
  const { break_id: id, reason, source, business_date: day, why, overdue, comments, ids, description } = row;
  const said = comments === null || comments === '0' ? '' : `, ${comments} ${comments === '1' ? 'comment' : 'comments'}`;
  return (
    <span class="two-lines">
      <span>
        <button type="button" class="link" data-row={id} onClick={() => onShow(id)} aria-label={`Compare ${title(reason)}, ${ids ?? id}`}>
          {title(reason)}
        </button>{' '}
        {overdue === 't' && <Badge tone="bad">late</Badge>} {ids}
        {description !== null && description !== '' && `, ${description}`}
      </span>
      <span class="muted">{why}</span>
      <span class="muted">{`${source}, ${day}${said}`}</span>
    </span>
  );
}

export const KEYS = [
  ['j', 'next break'],
  ['k', 'previous break'],
  ['Enter', 'compare both sides'],
  ['x', 'choose, or choose no more'],
  ['a', 'accept as a match'],
  ['s', 'acknowledge: seen'],
  ['i', 'investigate'],
  ['n', 'write a note'],
  ['Escape', 'close the comparison'],
] as const;
