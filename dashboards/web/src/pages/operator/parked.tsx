// Records that could not be applied: why, and another try or an end for them.

import type { ParkedAnswer, ParkedRow, RedriveRow } from '../../../../api/answers/operator.ts';
import { count, moment } from '../../format.ts';
import { StateBadge } from '../../parts/badge.tsx';
import { Card, Failure, Loading, Rows, rowsOf } from '../../parts/card.tsx';
import { Said, useSaid } from '../../parts/said.tsx';
import { Table } from '../../parts/table.tsx';
import { call } from '../../state/http.ts';
import { useLive } from '../../state/use-live.ts';

const EVERY_MS = 1_000;

interface Outcome {
  readonly outcome: {
    readonly redriven: number;
    readonly discarded: number;
    readonly failing: readonly { readonly id: number; readonly detail: string }[];
  };
}

export function Parked() {
  const { data, error } = useLive<ParkedAnswer>('/api/operator/parked', EVERY_MS);
  const { said, attempt } = useSaid();
  if (data === undefined) return error === null ? <Loading /> : <Failure>{error}</Failure>;
  const order = async (path: string, body: object): Promise<void> => {
    await attempt(async () => {
      const { outcome } = await call<Outcome>(path, { method: 'POST', body });
      return { text: outcomeText(outcome), bad: outcome.failing.length > 0 };
    });
  };
  const open = rowsOf(data.open)[0]?.records ?? '0';
  return (
    <>
      <div class="page-head">
        <h1>Parked records</h1>
        <div class="page-actions">
          <button type="button" disabled={open === '0'} onClick={() => void order('/api/operator/parked/redrive', { all: true })}>
            Re-drive all
          </button>
        </div>
      </div>
      {error !== null && <Failure>{error} The list below is older.</Failure>}
      <div class="stack">
        <Said said={said} />
        <Card title={`${count(open)} open`}>
          <Rows of={data.parked} empty="Nothing is parked: every record could be applied.">
            {(rows) => <Records rows={rows} order={order} />}
          </Rows>
        </Card>
        <Card title="Earlier re-drives and discards">
          <Rows of={data.redrives} empty="There was none yet.">
            {(rows) => <Redrives rows={rows} />}
          </Rows>
        </Card>
      </div>
    </>
  );
}

function outcomeText({ redriven, discarded, failing }: Outcome['outcome']): string {
  const still = failing.map(({ id, detail }) => `${id}: ${detail}`).join('; ');
  return `Re-driven ${redriven}, discarded ${discarded}${still === '' ? '.' : `. Still parked: ${still}`}`;
}

function Records({ rows, order }: { readonly rows: readonly ParkedRow[]; readonly order: (path: string, body: object) => Promise<void> }) {
  return (
    <Table
      label="Parked records"
      rows={rows}
      keyOf={(row) => row.parked_id}
      columns={[
        { name: 'Record', cell: (row) => <strong>{row.parked_id}</strong> },
        {
          name: 'Table and reason',
          cell: (row) => (
            <span class="two-lines">
              <span>
                {row.table_name ?? row.topic} <StateBadge state={row.status} />
              </span>
              <span class="muted">
                {row.reason}: {row.detail}
              </span>
            </span>
          ),
        },
        { name: 'Place', wideOnly: true, cell: (row) => <code>{`${row.partition}@${row.kafka_offset}`}</code> },
        { name: 'Parked', wideOnly: true, cell: (row) => moment(row.parked_at) },
        {
          name: 'Orders',
          numeric: true,
          cell: (row) => <RecordOrders row={row} order={order} />,
        },
      ]}
    />
  );
}

function RecordOrders({ row, order }: { readonly row: ParkedRow; readonly order: (path: string, body: object) => Promise<void> }) {
  const ids = [Number(row.parked_id)];
  const discard = (): void => {
    const because = window.prompt(`Why is record ${row.parked_id} discarded?`);
    if (because !== null) void order('/api/operator/parked/discard', { ids, because });
  };
  return (
    <span class="page-actions">
      <button
        type="button"
        class="quiet small"
        onClick={() => void order('/api/operator/parked/redrive', { ids })}
        aria-label={`Re-drive record ${row.parked_id}`}
      >
        Re-drive
      </button>
      <button type="button" class="danger small" onClick={discard} aria-label={`Discard record ${row.parked_id}`}>
        Discard
      </button>
    </span>
  );
}

function Redrives({ rows }: { readonly rows: readonly RedriveRow[] }) {
  return (
    <Table
      label="Earlier re-drives and discards"
      rows={rows}
      keyOf={(row) => `${row.requested_at} ${row.requested_by}`}
      columns={[
        { name: 'When', cell: (row) => moment(row.requested_at) },
        { name: 'By', cell: (row) => row.requested_by },
        { name: 'Re-driven', numeric: true, cell: (row) => count(row.redriven) },
        { name: 'Discarded', numeric: true, cell: (row) => count(row.discarded) },
        { name: 'Reason', wideOnly: true, cell: (row) => row.reason ?? '–' },
      ]}
    />
  );
}
