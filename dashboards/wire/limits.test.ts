// Bounds and stops: passwords, time-out, cancel, rows, concurrency, connections, idle transactions, memory of a large result.

import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqlstateOf, wireWorld, type WireWorld } from './testkit.ts';

const SLOW = 'SELECT count(*) FROM range(100000000000) a WHERE a.range % 7 = 3';

let world: WireWorld;

beforeAll(async () => {
  world = await wireWorld({ rowsMax: 300_000, concurrencyMax: 2 });
});
afterAll(async () => world[Symbol.asyncDispose]());

async function eventually(check: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !check(); tries += 1) await sleep(10);
  expect(check()).toBe(true);
}

describe('login', () => {
  it('refuses a wrong password, a wrong user, a wrong database', async () => {
    expect(await sqlstateOf(world.client({ password: 'wrong' }))).toBe('28P01');
    expect(await sqlstateOf(world.client({ user: 'someone' }))).toBe('28P01');
    expect(await sqlstateOf(world.client({ database: 'postgres' }))).toBe('3D000');
  });

  it('survives garbage', async () => {
    for (const bytes of [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.alloc(64),
      Buffer.from([0, 0, 0, 8, 0, 3, 0, 0]),
      Buffer.from([0xff, 0xff, 0xff, 0xff, 1]),
    ]) {
      const socket = createConnection({ port: world.wire.port, host: '127.0.0.1' });
      socket.on('error', () => undefined);
      socket.end(bytes);
      socket.resume();
      await new Promise((resolve) => socket.on('close', resolve));
    }
    expect((await (await world.client()).query('SELECT 1 AS a')).rows).toEqual([{ a: 1 }]);
  });

  it('refuses one connection too many and serves again when one has gone', async () => {
    await using small = await wireWorld({ connectionsMax: 2 });
    const [first] = [await small.client(), await small.client()];
    expect(await sqlstateOf(small.client())).toBe('53300');
    await first.end();
    await eventually(() => small.wire.counters.connections === 1);
    expect((await (await small.client()).query('SELECT 1 AS a')).rows).toEqual([{ a: 1 }]);
    expect(small.wire.counters.refusedConnections).toBe(1);
  });

  it('takes the next port when one is taken', async () => {
    await using second = await wireWorld({ port: [world.wire.port, 0] });
    expect(second.wire.port).not.toBe(world.wire.port);
    await expect(wireWorld({ port: world.wire.port })).rejects.toMatchObject({ code: 'LF_WIRE_PORT_TAKEN' });
  });
});

