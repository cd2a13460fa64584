import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { trimLog } from './log-trim.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lf-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('bounds the file of a part that writes for ever, and keeps what was written last', () => {
  const file = path.join(folder, 'part.log');
  const descriptor = openSync(file, 'a');
  const line = `${'x'.repeat(99)}\n`;
  for (let n = 0; n < 1_000; n += 1) {
    writeSync(descriptor, line);
    trimLog(file, 5_000);
  }
  writeSync(descriptor, 'the last line\n');
  closeSync(descriptor);
  expect(readdirSync(folder).sort()).toEqual(['part.log', 'part.log.1']);
  expect(statSync(file).size + statSync(`${file}.1`).size).toBeLessThan(2 * 5_000 + 200);
  expect(readFileSync(file, 'utf8')).toMatch(/the last line\n$/);
  expect(readFileSync(file, 'utf8')).not.toContain('\0');
});
