// The rules on a generated world that was not used for their thresholds, and a score trained on it: made, written, read, refused when changed.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeWorld } from '../../bank/generator/files/write-world.ts';
import { evaluateFile, inMemory, readSource } from '../../stream/fraud/evaluate/run.ts';
import { loadFeatures } from '../../stream/fraud/features.ts';
import { loadRules } from '../../stream/fraud/rule-file.ts';
import { modelText, readModel } from '../../stream/fraud/score/model.ts';
import { scoreFile } from '../../stream/fraud/score/score-file.ts';
import { train } from '../../stream/fraud/score/train.ts';

const TIMEOUT_MS = 120_000;
let folder: string;
const runs = loadRules()
  .filter(({ header }) => header.status === 'active')
  .map((rule) => ({ rule }));

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lf-world-'));
  const size = { customers: 120, months: 2, fraudRate: 0.03, faultRate: 0.001, breakRate: 0 };
  await writeWorld({ directory: folder, format: 'parquet', seed: 9_041, untilMs: Date.parse('2026-11-01T00:00:00Z'), ...size });
}, TIMEOUT_MS);
afterAll(() => rmSync(folder, { recursive: true }));

it('all rules together find most episodes, and most of what they flag is fraud', { timeout: TIMEOUT_MS }, async () => {
  const source = { kind: 'generated', directory: folder } as const;
  const { measures, evaluated } = await inMemory((connection) => evaluateFile(connection, { source, runs }));
  expect(evaluated).toBeGreaterThan(10_000);
  expect(measures.union.episodeRecall).toBeGreaterThan(0.8);
  expect(measures.union.precision).toBeGreaterThan(0.5);
  expect(measures.typologies).toHaveLength(18);
});

it('a score is trained on them, says why, and is refused when its file was changed', { timeout: TIMEOUT_MS }, async () => {
  const file = path.join(folder, 'score.json');
  const features = loadFeatures();
  await inMemory(async (connection) => {
    await readSource(connection, { kind: 'generated', directory: folder });
    const request = { runs, features, options: { trees: 10 }, source: 'test', code: 'test', now: new Date('2026-11-21T00:00:00Z') };
    const model = await train(connection, request);
    const { record } = model;
    expect(record.split.calibrate < record.split.test).toBe(true);
    expect(record.rows.trainFrauds).toBeGreaterThan(100);
    expect(record.metrics.score.averagePrecision).toBeGreaterThan(record.metrics.rules.averagePrecision);
    writeFileSync(file, modelText(model));
    const scored = await scoreFile(connection, { model: await readModel(file), runs, features, top: 5 });
    expect(scored.top).toHaveLength(5);
    for (const { probability, reasons } of scored.top) expect([probability > 0.3, reasons.length > 0]).toEqual([true, true]);
    await expect(scoreFile(connection, { model, runs: runs.slice(1), features, top: 5 })).rejects.toMatchObject({ code: 'LF_FRAUD_MODEL' });
  });
  writeFileSync(file, readFileSync(file, 'utf8').replace('"trees":10', '"trees":11'));
  await expect(readModel(file)).rejects.toThrow('its hash is not that of its content');
});