describe('stops', () => {
  it('a statement at the time-out', async () => {
    await using short = await wireWorld({ statementTimeoutMs: 400 });
    const client = await short.client();
    const began = performance.now();
    await expect(client.query(SLOW)).rejects.toMatchObject({ code: '57014', message: expect.stringContaining('timeout') });
    expect(performance.now() - began).toBeLessThan(3_000);
    await client.query(`SET statement_timeout = '50ms'`);
    expect(await sqlstateOf(client.query(SLOW))).toBe('57014');
    expect((await client.query('SELECT 1 AS a')).rows).toEqual([{ a: 1 }]);
  });

  it('a statement that streams, at the time-out, with an error and not with a shorter result', async () => {
    await using short = await wireWorld({ statementTimeoutMs: 300, rowsMax: 1_000_000_000 });
    const client = await short.client();
    expect(await sqlstateOf(client.query('SELECT range FROM range(1000000000)'))).toBe('57014');
    expect((await client.query('SELECT 1 AS a')).rows).toEqual([{ a: 1 }]);
  });

  it('a statement that is cancelled', async () => {
    await using patient = await wireWorld();
    const client = await patient.client();
    const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
    const running = sqlstateOf(client.query(SLOW));
    await eventually(() => patient.wire.counters.running === 1);
    const packet = Buffer.alloc(16);
    for (const [at, value] of [16, 80_877_102, processID, secretKey].entries()) packet.writeInt32BE(value, at * 4);
    createConnection({ port: patient.wire.port, host: '127.0.0.1' }).end(packet);
    expect(await running).toBe('57014');
    packet.writeInt32BE(secretKey ^ 1, 12);
    const second = client.query('SELECT count(*) FROM range(300000000) a WHERE a.range % 7 = 3');
    createConnection({ port: patient.wire.port, host: '127.0.0.1' }).end(packet);
    expect(await sqlstateOf(second)).toBe('answered');
  });

  it('a statement whose client has gone', async () => {
    await using patient = await wireWorld({ statementTimeoutMs: 60_000 });
    const client = await patient.client();
    void client.query(SLOW).catch(() => undefined);
    await eventually(() => patient.wire.counters.running === 1);
    (client as unknown as { connection: { stream: { destroy: () => void } } }).connection.stream.destroy();
    await eventually(() => patient.wire.counters.running === 0 && patient.wire.counters.connections === 0);
  });

  it('a transaction that idles', async () => {
    await using short = await wireWorld({ idleInTransactionMs: 300 });
    const client = await short.client();
    const failed = new Promise<unknown>((resolve) => client.on('error', resolve));
    await client.query('BEGIN');
    await client.query('SELECT 1');
    expect(await failed).toMatchObject({ code: '25P03' });
  });

  it('everything when the endpoint stops', async () => {
    const stopping = await wireWorld({ statementTimeoutMs: 60_000 });
    const client = await stopping.client();
    const running = sqlstateOf(client.query(SLOW));
    await eventually(() => stopping.wire.counters.running === 1);
    await stopping[Symbol.asyncDispose]();
    expect(await running).not.toBe('answered');
  });
});

describe('bounds', () => {
  it('refuses a result with too many rows instead of cutting it off', async () => {
    const client = await world.client();
    await expect(client.query('SELECT * FROM range(300001)')).rejects.toMatchObject({ code: '54000' });
  });

  it('runs a few statements at once, keeps others in line, in order', async () => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => world.client()));
    const peak = { running: 0, waiting: 0 };
    const watch = setInterval(() => {
      peak.running = Math.max(peak.running, world.wire.counters.running);
      peak.waiting = Math.max(peak.waiting, world.wire.counters.waiting);
    }, 1);
    const answers = await Promise.all(
      clients.map((client) => client.query('SELECT count(*)::INTEGER AS n FROM range(30000000) a WHERE a.range % 7 = 3')),
    );
    clearInterval(watch);
    expect(new Set(answers.map(({ rows }) => rows[0].n))).toEqual(new Set([4_285_714]));
    expect(peak.running).toBe(2);
    expect(peak.waiting).toBeGreaterThan(2);
    expect(world.wire.counters).toMatchObject({ running: 0, waiting: 0 });
    await Promise.all(clients.map((client) => client.end()));
  });

  it('streams a large result to a slow reader in bounded memory, and gives its place to others meanwhile', async () => {
    await using one = await wireWorld({ concurrencyMax: 1, statementTimeoutMs: 60_000 });
    const slow = await one.client();
    const { stream } = (slow as unknown as { connection: { stream: Socket } }).connection;
    const before = process.memoryUsage().rss;
    const answer = sqlstateOf(slow.query({ text: `SELECT range, repeat('x', 200) FROM range(4000000)`, rowMode: 'array' }));
    await sleep(100);
    stream.pause();
    await eventually(() => one.wire.counters.running === 0);
    expect((await (await one.client()).query('SELECT 1 AS a')).rows).toEqual([{ a: 1 }]);
    await sleep(300);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
    stream.destroy();
    expect(await answer).not.toBe('answered');
    await eventually(() => one.wire.counters.connections === 1);
  });

  it('answers a small question fast', async () => {
    const client = await world.client();
    const times: number[] = [];
    for (let index = 0; index < 200; index += 1) {
      const began = performance.now();
      await client.query('SELECT 1');
      times.push(performance.now() - began);
    }
    expect(times.sort((left, right) => left - right)[100]).toBeLessThan(10);
  });
});
