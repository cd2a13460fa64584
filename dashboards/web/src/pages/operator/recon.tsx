// The queue of breaks: what the other side and our books disagree on, filtered, chosen, worked off. All of it by keyboard too.

import { useState } from 'preact/hooks';
import type { BreaksAnswer, FacetRow, SumRow } from '../../../../api/answers/recon.ts';
import { count, decimal, title } from '../../format.ts';
import { Card, Failure, Loading, Rows, rowsOf } from '../../parts/card.tsx';
import { useChosen } from '../../parts/choosing.tsx';
import { Said, useOrders } from '../../parts/said.tsx';
import { useRowKeys } from '../../parts/row-keys.ts';
import { Shortcuts } from '../../parts/shortcuts.tsx';
import { Stat } from '../../parts/stat.tsx';
import { actor } from '../../state/actor.ts';
import { useLive } from '../../state/use-live.ts';
import { ReconBreak } from './recon-break.tsx';
import { ReconHead } from './recon-head.tsx';
import { BreakOrders, type Move } from './recon-orders.tsx';
import { BreakQueue, KEYS } from './recon-queue.tsx';

const EVERY_MS = 1_000;
export const RECON_LATER = 'Nothing has been reconciled in this lake yet.';
const STATES = ['working', 'open', 'acknowledged', 'investigating', 'reopened', 'resolved', 'all'];
const AGES = ['', '0-1', '2-3', '4-7', '8-30', '>30'];
const NO_FILTER = { source: '', reason: '', state: 'working', age: '', late: 'no' };
type Filter = typeof NO_FILTER;

export function Recon() {
  const [filter, setFilter] = useState<Filter>(NO_FILTER);
  const [asked, setAsked] = useState(0);
  const { data, error } = useLive<BreaksAnswer>(`/api/operator/recon?${new URLSearchParams(filter).toString()}`, EVERY_MS, asked);
  const [shown, setShown] = useState<string | null>(null);
  const { said, order } = useOrders(() => setAsked((before) => before + 1), actor);
  const listed = rowsOf(data?.breaks).map(({ break_id: id }) => id);
  const { ids, choose, toggle, acted } = useChosen(listed);
  const move: Move = async (breaks, action, note) => {
    if (!(await order('/api/operator/recon/move', { body: { breaks, action, note } }))) return;
    choose((before) => before.filter((id) => !breaks.includes(id)));
  };
  const keys = useRowKeys(listed, {
    x: toggle,
    a: (id) => void move(acted(id), 'accept', ''),
    s: (id) => void move(acted(id), 'acknowledge', ''),
    i: (id) => void move(acted(id), 'investigate', ''),
    n: () => document.getElementById('recon-note')?.focus(),
  });
  if (data === undefined) return error === null ? <Loading /> : <Failure>{error}</Failure>;
  const close = (id: string): void => {
    setShown(null);
    keys.focus(id);
  };
  return (
    <>
      <ReconHead />
      {error !== null && <Failure>{error} The list below is older.</Failure>}
      <div class="stack">
        <Said said={said} />
        <Filters filter={filter} facets={rowsOf(data.facets)} onFilter={setFilter} />
        <Card title="Money at risk">
          <Rows of={data.sums} empty="Nothing is at risk in this selection." later={RECON_LATER}>
            {(rows) => <Sums rows={rows} />}
          </Rows>
        </Card>
        <Card title="Breaks" note={<Shortcuts keys={KEYS} about="breaks" />}>
          <BreakOrders chosen={ids} move={move} order={order} />
          <div {...keys.list}>
            <Rows of={data.breaks} empty="No break is in this selection." later={RECON_LATER}>
              {(rows) => <BreakQueue rows={rows} chosen={ids} onChosen={choose} onToggle={toggle} onShow={setShown} />}
            </Rows>
          </div>
        </Card>
        {shown !== null && <ReconBreak key={shown} id={shown} asked={asked} order={order} move={move} onClose={() => close(shown)} />}
      </div>
    </>
  );
}

interface FiltersProps {
  readonly filter: Filter;
  readonly facets: readonly FacetRow[];
  readonly onFilter: (filter: Filter) => void;
}

function Filters({ filter, facets, onFilter }: FiltersProps) {
  const distinct = (of: (row: FacetRow) => string): string[] => ['', ...new Set(facets.map(of))].sort();
  const choice = (name: Exclude<keyof Filter, 'late'>, values: readonly string[]) => (
    <div class="filter">
      <label for={`recon-${name}`}>{title(name)}</label>
      <select id={`recon-${name}`} value={filter[name]} onChange={(event) => onFilter({ ...filter, [name]: event.currentTarget.value })}>
        {values.map((value) => (
          <option key={value} value={value}>
            {optionText(name, value)}
          </option>
        ))}
      </select>
    </div>
  );
  return (
    <form class="filters" aria-label="Filter the breaks" onSubmit={(event) => event.preventDefault()}>
      {choice(
        'source',
        distinct(({ source }) => source),
      )}
      {choice(
        'reason',
        distinct(({ reason }) => reason),
      )}
      {choice('state', STATES)}
      {choice('age', AGES)}
      <label class="check">
        <input
          type="checkbox"
          checked={filter.late === 'yes'}
          onChange={(event) => onFilter({ ...filter, late: event.currentTarget.checked ? 'yes' : 'no' })}
        />
        Late only
      </label>
    </form>
  );
}

function optionText(name: keyof Filter, value: string): string {
  if (value === '') return 'All';
  if (name === 'age') return `${value} days`;
  if (value === 'working') return 'Not resolved';
  return name === 'source' ? value : title(value);
}

function Sums({ rows }: { readonly rows: readonly SumRow[] }) {
  return (
    <dl class="stats">
      {rows.map(({ currency, breaks, exposure, late }) => (
        <Stat
          key={currency}
          name={currency}
          value={decimal(exposure)}
          note={`${count(breaks)} ${breaks === '1' ? 'break' : 'breaks'}${late === '0' ? '' : `, ${count(late)} late`}`}
          testId={`at-risk-${currency}`}
        />
      ))}
    </dl>
  );
}
