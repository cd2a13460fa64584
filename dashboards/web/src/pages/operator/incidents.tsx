// What went wrong, what is open, and who was told.

import type { IncidentsAnswer } from '../../../../api/answers/operator.ts';
import { AnyTable } from '../../parts/any-table.tsx';
import { Card, Failure, Loading, Rows } from '../../parts/card.tsx';
import { useLive } from '../../state/use-live.ts';

const EVERY_MS = 1_500;

export function Incidents() {
  const { data, error } = useLive<IncidentsAnswer>('/api/operator/incidents', EVERY_MS);
  if (data === undefined) return error === null ? <Loading /> : <Failure>{error}</Failure>;
  return (
    <>
      <div class="page-head">
        <h1>Incidents</h1>
      </div>
      {error !== null && <Failure>{error} The figures below are older.</Failure>}
      <div class="stack">
        <Card title="Incidents">
          <Rows of={data.incidents} empty="No incident was ever opened." later="Incidents are not recorded in this lake yet.">
            {(rows) => <AnyTable label="Incidents" rows={rows} />}
          </Rows>
        </Card>
        <Card title="Notifications sent">
          <Rows of={data.notifications} empty="Nobody had to be told anything." later="Notifications are not recorded in this lake yet.">
            {(rows) => <AnyTable label="Notifications sent" rows={rows} />}
          </Rows>
        </Card>
      </div>
    </>
  );
}
