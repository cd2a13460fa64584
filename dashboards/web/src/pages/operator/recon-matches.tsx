// The matches of a run, the least certain first; one of them compared and explained, and taken back when it is wrong.

import { useState } from 'preact/hooks';
import type { MatchAnswer, MatchesAnswer, MatchRow } from '../../../../api/answers/recon.ts';
import { count, decimal, title } from '../../format.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card, Failure, Loading, Rows, rowsOf } from '../../parts/card.tsx';
import { AnyTable } from '../../parts/any-table.tsx';
import { useClosing } from '../../parts/closing.tsx';
import { useRowKeys } from '../../parts/row-keys.ts';
import { NoteField } from '../../parts/choosing.tsx';
import type { Orders } from '../../parts/said.tsx';
import { Table } from '../../parts/table.tsx';
import { useLive } from '../../state/use-live.ts';
import { Compare, Score } from './recon-compare.tsx';

const EVERY_MS = 1_500;

interface MatchesProps {
  readonly run: string;
  /** Changes when an order was carried out. */
  readonly asked: number;
  readonly order: Orders['order'];
  readonly onClose: () => void;
}

export function ReconMatches({ run, asked, order, onClose }: MatchesProps) {
  const { data, error } = useLive<MatchesAnswer>(`/api/operator/recon/runs/${run}`, EVERY_MS, asked);
  const [shown, setShown] = useState<string | null>(null);
  const closing = useClosing('Close', onClose, () => (shown === null ? onClose() : undefined));
  const keys = useRowKeys(rowsOf(data?.matches).map(({ match_id: id }) => id), {}); // prettier-ignore
  const closeMatch = (id: string): void => {
    setShown(null);
    keys.focus(id);
  };
  return (
    <div class="stack" onKeyDown={closing.onKeyDown}>
      <Card title={`Matches of run ${run}`} note={closing.button}>
        {error !== null && <Failure>{error}</Failure>}
        <div {...keys.list}>
          <Rows of={data?.matches} empty="This run matched nothing.">
            {(rows) => <Matches rows={rows} onShow={setShown} />}
          </Rows>
        </div>
      </Card>
      {shown !== null && <OneMatch key={shown} id={shown} asked={asked} order={order} onClose={() => closeMatch(shown)} />}
      {rowsOf(data?.parked).length > 0 && (
        <Card title="Lines that could not be read">
          <AnyTable label="Lines that could not be read" rows={rowsOf(data?.parked).map((row) => ({ ...row }))} />
        </Card>
      )}
    </div>
  );
}

function Matches({ rows, onShow }: { readonly rows: readonly MatchRow[]; readonly onShow: (id: string) => void }) {
  return (
    <Table<MatchRow>
      label="Matches of the run"
      rows={rows}
      keyOf={({ match_id: id }) => id}
      columns={[
        {
          name: 'Match',
          cell: ({ match_id: id, tier, external_ids: theirs, internal_ids: ours, taken_back: back }) => (
            <span class="two-lines">
              <span>
                <button type="button" class="link" data-row={id} onClick={() => onShow(id)} aria-label={`Compare match ${id}`}>
                  {`${id}: ${title(tier)}`}
                </button>{' '}
                {back !== null && <Badge tone="warn">taken back</Badge>}
              </span>
              <span class="muted ids">{`${theirs} ↔ ${ours}`}</span>
            </span>
          ),
        },
        { name: 'Score', numeric: true, cell: ({ score }) => count(score, 4) },
        { name: 'Margin', numeric: true, wideOnly: true, cell: ({ margin }) => count(margin, 4) },
        { name: 'Amount', numeric: true, cell: ({ amount, currency }) => `${decimal(amount)} ${currency}` },
        { name: 'Why', wideOnly: true, cell: ({ why }) => why },
      ]}
    />
  );
}

interface OneMatchProps {
  readonly id: string;
  readonly asked: number;
  readonly order: Orders['order'];
  readonly onClose: () => void;
}

function OneMatch({ id, asked, order, onClose }: OneMatchProps) {
  const { data, error } = useLive<MatchAnswer>(`/api/operator/recon/matches/${id}`, EVERY_MS, asked);
  const [reason, setReason] = useState('');
  const closing = useClosing('Close the match', onClose);
  const [found] = rowsOf(data?.found);
  const words = reason.trim();
  const unmatch = (): void => {
    if (words !== '') void order('/api/operator/recon/unmatch', { body: { match: Number(id), reason: words } });
  };
  return (
    <div onKeyDown={closing.onKeyDown}>
      <Card title={`Match ${id}`} note={closing.button}>
        {error !== null && <Failure>{error}</Failure>}
        {data === undefined ? (
          <Loading />
        ) : (
          <div class="stack">
            <Rows of={data.rows} empty="There is no such match.">
              {(rows) => <Compare rows={rows} />}
            </Rows>
            {found !== undefined && <p>{`${title(found.tier)}, by ${found.actor}: ${found.why}`}</p>}
            {found !== undefined && <Score {...found} />}
            {found !== undefined && found.taken_back !== null && <p>{`Taken back: ${found.taken_back}`}</p>}
            {found !== undefined && found.taken_back === null && (
              <form
                class="orders"
                onSubmit={(event) => {
                  event.preventDefault();
                  unmatch();
                }}
              >
                <NoteField id="recon-unmatch" label="Why it is wrong" note={reason} onNote={setReason} />
                <button type="submit" class="danger small" aria-disabled={words === ''}>
                  Take it back
                </button>
              </form>
            )}
          </div>
        )}
      </Card>
    </div>
  );
}
