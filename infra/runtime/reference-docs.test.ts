import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { referencePages } from './reference-docs.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

it.each([...referencePages()])('%s is what `npm run docs` would write', (file, expected) => {
  expect(readFileSync(path.join(ROOT, file), 'utf8')).toBe(expected);
});
