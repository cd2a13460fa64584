// The queue of fraud alerts: choose some, take them, close them with what they were; look into one. All of it by keyboard too.

import { useState } from 'preact/hooks';
import type { AlertRow, FraudAnswer, RulePrecisionRow, StateCountRow, WorkedAnswer } from '../../../../api/answers/fraud.ts';
import { count, decimal, moment, percent, title } from '../../format.ts';
import { StateBadge } from '../../parts/badge.tsx';
import { Card, Failure, Loading, Rows, rowsOf } from '../../parts/card.tsx';
import { ChooseAll, useChosen } from '../../parts/choosing.tsx';
import { useRowKeys } from '../../parts/row-keys.ts';
import { Said, useSaid } from '../../parts/said.tsx';
import { Shortcuts } from '../../parts/shortcuts.tsx';
import { Table } from '../../parts/table.tsx';
import { call } from '../../state/http.ts';
import { useLive } from '../../state/use-live.ts';
import { FraudCase } from './fraud-case.tsx';
import { FraudOrders, type SendOrder } from './fraud-orders.tsx';

const EVERY_MS = 1_000;
const STATES = ['working', 'open', 'acknowledged', 'closed'];
const LATER = 'Fraud alerts are not recorded in this lake yet.';

export function Fraud() {
  const [state, setState] = useState('working');
  const [asked, setAsked] = useState(0);
  const { data, error } = useLive<FraudAnswer>(`/api/operator/fraud?state=${state}`, EVERY_MS, asked);
  const [shown, setShown] = useState<string | null>(null);
  const { said, attempt } = useSaid();
  const listed = rowsOf(data?.alerts).map(({ alert_id: id }) => id);
  const { ids, choose, toggle, acted } = useChosen(listed);
  const send = async (order: Parameters<SendOrder>[0], body: object, of: readonly string[] = ids): Promise<void> => {
    await attempt(async () => {
      const { outcome } = await call<WorkedAnswer>(`/api/operator/fraud/${order}`, { method: 'POST', body: { ids: of, ...body } });
      choose([]);
      setAsked((before) => before + 1);
      return { text: workedText(outcome), bad: outcome.refused.length > 0 };
    });
  };
  const keys = useRowKeys(listed, {
    x: toggle,
    s: (id) => void send('ack', {}, acted(id)),
    f: (id) => void send('close', { outcome: 'confirmed' }, acted(id)),
    p: (id) => void send('close', { outcome: 'false_positive' }, acted(id)),
    n: () => document.getElementById('fraud-note')?.focus(),
  });
  if (data === undefined) return error === null ? <Loading /> : <Failure>{error}</Failure>;
  const close = (id: string): void => {
    setShown(null);
    keys.focus(id);
  };
  return (
    <>
      <div class="page-head">
        <h1>Fraud alerts</h1>
        <Filter state={state} onState={setState} />
      </div>
      {error !== null && <Failure>{error} The list below is older.</Failure>}
      <div class="stack">
        <Said said={said} />
        <Card title="Queue" note={<Note rows={rowsOf(data.counts)} />}>
          <FraudOrders chosen={ids.length} send={send} />
          <div {...keys.list}>
            <Rows of={data.alerts} empty="No alert is in this state." later={LATER}>
              {(rows) => <Queue rows={rows} chosen={ids} onChosen={choose} onToggle={toggle} onShow={setShown} />}
            </Rows>
          </div>
        </Card>
        {shown !== null && <FraudCase key={shown} id={shown} asked={asked} attempt={attempt} onClose={() => close(shown)} />}
        <Card title="What the outcomes say of the rules">
          <Rows of={data.rules} empty="No rule has raised an alert yet." later={LATER}>
            {(rows) => <Precision rows={rows} />}
          </Rows>
        </Card>
      </div>
    </>
  );
}

function workedText({ changed, unchanged, refused }: WorkedAnswer['outcome']): string {
  const already = unchanged === 0 ? '' : `, ${unchanged} were so already`;
  const not = refused.map(({ id, because }) => `${id.slice(0, 8)}: ${because}`).join('; ');
  return `${changed} changed${already}.${not === '' ? '' : ` Refused: ${not}`}`;
}

