// One incident: what was expected, the rows that show it, and everybody who said something of it.

import type { IncidentRow, IncidentStepRow } from '../../../../api/answers/operator.ts';
import { moment, title } from '../../format.ts';
import { Card, Empty } from '../../parts/card.tsx';
import { useClosing } from '../../parts/closing.tsx';
import { Table } from '../../parts/table.tsx';

interface IncidentProps {
  readonly incident: IncidentRow;
  readonly steps: readonly IncidentStepRow[];
  readonly onClose: () => void;
}

export function Incident({ incident, steps, onClose }: IncidentProps) {
  const closing = useClosing('Close', onClose);
  const { incident_id: id, summary, detail, rows } = incident;
  return (
    <div onKeyDown={closing.onKeyDown}>
      <Card title={`Incident ${id}`} note={closing.button}>
        <div class="stack-small">
          <p>
            <strong>{summary}</strong>
          </p>
          <p>{detail}</p>
          {rows !== null && rows !== '[]' && <pre tabIndex={0}>{rows}</pre>}
          {steps.length === 0 ? <Empty>Nobody has looked after it yet.</Empty> : <Steps steps={steps} />}
        </div>
      </Card>
    </div>
  );
}

function Steps({ steps }: { readonly steps: readonly IncidentStepRow[] }) {
  return (
    <Table<IncidentStepRow>
      label="What people said of the incident"
      rows={steps}
      keyOf={({ seq }) => seq}
      columns={[
        { name: 'When', cell: ({ done_at: at }) => <span class="nowrap">{moment(at)}</span> },
        { name: 'Who', cell: ({ actor }) => actor },
        { name: 'What', cell: ({ action, minutes }) => `${title(action)}${minutes === null ? '' : ` for ${minutes} minutes`}` },
        { name: 'Note', cell: ({ note }) => note },
      ]}
    />
  );
}
