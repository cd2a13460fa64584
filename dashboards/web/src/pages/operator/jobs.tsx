// Jobs beside the stream: what runs when, how it went, and a run by hand.

import { useState } from 'preact/hooks';
import type { JobRow, JobsAnswer } from '../../../../api/answers/operator.ts';
import { count, moment } from '../../format.ts';
import { AnyTable } from '../../parts/any-table.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Card, Failure, Loading, Rows } from '../../parts/card.tsx';
import { Table } from '../../parts/table.tsx';
import { call, CallFailed } from '../../state/http.ts';
import { useLive } from '../../state/use-live.ts';

const EVERY_MS = 1_500;
const LATER = 'There is no job runner in this lake yet.';

export function Jobs() {
  const { data, error } = useLive<JobsAnswer>('/api/operator/jobs', EVERY_MS);
  const [said, setSaid] = useState<{ readonly text: string; readonly bad: boolean } | null>(null);
  if (data === undefined) return error === null ? <Loading /> : <Failure>{error}</Failure>;
  const run = async (job: string): Promise<void> => {
    try {
      await call('/api/operator/jobs/run', { method: 'POST', body: { job } });
      setSaid({ text: `${job} is in the queue.`, bad: false });
    } catch (failed) {
      setSaid({ text: failed instanceof CallFailed ? failed.message : 'This did not work.', bad: true });
    }
  };
  return (
    <>
      <div class="page-head">
        <h1>Jobs</h1>
      </div>
      {error !== null && <Failure>{error} The figures below are older.</Failure>}
      <div class="stack">
        {said !== null && (said.bad ? <Failure>{said.text}</Failure> : <Notice text={said.text} />)}
        <Card title="Declared jobs">
          <Rows of={data.jobs} empty="No job is declared." later={LATER}>
            {(rows) => <Declared rows={rows} onRun={(job) => void run(job)} />}
          </Rows>
        </Card>
        <Card title="Newest runs">
          <Rows of={data.runs} empty="No job has run yet." later={LATER}>
            {(rows) => <AnyTable label="Newest runs" rows={rows} />}
          </Rows>
        </Card>
      </div>
    </>
  );
}

function Notice({ text }: { readonly text: string }) {
  return (
    <p class="notice" role="status">
      {text}
    </p>
  );
}

function Declared({ rows, onRun }: { readonly rows: readonly JobRow[]; readonly onRun: (job: string) => void }) {
  return (
    <Table
      label="Declared jobs"
      rows={rows}
      keyOf={({ job }) => job}
      columns={[
        {
          name: 'Job',
          cell: (row) => (
            <span class="two-lines">
              <strong>{row.job}</strong>
              <span class="muted">{row.description}</span>
            </span>
          ),
        },
        { name: 'Trigger', wideOnly: true, cell: ({ trigger }) => <code>{trigger}</code> },
        { name: 'Stands at', numeric: true, wideOnly: true, cell: ({ position }) => count(position) },
        { name: 'Served until', wideOnly: true, cell: (row) => moment(row.served_until) },
        {
          name: 'Failures',
          cell: ({ failures }) => <Badge tone={failures === '0' ? 'good' : 'bad'}>{failures === '0' ? 'none' : failures}</Badge>,
        },
        {
          name: 'Order',
          numeric: true,
          cell: ({ job }) => (
            <button type="button" class="quiet small" onClick={() => onRun(job)} aria-label={`Run ${job} now`}>
              Run now
            </button>
          ),
        },
      ]}
    />
  );
}