function Filter({ state, onState }: { readonly state: string; readonly onState: (state: string) => void }) {
  return (
    <div class="page-actions">
      <label for="fraud-state">State</label>
      <select id="fraud-state" value={state} onChange={(event) => onState(event.currentTarget.value)}>
        {STATES.map((each) => (
          <option key={each} value={each}>
            {each === 'working' ? 'Not closed' : title(each)}
          </option>
        ))}
      </select>
    </div>
  );
}

const KEYS = [
  ['j', 'next alert'],
  ['k', 'previous alert'],
  ['Enter', 'show the case'],
  ['x', 'choose, or choose no more'],
  ['s', 'acknowledge: seen'],
  ['f', 'close as fraud'],
  ['p', 'close as false positive'],
  ['n', 'write a note'],
  ['Escape', 'close the case'],
] as const;

function Note({ rows }: { readonly rows: readonly StateCountRow[] }) {
  return (
    <>
      {rows.map(({ state, alerts }) => `${count(alerts)} ${state}`).join(', ')}
      <Shortcuts keys={KEYS} about="alerts" />
    </>
  );
}

interface QueueProps {
  readonly rows: readonly AlertRow[];
  readonly chosen: readonly string[];
  readonly onChosen: (ids: readonly string[]) => void;
  readonly onToggle: (id: string) => void;
  readonly onShow: (id: string) => void;
}

function Queue({ rows, chosen, onChosen, onToggle, onShow }: QueueProps) {
  return (
    <>
      <ChooseAll listed={rows.map(({ alert_id: id }) => id)} chosen={chosen} onChosen={onChosen} />
      <Table
        label="Fraud alerts"
        rows={rows}
        keyOf={(row) => row.alert_id}
        columns={[
          {
            name: 'Choose',
            cell: (row) => (
              <input
                type="checkbox"
                checked={chosen.includes(row.alert_id)}
                onChange={() => onToggle(row.alert_id)}
                aria-label={`Choose alert ${row.rule} about ${row.entity}`}
              />
            ),
          },
          { name: 'Alert', cell: (row) => <Alert row={row} /> },
          { name: 'State', cell: (row) => <StateBadge state={row.outcome ?? row.state} /> },
          {
            name: 'Amount',
            numeric: true,
            wideOnly: true,
            cell: (row) => (row.amount === null ? '–' : `${decimal(row.amount)} ${row.currency ?? ''}`),
          },
          { name: 'When', wideOnly: true, cell: (row) => moment(row.event_ts) },
          { name: 'With', wideOnly: true, cell: (row) => row.assignee ?? '–' },
          {
            name: 'Case',
            cell: (row) => (
              <button
                type="button"
                class="quiet small"
                data-row={row.alert_id}
                onClick={() => onShow(row.alert_id)}
                aria-label={`Show ${row.rule} about ${row.entity}`}
              >
                Show
              </button>
            ),
          },
        ]}
      />
    </>
  );
}

function Alert({ row }: { readonly row: AlertRow }) {
  return (
    <span class="two-lines">
      <span>
        <strong>{row.rule}</strong> {row.entity} <StateBadge state={row.severity} />
      </span>
      <span class="muted">{row.explanation}</span>
    </span>
  );
}

function Precision({ rows }: { readonly rows: readonly RulePrecisionRow[] }) {
  return (
    <Table
      label="Precision of the rules"
      rows={rows}
      keyOf={(row) => row.rule}
      columns={[
        { name: 'Rule', cell: (row) => <strong>{row.rule}</strong> },
        { name: 'Alerts', numeric: true, cell: (row) => count(row.alerts) },
        { name: 'Not closed', numeric: true, cell: (row) => count(row.working) },
        { name: 'Confirmed', numeric: true, cell: (row) => count(row.confirmed) },
        { name: 'False positive', numeric: true, cell: (row) => count(row.false_positive) },
        { name: 'Inconclusive', numeric: true, wideOnly: true, cell: (row) => count(row.inconclusive) },
        { name: 'Precision', numeric: true, cell: (row) => percent(row.precision) },
      ]}
    />
  );
}
