// The runs of a day: what each came to, a statement to upload, and the matches of a run with their scores.

import { useState } from 'preact/hooks';
import type { DayRow, RunRow, RunsAnswer } from '../../../../api/answers/recon.ts';
import { count, moment, percent, title } from '../../format.ts';
import { StateBadge } from '../../parts/badge.tsx';
import { Card, Failure, Loading, Rows, rowsOf } from '../../parts/card.tsx';
import { useRowKeys } from '../../parts/row-keys.ts';
import { Said, useOrders } from '../../parts/said.tsx';
import { Table } from '../../parts/table.tsx';
import { actor } from '../../state/actor.ts';
import { useLive } from '../../state/use-live.ts';
import { ReconHead } from './recon-head.tsx';
import { ReconMatches } from './recon-matches.tsx';
import { RunSums } from './recon-sums.tsx';
import { Upload } from './recon-upload.tsx';

const EVERY_MS = 1_000;
const LATER = 'Nothing has been reconciled in this lake yet.';

export function ReconRuns() {
  const [day, setDay] = useState('');
  const [asked, setAsked] = useState(0);
  const { data, error } = useLive<RunsAnswer>(`/api/operator/recon/runs?day=${day}`, EVERY_MS, asked);
  const [shown, setShown] = useState<string | null>(null);
  const { said, order } = useOrders(() => setAsked((before) => before + 1), actor);
  const runs = rowsOf(data?.runs);
  const keys = useRowKeys(runs.map(({ run_id: id }) => id), {}); // prettier-ignore
  if (data === undefined) return error === null ? <Loading /> : <Failure>{error}</Failure>;
  const run = runs.find(({ run_id: id }) => id === shown);
  const close = (id: string): void => {
    setShown(null);
    keys.focus(id);
  };
  return (
    <>
      <ReconHead />
      {error !== null && <Failure>{error} The figures below are older.</Failure>}
      <div class="stack">
        <Said said={said} />
        <Card
          title={`Runs of ${day === '' ? (runs[0]?.business_date ?? 'the last day') : day}`}
          note={<Days days={rowsOf(data.days)} day={day} onDay={setDay} />}
        >
          <div {...keys.list}>
            <Rows of={data.runs} empty="No statement of this day was reconciled." later={LATER}>
              {(rows) => <Runs rows={rows} onShow={setShown} />}
            </Rows>
          </div>
        </Card>
        {run !== undefined && <RunSums run={run} />}
        {run !== undefined && (
          <ReconMatches key={run.run_id} run={run.run_id} asked={asked} order={order} onClose={() => close(run.run_id)} />
        )}
        <Upload order={order} onDay={setDay} />
      </div>
    </>
  );
}

function Days({ days, day, onDay }: { readonly days: readonly DayRow[]; readonly day: string; readonly onDay: (day: string) => void }) {
  return (
    <div class="filter">
      <label for="recon-day" class="visually-hidden">
        Business date
      </label>
      <select id="recon-day" value={day} onChange={(event) => onDay(event.currentTarget.value)}>
        <option value="">Newest day</option>
        {days.map((each) => (
          <option key={each.day} value={each.day}>
            {`${each.day} (${each.runs})`}
          </option>
        ))}
      </select>
    </div>
  );
}

function Runs({ rows, onShow }: { readonly rows: readonly RunRow[]; readonly onShow: (id: string) => void }) {
  return (
    <Table<RunRow>
      label="Runs of the day"
      rows={rows}
      keyOf={({ run_id: id }) => id}
      columns={[
        { name: 'Run', cell: (row) => <Which row={row} onShow={onShow} /> },
        { name: 'State', cell: ({ state, stage }) => <StateBadge state={state === 'running' ? `${state}: ${stage}` : state} /> },
        { name: 'Matched', numeric: true, cell: ({ match_rate: rate }) => percent(rate) },
        { name: 'Breaks', numeric: true, cell: ({ breaks }) => count(breaks) },
        { name: 'Statement', numeric: true, wideOnly: true, cell: ({ external_rows: rows }) => count(rows) },
        { name: 'Our books', numeric: true, wideOnly: true, cell: ({ internal_rows: rows }) => count(rows) },
        { name: 'Expected', numeric: true, wideOnly: true, cell: ({ expected }) => count(expected) },
      ]}
    />
  );
}

function Which({ row, onShow }: { readonly row: RunRow; readonly onShow: (id: string) => void }) {
  const { run_id: id, source, attempt, file_name: file, requested_by: by, queued_at: at, rule_set: rules, code, error, reasons } = row;
  return (
    <span class="two-lines">
      <span>
        <button
          type="button"
          class="link"
          data-row={id}
          onClick={() => onShow(id)}
          aria-label={`Show run ${id}, ${source}, attempt ${attempt}`}
        >
          {`${source}, attempt ${attempt}`}
        </button>
      </span>
      {code !== null && <span class="bad">{`${code}: ${error ?? ''}`}</span>}
      {reasons !== null && reasons !== '{}' && <span class="muted">{reasonsText(reasons)}</span>}
      <span class="muted">{`${file ?? 'own place'}, ${rules}, ${moment(at)}, ${by}`}</span>
    </span>
  );
}

function reasonsText(reasons: string): string {
  const counted = Object.entries(JSON.parse(reasons) as Readonly<Record<string, number>>);
  return counted.map(([reason, breaks]) => `${title(reason)} ${breaks}`).join(', ');
}
