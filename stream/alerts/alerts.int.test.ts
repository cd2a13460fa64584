// Notifications: once per incident, again when it stays open, at its end; silence, acknowledgement, retries, and where a webhook may go.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DuckDBInstance } from '@duckdb/node-api';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STORE_DDL } from '../../lake/store/layout.ts';
import { EVIDENCE } from '../../lake/verify/evidence.ts';
import type { Finding } from '../../lake/quality/incidents.ts';
import { isInternal } from './address.ts';
import { incidentCommands } from './commands.ts';
import { dueNotices, type OpenIncident } from './due.ts';
import { Notifier } from './notifier.ts';
import { webhookSink, type Notice } from './sinks.ts';

const received: Notice[] = [];
const keys: (string | undefined)[] = [];
let failing = 0;
let server: Server;
let url = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/moved') return void response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      keys.push(request.headers['idempotency-key'] as string | undefined);
      if (failing > 0) failing -= 1;
      else {
        received.push(JSON.parse(Buffer.concat(parts).toString('utf8')) as Notice);
        return void response.writeHead(204).end();
      }
      response.writeHead(503).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  received.length = 0;
  keys.length = 0;
});

const finding: Finding = { code: 'LF_CHECK_FAILED', severity: 'page', subject: 'transactions_status', summary: 'bad', detail: 'expected: good', rows: ['{"id":1}'], dimension: 'validity', table: 'silver.transactions' }; // prettier-ignore

async function start() {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(STORE_DDL);
  const state = { nowMs: Date.now(), problem: null as string | null };
  const parts = {
    sinks: [webhookSink({ url, allowInternal: true })],
    policy: { renotifyMs: 3_600_000, from: 'warn' as const },
    problem: () => state.problem,
    now: () => new Date(state.nowMs),
    random: () => 1,
    log: pino({ level: 'silent' }),
  };
  const notifier = await Notifier.open({ ...parts, connection: await instance.connect() });
  const restart = async (): Promise<Notifier> => Notifier.open({ ...parts, connection: await instance.connect() });
  const rows = async (sql: string): Promise<unknown[][]> => (await connection.runAndReadAll(sql)).getRowsJson();
  return { notifier, state, rows, restart, connection };
}

const kinds = (): string[] => received.map(({ kind }) => kind);

