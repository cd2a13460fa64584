// Jobs beside the stream: what runs when, and how it went.

import type { JobsAnswer } from '../../../../api/answers/operator.ts';
import { AnyTable } from '../../parts/any-table.tsx';
import { Card, Failure, Loading, Rows } from '../../parts/card.tsx';
import { useLive } from '../../state/use-live.ts';

const EVERY_MS = 1_500;

export function Jobs() {
  const { data, error } = useLive<JobsAnswer>('/api/operator/jobs', EVERY_MS);
  if (data === undefined) return error === null ? <Loading /> : <Failure>{error}</Failure>;
  return (
    <>
      <div class="page-head">
        <h1>Jobs</h1>
      </div>
      {error !== null && <Failure>{error} The figures below are older.</Failure>}
      <div class="stack">
        <Card title="Jobs">
          <Rows of={data.jobs} empty="No job is declared." later="There is no job runner in this lake yet.">
            {(rows) => <AnyTable label="Jobs" rows={rows} />}
          </Rows>
        </Card>
        <Card title="Newest runs">
          <Rows of={data.runs} empty="No job has run yet." later="There is no job runner in this lake yet.">
            {(rows) => <AnyTable label="Newest runs" rows={rows} />}
          </Rows>
        </Card>
      </div>
    </>
  );
}
