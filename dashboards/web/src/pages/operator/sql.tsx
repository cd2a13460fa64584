// Any statement on the lake, read-only and within limits.

import { useState } from 'preact/hooks';
import type { Cell } from '../../../../api/answers/common.ts';
import type { SqlAnswer } from '../../../../api/answers/operator.ts';
import { count, milliseconds } from '../../format.ts';
import { Card, Empty, Failure } from '../../parts/card.tsx';
import { Table } from '../../parts/table.tsx';
import { call, CallFailed } from '../../state/http.ts';

const FIRST = 'SELECT day, type, status, transactions, amount\nFROM gold.daily_volumes\nORDER BY day DESC, type\nLIMIT 20';

export function Sql() {
  const [text, setText] = useState(FIRST);
  const [answer, setAnswer] = useState<SqlAnswer | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      setAnswer(await call<SqlAnswer>('/api/operator/sql', { method: 'POST', body: { sql: text } }));
    } catch (error) {
      setFailure(error instanceof CallFailed ? error.message : 'The statement could not be sent.');
    } finally {
      setBusy(false);
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void run();
  };
  return (
    <>
      <div class="page-head">
        <h1>SQL</h1>
      </div>
      <div class="stack">
        <Card title="Statement" note="reads only; 500 rows and 10 seconds at most">
          <form
            class="fields"
            onSubmit={(event) => {
              event.preventDefault();
              void run();
            }}
          >
            <label class="visually-hidden" for="sql">
              SQL statement
            </label>
            <textarea
              id="sql"
              class="code sql-box"
              spellcheck={false}
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
              onKeyDown={onKeyDown}
            />
            <div>
              <button type="submit" disabled={busy || text.trim() === ''}>
                {busy ? 'Running …' : 'Run'}
              </button>{' '}
              <small class="muted">or Ctrl-Enter</small>
            </div>
          </form>
        </Card>
        {failure !== null && <Failure>{failure}</Failure>}
        {answer !== null && failure === null && <Result answer={answer} />}
      </div>
    </>
  );
}

interface IndexedRow {
  readonly cells: readonly Cell[];
  readonly index: number;
}

function Result({ answer }: { readonly answer: SqlAnswer }) {
  const { columns, rows, truncated, durationMs } = answer;
  return (
    <Card title="Result" note={`${count(rows.length)} rows${truncated ? ', there are more' : ''} in ${milliseconds(durationMs)}`}>
      {rows.length === 0 ? (
        <Empty>The statement gave no rows.</Empty>
      ) : (
        <Table<IndexedRow>
          label="Result"
          rows={rows.map((cells, index) => ({ cells, index }))}
          keyOf={({ index }) => String(index)}
          columns={columns.map(({ name, numeric }, index) => ({
            name,
            numeric,
            cell: ({ cells }) => cells[index] ?? <span class="muted">NULL</span>,
          }))}
        />
      )}
    </Card>
  );
}
