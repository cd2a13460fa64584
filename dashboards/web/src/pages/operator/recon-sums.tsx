// What a run compared and matched, in money: by currency and side.

import type { RunRow } from '../../../../api/answers/recon.ts';
import { count, decimal } from '../../format.ts';
import { Card, Empty } from '../../parts/card.tsx';
import { Stat } from '../../parts/stat.tsx';
import { Table } from '../../parts/table.tsx';

interface SideSum {
  readonly currency: string;
  readonly side: 'external' | 'internal';
  readonly rows: number;
  readonly amount: string;
  readonly matched: string;
}

export function RunSums({ run }: { readonly run: RunRow }) {
  const sums = run.sums === null ? [] : (JSON.parse(run.sums) as readonly SideSum[]);
  return (
    <Card title={`Summary of run ${run.run_id}`}>
      {run.sums === null ? (
        <Empty>{run.error ?? 'The run has not ended yet.'}</Empty>
      ) : (
        <>
          <dl class="stats">
            {(
              [
                ['Exact', run.exact],
                ['By likeness', run.fuzzy],
                ['In groups or by hand', run.grouped],
                ['Expected', run.expected],
                ['New breaks', run.new_breaks],
                ['Resolved breaks', run.resolved_breaks],
                ['Unreadable lines', run.parked],
              ] as const
            ).map(([name, value]) => (
              <Stat key={name} name={name} value={count(value)} />
            ))}
          </dl>
          <Table<SideSum>
            label="Money by currency and side"
            rows={sums}
            keyOf={({ currency, side }) => `${currency} ${side}`}
            columns={[
              { name: 'Currency', cell: ({ currency }) => currency },
              { name: 'Side', cell: ({ side }) => (side === 'external' ? 'Statement' : 'Our books') },
              { name: 'Rows', numeric: true, cell: ({ rows }) => count(rows) },
              { name: 'Amount', numeric: true, cell: ({ amount }) => decimal(amount) },
              { name: 'Matched', numeric: true, cell: ({ matched }) => decimal(matched) },
            ]}
          />
        </>
      )}
    </Card>
  );
}
