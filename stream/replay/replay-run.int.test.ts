// A replay over a small bronze: complete, the same each time, and the same when it was broken off or killed in between.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayInto, TRANSACTIONS, writeTestBronze, type Bronze } from './testkit-bronze.ts';

const CHILD = fileURLToPath(new URL('kill-child.testkit.ts', import.meta.url));
let folder: string;
let bronze: Bronze;
let whole: unknown;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lf-replay-'));
  bronze = await writeTestBronze(folder);
  whole = await replayInto(folder, 'whole', bronze);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a replay', () => {
  it('takes every message of bronze, over a transaction number that left no record, and the last change wins', () => {
    const { silver, messages } = whole as { silver: string[][]; messages: unknown[][] };
    expect(messages).toEqual([[bronze.messages, 0, 0, TRANSACTIONS - 1]]);
    const last = (id: number): string => {
      for (let seq = TRANSACTIONS - 1; ; seq -= 1) {
        if (seq === 50) continue;
        if (seq % 11 === id) return `${seq}.0000`;
        if (seq % 3 === 0 && (seq * 7) % 11 === id) return `${seq}.1000`;
      }
    };
    expect(silver).toEqual(Array.from({ length: 11 }, (_, id) => [String(id), last(id)]));
  });

  it('keeps a row of an incremental snapshot that came after later transactions had been committed', () => {
    const { history } = whole as { history: string[][] };
    expect(history.filter(([, , op]) => op === 'r')).toEqual([['3', '69.5000', 'r', String((69n << 24n) + 2n)]]);
  });

  it('that is done is done: once more changes nothing', async () => {
    expect(await replayInto(folder, 'whole', bronze)).toEqual(whole);
  });

  it('refuses to end while a message is missing', async () => {
    const hole = { ...bronze, changes: `(FROM ${bronze.changes} WHERE NOT (topic LIKE '%accounts' AND seq >= 113))` };
    await expect(replayInto(folder, 'hole', hole)).rejects.toThrow(/LF_CUT_HOLE|LF_REPLAY_STUCK|can(not| not) come|is new although|counts/);
  });

  it.each(['replay.taken:4', 'commit.rows:3'])('killed at %s goes on and ends the same', async (point) => {
    const name = point.replace(':', '-');
    const child = spawnSync(process.execPath, ['--import', 'tsx', CHILD, folder, name, JSON.stringify(bronze), point], {
      encoding: 'utf8',
    });
    expect([child.signal, child.stdout]).toEqual(['SIGKILL', '']);
    expect(await replayInto(folder, name, bronze)).toEqual(whole);
  });
});
