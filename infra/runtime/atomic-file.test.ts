import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFileAtomic } from './atomic-file.ts';

describe('writeFileAtomic', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'lf-atomic-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('replaces a file as a whole, with the wanted permissions, and leaves nothing else behind', async () => {
    const file = path.join(folder, 'deep', 'secrets.json');
    await writeFileAtomic(file, 'old');
    await writeFileAtomic(file, 'new', { mode: 0o600 });
    expect(await readFile(file, 'utf8')).toBe('new');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(path.dirname(file))).toEqual(['secrets.json']);
  });

  it('leaves no temporary file when the target cannot be replaced', async () => {
    await writeFileAtomic(path.join(folder, 'taken', 'x'), '');
    await expect(writeFileAtomic(path.join(folder, 'taken'), 'y')).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['taken']);
  });
});
