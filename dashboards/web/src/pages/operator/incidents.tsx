// What went wrong, what is open, who looks after it and who was told. All of it by keyboard too.

import { useState } from 'preact/hooks';
import type { IncidentRow, IncidentsAnswer } from '../../../../api/answers/operator.ts';
import { moment } from '../../format.ts';
import { AnyTable } from '../../parts/any-table.tsx';
import { Badge, StateBadge } from '../../parts/badge.tsx';
import { Card, Failure, Loading, Rows, rowsOf } from '../../parts/card.tsx';
import { NoteField, useChosen } from '../../parts/choosing.tsx';
import { useRowKeys } from '../../parts/row-keys.ts';
import { Said, useOrders, type Orders } from '../../parts/said.tsx';
import { Shortcuts } from '../../parts/shortcuts.tsx';
import { Table } from '../../parts/table.tsx';
import { useLive } from '../../state/use-live.ts';
import { Incident } from './incident.tsx';

const EVERY_MS = 1_500;
const QUIET_MINUTES = 60;
const KEYS = [
  ['j', 'next incident'],
  ['k', 'previous incident'],
  ['Enter', 'show what was found'],
  ['x', 'choose, or choose no more'],
  ['s', 'acknowledge: you look after it'],
  ['q', 'quiet for an hour'],
  ['n', 'write a note'],
  ['Escape', 'close what was found'],
] as const;

export function Incidents() {
  const { data, error, reload } = useLive<IncidentsAnswer>('/api/operator/incidents', EVERY_MS);
  const [shown, setShown] = useState<string | null>(null);
  const [note, setNote] = useState('');
  const rows = rowsOf(data?.incidents);
  const open = rows.filter(({ closed_at: closed }) => closed === null);
  const { ids, choose, toggle, acted } = useChosen(open.map(({ incident_id: id }) => id));
  const { said, order } = useOrders(() => {
    choose([]);
    setNote('');
    reload();
  });
  const keys = useRowKeys(rows.map(({ incident_id: id }) => id), {
    x: toggle,
    s: (id) => void acknowledge(order, acted(id), note),
    q: (id) => void silence(order, acted(id), note),
    n: () => document.getElementById('incident-note')?.focus(),
  }); // prettier-ignore
  if (data === undefined) return error === null ? <Loading /> : <Failure>{error}</Failure>;
  const one = rows.find(({ incident_id: id }) => id === shown);
  const close = (id: string): void => {
    setShown(null);
    keys.focus(id);
  };
  return (
    <>
      <div class="page-head">
        <h1>Incidents</h1>
      </div>
      {error !== null && <Failure>{error} The figures below are older.</Failure>}
      <div class="stack">
        <Said said={said} />
        <Card title="Incidents" note={<Shortcuts keys={KEYS} about="incidents" />}>
          <IncidentOrders chosen={ids} note={note} onNote={setNote} order={order} />
          <div {...keys.list}>
            <Rows of={data.incidents} empty="No incident was ever opened." later="Incidents are not recorded in this lake yet.">
              {(all) => <List rows={all} chosen={ids} onToggle={toggle} onShow={setShown} />}
            </Rows>
          </div>
        </Card>
        {one !== undefined && (
          <Incident
            key={one.incident_id}
            incident={one}
            steps={rowsOf(data.steps).filter(({ incident_id: id }) => id === one.incident_id)}
            onClose={() => close(one.incident_id)}
          />
        )}
        <Card title="Notifications sent">
          <Rows of={data.notifications} empty="Nobody had to be told anything." later="Notifications are not recorded in this lake yet.">
            {(all) => <AnyTable label="Notifications sent" rows={all} />}
          </Rows>
        </Card>
      </div>
    </>
  );
}

const acknowledge = (order: Orders['order'], ids: readonly string[], note: string): Promise<boolean> =>
  order('/api/operator/incidents/ack', { body: { ids: ids.map(Number), note } });
const silence = (order: Orders['order'], ids: readonly string[], note: string): Promise<boolean> =>
  order('/api/operator/incidents/silence', { body: { ids: ids.map(Number), note, minutes: QUIET_MINUTES } });

interface IncidentOrdersProps {
  readonly chosen: readonly string[];
  readonly note: string;
  readonly onNote: (note: string) => void;
  readonly order: Orders['order'];
}

function IncidentOrders({ chosen, note, onNote, order }: IncidentOrdersProps) {
  const none = chosen.length === 0;
  return (
    <div class="orders" role="group" aria-label={`Orders for ${chosen.length} chosen incidents`}>
      <NoteField id="incident-note" label="Note" note={note} onNote={onNote} />
      <button type="button" class="small" aria-disabled={none} onClick={() => (none ? undefined : void acknowledge(order, chosen, note))}>
        Acknowledge
      </button>
      <button type="button" class="quiet small" aria-disabled={none} onClick={() => (none ? undefined : void silence(order, chosen, note))}>
        Quiet for an hour
      </button>
    </div>
  );
}

interface ListProps {
  readonly rows: readonly IncidentRow[];
  readonly chosen: readonly string[];
  readonly onToggle: (id: string) => void;
  readonly onShow: (id: string) => void;
}

function List({ rows, chosen, onToggle, onShow }: ListProps) {
  return (
    <Table<IncidentRow>
      label="List of incidents"
      rows={rows}
      keyOf={({ incident_id: id }) => id}
      columns={[
        {
          name: 'Choose',
          cell: ({ incident_id: id, subject, closed_at: closed }) =>
            closed === null && (
              <input
                type="checkbox"
                checked={chosen.includes(id)}
                onChange={() => onToggle(id)}
                aria-label={`Choose incident ${id}, ${subject}`}
              />
            ),
        },
        { name: 'Incident', cell: (row) => <What row={row} onShow={onShow} /> },
        { name: 'Severity', cell: ({ severity }) => <StateBadge state={severity} /> },
        { name: 'Opened', wideOnly: true, cell: ({ opened_at: at }) => <span class="nowrap">{moment(at)}</span> },
        {
          name: 'Closed',
          wideOnly: true,
          cell: ({ closed_at: at }) => (at === null ? <StateBadge state="open" /> : <span class="nowrap">{moment(at)}</span>),
        },
      ]}
    />
  );
}

function What({ row, onShow }: { readonly row: IncidentRow; readonly onShow: (id: string) => void }) {
  const {
    incident_id: id,
    code,
    subject,
    summary,
    acknowledged_by: who,
    acknowledged_at: at,
    silenced_until: until,
    note,
    closed_at: closed,
  } = row;
  const quiet = closed === null && until !== null && Date.parse(until) > Date.now();
  return (
    <span class="two-lines">
      <span>
        <button type="button" class="link" data-row={id} onClick={() => onShow(id)} aria-label={`Show incident ${id}, ${subject}`}>
          {subject}
        </button>{' '}
        {quiet && <Badge tone="plain">quiet</Badge>} {summary}
      </span>
      <span class="muted">{code}</span>
      {who !== null && (
        <span class="muted">{`${who} looks after it since ${moment(at)}${note === null || note === '' ? '' : `: ${note}`}`}</span>
      )}
    </span>
  );
}
