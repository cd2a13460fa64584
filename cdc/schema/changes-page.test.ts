import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { schemaChangesPage } from './changes-page.ts';

it('docs/schema-changes.md is what `npm run docs` would write', () => {
  expect(readFileSync(new URL('../../docs/schema-changes.md', import.meta.url), 'utf8')).toBe(schemaChangesPage());
});
