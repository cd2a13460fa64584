import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOf, readPartsLock, verifyFile, verifyFolder } from './lock-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ledgerflow-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, text: string): string {
  writeFileSync(path.join(folder, name), text);
  return createHash('sha256').update(text).digest('hex');
}

test('the lock file pins every jar, the connector and the extension', () => {
  const lock = readPartsLock();
  expect(Object.keys(lock.kafka.sha256)).toHaveLength(92);
  expect(Object.keys(lock.debezium.sha256)).toHaveLength(1);
  expect(lock.ducklake.platforms['linux_amd64']?.fileSha256).toBe('e51bf9e8d933d0e83780ae096455501b542cf962569a2ce5613532d702c08302');
});

test('a file with one flipped bit is refused, naming both checksums', async () => {
  const sum = put('a.jar', 'the right content');
  await verifyFile(path.join(folder, 'a.jar'), sum);
  put('a.jar', 'the sight content');
  await expect(verifyFile(path.join(folder, 'a.jar'), sum)).rejects.toThrow(
    expect.objectContaining({ code: 'LF_PART_CHECKSUM', message: expect.stringContaining(sum) }),
  );
});

test('a folder with a missing, a further or a changed file is refused', async () => {
  const sums = { 'a.jar': put('a.jar', 'a'), 'b.jar': put('b.jar', 'b') };
  await verifyFolder(folder, sums);
  await expect(verifyFolder(folder, { ...sums, 'c.jar': sums['a.jar'] })).rejects.toThrow(/missing: c\.jar/);
  await expect(verifyFolder(folder, { 'a.jar': sums['a.jar'] })).rejects.toThrow(/not expected: b\.jar/);
  put('b.jar', 'changed');
  await expect(verifyFolder(folder, sums)).rejects.toThrow(expect.objectContaining({ code: 'LF_PART_CHECKSUM' }));
});

test('other checksums give a folder another name', () => {
  expect(digestOf({ a: '1' })).not.toBe(digestOf({ a: '2' }));
});
