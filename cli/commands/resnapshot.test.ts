import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadConfig } from '../../infra/runtime/config.ts';
import { putAside } from './resnapshot.ts';

const home = mkdtempSync(path.join(tmpdir(), 'lf-resnapshot-'));
afterAll(() => rmSync(home, { recursive: true }));
const config = loadConfig({ LEDGERFLOW_HOME: home });

it('moves what was captured aside and keeps MySQL and the passwords', async () => {
  for (const name of ['mysql', 'kafka', 'store', 'lake']) {
    mkdirSync(path.join(home, name));
    writeFileSync(path.join(home, name, 'data'), name);
  }
  writeFileSync(path.join(home, 'secrets.json'), '{}');
  await expect(putAside(config, false)).rejects.toMatchObject({ code: 'LF_CONFIRMATION_NEEDED' });
  expect(await putAside(config, true, new Date('2026-11-21T10:00:00.123Z'))).toContain('history-20261121T100000Z');
  expect(readdirSync(path.join(home, 'history-20261121T100000Z')).sort()).toEqual(['kafka', 'lake', 'store']);
  expect(['mysql', 'secrets.json', 'kafka'].map((name) => existsSync(path.join(home, name)))).toEqual([true, true, false]);
  expect(await putAside(config, true)).toContain('nothing captured');
});

it('leaves topics of somebody else alone', async () => {
  const external = loadConfig({ LEDGERFLOW_HOME: home, LEDGERFLOW_KAFKA_BROKERS: 'kafka:9092' });
  await expect(putAside(external, true)).rejects.toMatchObject({
    code: 'LF_USAGE',
    remedy: expect.stringContaining('LEDGERFLOW_TOPIC_PREFIX'),
  });
});
