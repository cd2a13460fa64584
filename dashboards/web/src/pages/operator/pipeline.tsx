// The way of a change from MySQL to the reader, with what happens at every hop now.

import type { GoldRow, MinuteRow, PipelineAnswer, TotalsRow } from '../../../../api/answers/operator.ts';
import { clock, count, milliseconds, moment, pixels, shortGtid } from '../../format.ts';
import { StateBadge } from '../../parts/badge.tsx';
import { Card, Failure, Loading, Rows, rowsOf } from '../../parts/card.tsx';
import { Chart } from '../../parts/chart.tsx';
import { Hop } from '../../parts/hop.tsx';
import { Stat } from '../../parts/stat.tsx';
import { useLive } from '../../state/use-live.ts';
import { ConnectorOrders } from './connector-orders.tsx';

const EVERY_MS = 700;

export function Pipeline() {
  const { data, error, reload } = useLive<PipelineAnswer>('/api/operator/pipeline', EVERY_MS);
  if (data === undefined) return error === null ? <Loading /> : <Failure>{error}</Failure>;
  const processor = data.processor.ok ? data.processor.value : null;
  return (
    <>
      <div class="page-head">
        <h1>Pipeline</h1>
        {processor !== null && <StateBadge state={processor.state} />}
      </div>
      {error !== null && <Failure>{error} The figures below are older.</Failure>}
      {!data.processor.ok && <p class="alert-line">The processor does not answer: {data.processor.message}</p>}
      {processor?.state === 'degraded' && <p class="alert-line">{processor.reason ?? 'Degraded.'}</p>}
      <Hops data={data} />
      <div class="grid">
        <Card title="Messages a minute" note="last hour">
          <Rows of={data.minutes} empty="Nothing was committed in the last hour.">
            {(rows) => <Minutes rows={rows} />}
          </Rows>
        </Card>
        <Card title="Since the first start">
          <Rows of={data.totals} empty="Nothing was committed yet.">
            {([totals]) => <Totals totals={totals} />}
          </Rows>
        </Card>
        <ConnectorOrders connector={data.connector} onDone={reload} />
        <Card title="Gold">
          <Rows of={data.gold} empty="Gold has not been calculated yet.">
            {([gold]) => <Gold gold={gold} />}
          </Rows>
        </Card>
      </div>
    </>
  );
}

function Hops({ data }: { readonly data: PipelineAnswer }) {
  const processor = data.processor.ok ? data.processor.value : null;
  const connector = data.connector.ok ? data.connector.value : null;
  const [totals] = rowsOf(data.totals);
  const [gold] = rowsOf(data.gold);
  const [silver] = rowsOf(data.silverTables);
  const [publication] = rowsOf(data.publication);
  const lag = processor?.lagMessages ?? null;
  return (
    <ol class="hops" aria-label="From MySQL to the reader">
      <Hop
        name="MySQL"
        figure={data.included.seq < 0 ? '–' : count(data.included.seq)}
        unit="transactions captured"
        note={shortGtid(data.included.gtid)}
        tone="good"
      />
      <Hop
        name="Debezium"
        figure={connector === null ? 'no answer' : connector.state.toLowerCase()}
        unit={connector === null ? '' : `${connector.tasks.length} task`}
        note={data.connector.ok ? (connector?.reason ?? '') : data.connector.message}
        tone={connector?.running === true ? 'good' : 'bad'}
      />
      <Hop
        name="Kafka"
        figure={lag === null ? 'unknown' : count(lag)}
        unit="messages of lag"
        note="not yet committed to the lake"
        tone={lag === null ? 'warn' : 'good'}
      />
      <Hop
        name="Processor"
        figure={processor === null ? '–' : count(processor.eventsPerSecond)}
        unit="events a second"
        note={`commit ${count(data.included.commitId)} at ${clock(data.included.committedAt)}`}
        tone={processor === null ? 'bad' : 'good'}
      />
      <Hop
        name="Lake"
        figure={totals === undefined ? '–' : count(totals.messages)}
        unit="messages in bronze"
        note={`${silver?.tables ?? '–'} silver tables, ${gold?.models ?? '–'} gold models`}
        tone={gold === undefined ? 'plain' : gold.held_reason === null ? 'good' : 'bad'}
      />
      <Hop
        name="Readers"
        figure={milliseconds(processor?.freshnessMs ?? null)}
        unit="from MySQL commit to gold"
        note={
          publication === undefined ? 'not published yet' : `publication ${publication.publication_id}, ${moment(publication.published_at)}`
        }
        tone={(processor?.freshnessMs ?? null) === null ? 'warn' : 'good'}
        testId="freshness-ms"
      />
    </ol>
  );
}

function Minutes({ rows }: { readonly rows: readonly MinuteRow[] }) {
  const times = rows.map(({ minute }) => Date.parse(minute) / 1_000);
  const values = rows.map(({ messages }) => pixels(messages));
  const newest = rows.at(-1);
  return (
    <Chart
      label={`Messages a minute over the last hour, ${newest?.messages ?? '0'} in the newest minute`}
      times={times}
      lines={[{ name: 'messages', values }]}
      format={(value) => count(value)}
    />
  );
}

function Totals({ totals }: { readonly totals: TotalsRow | undefined }) {
  if (totals === undefined) return null;
  return (
    <dl class="stats">
      <Stat name="Commits" value={count(totals.commits)} />
      <Stat name="Messages" value={count(totals.messages)} />
      <Stat name="Applied" value={count(totals.applied)} />
      <Stat name="Duplicates" value={count(totals.duplicates)} />
      <Stat
        name="Parked"
        value={count(totals.parked)}
        tone={totals.parked === '0' ? 'plain' : 'bad'}
        note={<a href="/operator/parked">Records</a>}
      />
    </dl>
  );
}

function Gold({ gold }: { readonly gold: GoldRow | undefined }) {
  if (gold === undefined) return null;
  return (
    <dl class="stats">
      <Stat name="Stands at commit" value={count(gold.commit_id)} note={`refreshed ${clock(gold.refreshed_at)}`} />
      <Stat name="Models" value={count(gold.models)} note={<a href="/operator/tables">All tables</a>} />
      <Stat
        name="State"
        value={gold.held_reason === null ? 'current' : 'held'}
        tone={gold.held_reason === null ? 'good' : 'bad'}
        {...(gold.held_reason === null ? {} : { note: gold.held_reason })}
      />
    </dl>
  );
}
