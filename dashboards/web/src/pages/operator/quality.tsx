// Data quality: the objectives with what is left of their budgets, and the newest outcome of every check.

import type { AnyRow, QualityAnswer } from '../../../../api/answers/operator.ts';
import { percent, pixels, title } from '../../format.ts';
import { AnyTable } from '../../parts/any-table.tsx';
import { Card, Failure, Loading, Rows } from '../../parts/card.tsx';
import { Table } from '../../parts/table.tsx';
import { useLive } from '../../state/use-live.ts';

const EVERY_MS = 2_000;

export function Quality() {
  const { data, error } = useLive<QualityAnswer>('/api/operator/quality', EVERY_MS);
  if (data === undefined) return error === null ? <Loading /> : <Failure>{error}</Failure>;
  return (
    <>
      <div class="page-head">
        <h1>Data quality</h1>
      </div>
      {error !== null && <Failure>{error} The figures below are older.</Failure>}
      <div class="stack">
        <Card title="Service levels" note="share of good, last hour and last day">
          <Rows of={data.slo} empty="No minute was judged yet." later="Service levels are not measured in this lake yet.">
            {(rows) => <Slo rows={rows} />}
          </Rows>
        </Card>
        <Card title="Checks of the data" note="newest run of each">
          <Rows of={data.results} empty="No check has run yet." later="Declared checks do not run in this lake yet.">
            {(rows) => <AnyTable label="Checks of the data" rows={rows} />}
          </Rows>
        </Card>
        <Card title="Gates of gold" note="a failed one holds gold at its last good state">
          <Rows of={data.checks} empty="No gate has been passed yet.">
            {(rows) => <AnyTable label="Gates of gold" rows={rows} />}
          </Rows>
        </Card>
      </div>
    </>
  );
}

function Slo({ rows }: { readonly rows: readonly AnyRow[] }) {
  const share = (good: string | null | undefined, total: string | null | undefined): string =>
    (total ?? '0') === '0' ? '–' : percent(pixels(good ?? '0') / pixels(total ?? '0'), 3);
  return (
    <Table
      label="Service levels"
      rows={rows}
      keyOf={(row) => `${row['slo'] ?? ''} ${row['table_name'] ?? ''}`}
      columns={[
        { name: 'Objective', cell: (row) => title(row['slo'] ?? '') },
        { name: 'Table', cell: (row) => row['table_name'] ?? '–' },
        { name: 'Last hour', numeric: true, cell: (row) => share(row['good_1h'], row['total_1h']) },
        { name: 'Last day', numeric: true, cell: (row) => share(row['good_1d'], row['total_1d']) },
      ]}
    />
  );
}
