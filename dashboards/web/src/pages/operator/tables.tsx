// Every captured table and every gold model: how fresh, whether held, and up to where it was verified.

import type { TableFreshnessRow, TablesAnswer } from '../../../../api/answers/operator.ts';
import { count, moment } from '../../format.ts';
import { AnyTable } from '../../parts/any-table.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Card, Failure, Loading, Rows } from '../../parts/card.tsx';
import { Table } from '../../parts/table.tsx';
import { useLive } from '../../state/use-live.ts';

const EVERY_MS = 2_000;

export function Tables() {
  const { data, error } = useLive<TablesAnswer>('/api/operator/tables', EVERY_MS);
  if (data === undefined) return error === null ? <Loading /> : <Failure>{error}</Failure>;
  return (
    <>
      <div class="page-head">
        <h1>Tables</h1>
      </div>
      {error !== null && <Failure>{error} The figures below are older.</Failure>}
      <div class="stack">
        {data.held.state === 'ready' && data.held.rows.length > 0 && (
          <Card title="Held tables">
            <AnyTable label="Held tables" rows={data.held.rows} />
          </Card>
        )}
        <Card title="Captured tables" note="changes of the last ten minutes">
          <Rows of={data.tables} empty="No table is captured yet.">
            {(rows) => <Captured rows={rows} />}
          </Rows>
        </Card>
        <Card title="Gold models">
          <Rows of={data.models} empty="Gold has no models yet.">
            {(rows) => <AnyTable label="Gold models" rows={rows} />}
          </Rows>
        </Card>
        <Card title="Verified through">
          <Rows of={data.verified} empty="Nothing was verified yet." later="Tables are not compared with MySQL by digest in this lake yet.">
            {(rows) => <AnyTable label="Verified through" rows={rows} />}
          </Rows>
        </Card>
      </div>
    </>
  );
}

function Captured({ rows }: { readonly rows: readonly TableFreshnessRow[] }) {
  return (
    <Table
      label="Captured tables"
      rows={rows}
      keyOf={(row) => row.topic}
      columns={[
        { name: 'Table', cell: (row) => <strong>{row.table_name}</strong> },
        { name: 'Topic', wideOnly: true, cell: (row) => <code>{row.topic}</code> },
        { name: 'Schema', numeric: true, wideOnly: true, cell: (row) => (row.version === null ? '–' : `v${row.version}`) },
        { name: 'Changes', numeric: true, cell: (row) => count(row.recent) },
        { name: 'Last change', cell: (row) => (row.last_change === null ? <span class="muted">quiet</span> : moment(row.last_change)) },
        { name: 'State', cell: (row) => <Badge tone={row.held === 't' ? 'bad' : 'good'}>{row.held === 't' ? 'held' : 'current'}</Badge> },
      ]}
    />
  );
}
