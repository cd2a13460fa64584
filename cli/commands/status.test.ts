import { describe, expect, it } from 'vitest';
import type { RunFile } from '../../infra/native/run-file.ts';
import { statusSchema, type ProcessorStatus } from '../../infra/runtime/status.ts';
import { mergeStatus } from '../support/status.ts';
import { renderStatus } from './status.ts';

const LOGIN = { host: '127.0.0.1', port: 3306, user: 'bank', password: 'secret', database: 'bank' };
const RUN: RunFile = {
  version: 1,
  state: 'streaming',
  startedAt: '2026-11-21T09:00:00.000Z',
  supervisor: { pid: 10, startedTicks: 1 },
  parts: { processor: { pid: 77, startedTicks: 1, port: 9464, logFile: 'processor.log', restarts: 0 } },
  endpoints: {
    mysql: LOGIN,
    kafka: { brokers: '127.0.0.1:9092' },
    connect: { url: 'http://127.0.0.1:8083', connector: 'ledgerflow-bank' },
    wire: { ...LOGIN, port: 5433, user: 'ledgerflow', database: 'ledgerflow' },
    metrics: { url: 'http://127.0.0.1:9464/metrics' },
    lake: { catalog: '/srv/demo/lake/ledgerflow.ducklake', data: '/srv/demo/lake/data' },
  },
};
const REPORT: ProcessorStatus = {
  state: 'streaming',
  commit: { id: 12, gtid: 'uuid:9', committedAt: '2026-11-21T10:00:00.000Z' },
  freshnessMs: 41,
  eventsPerSecond: 199.6,
  lagMessages: 3,
  parked: 0,
  gold: { commitId: 12, heldReason: null },
  snapshot: null,
  publication: { id: 2, commitId: 10, publishedAt: '2026-11-21T09:59:58.000Z' },
  verified: { at: '2026-11-21T09:59:59.000Z', through: 'df9fbc14-e59a-11f1-91fd-02fc00000001:139', tables: 9, different: [] },
  pid: 78,
};

describe('mergeStatus', () => {
  it('joins the record and the report into the object of the contract', () => {
    const status = mergeStatus('/srv/demo', { run: RUN, live: true, answer: { report: REPORT } });
    expect(statusSchema.parse(status)).toEqual(status);
    expect(status).toMatchObject({
      state: 'streaming',
      processor: { pid: 78 },
      cut: { gtid: 'uuid:9' },
      freshnessMs: 41,
      parked: 0,
      mysql: LOGIN,
    });
  });

  it('is degraded when the processor does not answer though it should', () => {
    const status = mergeStatus('/srv/demo', { run: RUN, live: true, answer: { problem: 'no answer' } });
    expect(status).toMatchObject({ state: 'degraded', reason: 'no answer', freshnessMs: null, processor: { pid: 77 } });
  });

  it('keeps the state of a start that is under way', () => {
    const run = { ...RUN, state: 'starting' as const };
    expect(mergeStatus('/srv/demo', { run, live: true, answer: { problem: 'not yet' } }).state).toBe('starting');
  });

  it.each([
    ['after a clean stop', { ...RUN, state: 'stopped' as const }, null],
    ['after the supervisor was killed', RUN, 'the supervisor is gone without a word'],
    ['before the first start', undefined, 'nothing was ever started in this home folder'],
  ])('is stopped %s', (_name, run, reason) => {
    const status = mergeStatus('/srv/demo', { run, live: false, answer: { problem: 'not running' } });
    expect(statusSchema.parse(status)).toMatchObject({ state: 'stopped', reason, processor: { pid: null } });
  });
});

describe('renderStatus', () => {
  it('shows progress, freshness and ready-made lines to connect', () => {
    expect(renderStatus(mergeStatus('/srv/demo', { run: RUN, live: true, answer: { report: REPORT } }))).toMatchInlineSnapshot(`
      "state        streaming
      last cut     uuid:9 at 2026-11-21T10:00:00.000Z (commit 12)
      freshness    41 ms
      events       200 /s, lag 3 messages
      parked       0
      gold         commit 12
      lake         publication 2 of commit 10 at 2026-11-21T09:59:58.000Z
      verified     9 tables through df9fbc14-e59a-11f1-91fd-02fc00000001:139 at 2026-11-21T09:59:59.000Z
      MySQL        MYSQL_PWD=secret mysql -h 127.0.0.1 -P 3306 -u bank bank
      SQL on gold  PGPASSWORD=secret psql -h 127.0.0.1 -p 5433 -U ledgerflow ledgerflow
      Kafka        127.0.0.1:9092
      Connect      http://127.0.0.1:8083 (ledgerflow-bank)
      metrics      http://127.0.0.1:9464/metrics
      lake files   /srv/demo/lake/ledgerflow.ducklake
      home         /srv/demo"
    `);
  });

  it('is short when nothing runs', () => {
    const text = renderStatus(mergeStatus('/srv/demo', { run: undefined, live: false, answer: { problem: 'not running' } }));
    expect(text).toBe('state  stopped: nothing was ever started in this home folder\nhome   /srv/demo');
  });
});
