// What was published to the lake, what was certified of it, and the commits it came from.

import type { PublicationsAnswer } from '../../../../api/answers/operator.ts';
import { AnyTable } from '../../parts/any-table.tsx';
import { Card, Failure, Loading, Rows } from '../../parts/card.tsx';
import { useLive } from '../../state/use-live.ts';

const EVERY_MS = 1_500;

export function Publications() {
  const { data, error } = useLive<PublicationsAnswer>('/api/operator/publications', EVERY_MS);
  if (data === undefined) return error === null ? <Loading /> : <Failure>{error}</Failure>;
  return (
    <>
      <div class="page-head">
        <h1>Publications</h1>
      </div>
      {error !== null && <Failure>{error} The figures below are older.</Failure>}
      <div class="stack">
        <Card title="Publications">
          <Rows of={data.publications} empty="Nothing was published yet." later="Nothing was published yet.">
            {(rows) => <AnyTable label="Publications" rows={rows} />}
          </Rows>
        </Card>
        <Card title="Certificates" note="signed: entries, balances and bronze at one transaction">
          <Rows of={data.certificates} empty="Nothing was certified yet: ledgerflow certify." later="This lake has no certificates yet.">
            {(rows) => <AnyTable label="Certificates" rows={rows} />}
          </Rows>
        </Card>
        <Card title="Newest commits">
          <Rows of={data.commits} empty="Nothing was committed yet." later="Nothing was committed yet.">
            {(rows) => <AnyTable label="Newest commits" rows={rows} />}
          </Rows>
        </Card>
      </div>
    </>
  );
}
