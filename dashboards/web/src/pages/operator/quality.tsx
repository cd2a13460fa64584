// Data quality: the objectives with what is left of their budgets, and the newest outcome of every check.

import type { AnyRow, BurnRow, QualityAnswer } from '../../../../api/answers/operator.ts';
import { count, percent, pixels, title } from '../../format.ts';
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
        <Card title="Error budgets" note="burn rate: 1 uses the budget up exactly in its period">
          <Rows of={data.burn} empty="No objective is declared." later="Service levels are not measured in this lake yet.">
            {(rows) => <Burn rows={rows} />}
          </Rows>
        </Card>
        <Card title="Service levels by table" note="last day, the worst first">
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

function Burn({ rows }: { readonly rows: readonly BurnRow[] }) {
  return (
    <Table
      label="Error budgets"
      rows={rows}
      keyOf={({ slo }) => slo}
      columns={[
        {
          name: 'Objective',
          cell: (row) => (
            <span class="two-lines">
              <strong>
                {title(row.slo)}, {percent(row.target, 2)}
              </strong>
              <span class="muted">{row.meaning}</span>
            </span>
          ),
        },
        { name: '5 min', numeric: true, wideOnly: true, cell: (row) => <Rate text={row.burn_5m} most={14.4} /> },
        { name: '1 h', numeric: true, cell: (row) => <Rate text={row.burn_1h} most={14.4} /> },
        { name: '6 h', numeric: true, cell: (row) => <Rate text={row.burn_6h} most={6} /> },
        { name: '3 d', numeric: true, wideOnly: true, cell: (row) => <Rate text={row.burn_3d} most={1} /> },
        { name: 'Budget left', numeric: true, cell: (row) => <span class="figure">{percent(row.budget_left, 0)}</span> },
      ]}
    />
  );
}

/** Red from the rate on at which somebody is paged. */
function Rate({ text, most }: { readonly text: string | null; readonly most: number }) {
  if (text === null) return <span class="muted">–</span>;
  return <span class={pixels(text) >= most ? 'figure bad' : 'figure'}>{count(text, 1)}×</span>;
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
        { name: 'Good', numeric: true, cell: (row) => `${count(row['good'] ?? null)} of ${count(row['total'] ?? null)}` },
        { name: 'Share', numeric: true, cell: (row) => <span class="figure">{share(row['good'], row['total'])}</span> },
      ]}
    />
  );
}
