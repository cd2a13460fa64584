// One alert with the values behind it and every step of its case.

import type { FraudCaseAnswer } from '../../../../api/answers/fraud.ts';
import type { AnyRow } from '../../../../api/answers/operator.ts';
import { title } from '../../format.ts';
import { AnyTable } from '../../parts/any-table.tsx';
import { Card, Failure, Loading, Rows } from '../../parts/card.tsx';
import { useClosing } from '../../parts/closing.tsx';
import type { Saying } from '../../parts/said.tsx';
import { call } from '../../state/http.ts';
import { useLive } from '../../state/use-live.ts';

const EVERY_MS = 1_000;
const DAY_MINUTES = 1_440;

interface FraudCaseProps {
  readonly id: string;
  /** Changes when an order was carried out. */
  readonly asked: number;
  readonly attempt: Saying['attempt'];
  readonly onClose: () => void;
}

export function FraudCase({ id, asked, attempt, onClose }: FraudCaseProps) {
  const { data, error } = useLive<FraudCaseAnswer>(`/api/operator/fraud/${id}`, EVERY_MS, asked);
  const closing = useClosing('Close the case view', onClose);
  const button = (
    <>
      <button type="button" class="quiet small" onClick={() => void snooze(id, attempt)}>
        Snooze for a day
      </button>{' '}
      {closing.button}
    </>
  );
  return (
    <div onKeyDown={closing.onKeyDown}>
      <Card title={`Case ${id.slice(0, 12)}`} note={button}>
        {error !== null && <Failure>{error}</Failure>}
        {data === undefined ? (
          <Loading />
        ) : (
          <>
            <Rows of={data.alert} empty="There is no such alert.">
              {(rows) => <Facts row={rows[0] ?? {}} />}
            </Rows>
            <Rows of={data.steps} empty="Nobody has worked on it yet.">
              {(rows) => <AnyTable label="Steps of the case" rows={rows} />}
            </Rows>
          </>
        )}
      </Card>
    </div>
  );
}

async function snooze(id: string, attempt: Saying['attempt']): Promise<void> {
  const reason = window.prompt('Why is the rule to be quiet about this entity for a day?')?.trim() ?? '';
  if (reason === '') return;
  await attempt(async () => {
    await call('/api/operator/fraud/snooze', { method: 'POST', body: { id, minutes: DAY_MINUTES, reason } });
    return { text: 'Snoozed for a day: alerts are kept, nobody is told.', bad: false };
  });
}

function Facts({ row }: { readonly row: AnyRow }) {
  const facts = Object.entries(row).flatMap(([name, value]) => (value === null ? [] : [{ fact: title(name), value }]));
  return <AnyTable label="The alert" rows={facts} />;
}
