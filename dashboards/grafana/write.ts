// Writes the generated files of infra/grafana; part of `npm run docs`.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { grafanaFiles } from './files.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

for (const [file, content] of grafanaFiles()) {
  mkdirSync(path.dirname(path.join(ROOT, file)), { recursive: true });
  writeFileSync(path.join(ROOT, file), content);
}