describe('a notifier', () => {
  it('tells an incident once, reminds, and tells its end', async () => {
    const { notifier, state, rows } = await start();
    await notifier.opened(finding);
    await notifier.look();
    await notifier.opened({ ...finding, summary: 'worse' });
    await notifier.look();
    expect(kinds()).toEqual(['opened']);
    expect(received[0]).toMatchObject({
      source: 'ledgerflow',
      code: 'LF_CHECK_FAILED',
      severity: 'page',
      subject: 'transactions_status',
      summary: 'bad',
    });
    state.nowMs += 3_600_000;
    await notifier.look();
    expect(kinds()).toEqual(['opened', 'still open']);
    await notifier.closed('LF_CHECK_FAILED', 'transactions_status');
    await notifier.look();
    await notifier.look();
    expect(kinds()).toEqual(['opened', 'still open', 'closed']);
    expect(await rows('SELECT kind, sink, status, attempts FROM ops.notifications ORDER BY notification_id')).toEqual(
      ['opened', 'still open', 'closed'].map((kind) => [kind, 'webhook', 'sent', 1]),
    );
  });

  it('keeps quiet about what is silenced or looked after', async () => {
    const { notifier, state, rows } = await start();
    const commands = new Map(incidentCommands(notifier).map((command) => [command.name, command]));
    await notifier.opened(finding);
    await commands.get('incidents/silence')?.handle({ id: 1, by: 'dq', minutes: 30 });
    await notifier.look();
    expect(kinds()).toEqual([]);
    state.nowMs += 31 * 60_000;
    await notifier.look();
    expect(kinds()).toEqual(['opened']);
    await commands.get('incidents/ack')?.handle({ id: 1, by: 'dq', note: 'looking' });
    state.nowMs += 7_200_000;
    await notifier.look();
    expect(kinds()).toEqual(['opened']);
    await expect(commands.get('incidents/ack')?.handle({ id: 99, by: 'dq' })).rejects.toThrow('no open incident 99');
    await commands.get('incidents/ack')?.handle({ id: 1, by: 'eva', note: 'mine now' });
    expect(await rows('SELECT actor, action, minutes, note FROM ops.incident_steps ORDER BY seq')).toEqual([
      ['dq', 'silence', 30, ''],
      ['dq', 'acknowledge', null, 'looking'],
      ['eva', 'acknowledge', null, 'mine now'],
    ]);
    expect(await rows('SELECT acknowledged_by, note FROM ops.incidents')).toEqual([['eva', 'mine now']]);
    const evidence = EVIDENCE.find(({ name }) => name === 'incident_steps')!;
    expect(await rows(evidence.sql(new Date(state.nowMs).toISOString().slice(0, 10)))).toHaveLength(3);
  });

  it('tries again with the same key, also after a restart, and gives up in the end', async () => {
    const { notifier, state, rows, restart } = await start();
    failing = 2;
    await notifier.opened(finding);
    await notifier.look();
    await notifier.look();
    expect(keys).toHaveLength(1);
    const successor = await restart();
    state.nowMs += 1_000;
    await successor.look();
    state.nowMs += 60_000;
    await successor.look();
    expect(keys).toEqual(['ledgerflow-1', 'ledgerflow-1', 'ledgerflow-1']);
    expect(kinds()).toEqual(['opened']);
    failing = 100;
    await successor.opened({ ...finding, subject: 'other' });
    for (let look = 0; look < 10; look += 1) {
      await successor.look();
      state.nowMs += 60_000;
    }
    expect(await rows(`SELECT status, attempts, error FROM ops.notifications WHERE incident_id = 2 AND kind = 'opened'`)).toEqual([
      ['failed', 6, 'it answers 503'],
    ]);
    failing = 0;
  });

  it('makes an incident of a pipeline that stands', async () => {
    const { notifier, state, rows } = await start();
    state.problem = 'LF_SOURCE_GONE: the topic is gone';
    await notifier.look();
    state.problem = null;
    await notifier.look();
    expect(await rows('SELECT code, subject, closed_at IS NOT NULL FROM ops.incidents')).toEqual([
      ['LF_PIPELINE_PROBLEM', 'pipeline', true],
    ]);
    expect(kinds()).toEqual(['opened', 'closed']);
  });
});

describe('a webhook', () => {
  const notice: Notice = {
    id: 1,
    kind: 'opened',
    incidentId: 1,
    code: 'X',
    severity: 'page',
    subject: 's',
    summary: 's',
    detail: 'd',
    openedAt: '',
    closedAt: null,
  };

  it('goes to no internal address unless that is allowed, by number or by name', async () => {
    for (const host of ['127.0.0.1', '[::1]', '169.254.169.254', '10.1.2.3', 'localhost'])
      await expect(webhookSink({ url: `http://${host}:9/`, allowInternal: false }).send(notice)).rejects.toMatchObject({
        code: 'LF_WEBHOOK_REFUSED',
      });
    expect(received).toEqual([]);
  });

  it('follows no redirect', async () => {
    await expect(webhookSink({ url: url.replace('/hook', '/moved'), allowInternal: true }).send(notice)).rejects.toThrow(
      'redirects are not followed',
    );
  });

  it.each([
    ['8.8.8.8', false],
    ['172.31.0.1', true],
    ['::ffff:10.0.0.1', true],
    ['2606:4700::1111', false],
    ['fd00::1', true],
    ['no address', true],
  ])('%s internal: %s', (address, internal) => {
    expect(isInternal(address)).toBe(internal);
  });
});

it('tells blocking incidents first and leaves out what is below the severity', () => {
  const one = (id: number, severity: 'block' | 'page' | 'warn'): OpenIncident => ({ id, severity, code: 'c', subject: 's', summary: '', detail: '', openedAtMs: id, closedAtMs: null, acknowledged: false, silencedUntilMs: null, toldAtMs: null, endTold: false }); // prettier-ignore
  const due = dueNotices([one(1, 'warn'), one(2, 'page'), one(3, 'block')], { renotifyMs: 1, from: 'page' }, 10);
  expect(due.map(({ incident }) => incident.id)).toEqual([3, 2]);
});
