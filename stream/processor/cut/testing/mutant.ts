// Loads the cut with one line of its source changed on purpose: a copy of its modules in a temporary folder.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import type { Staging } from '../staging.ts';

const CUT_FOLDER = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const ROOT = resolve(CUT_FOLDER, '../../..');
const RELATIVE_IMPORT = /(from\s+['"])(\.{1,2}\/[^'"]+)\.ts(['"])/g;

export interface Mutation {
  readonly name: string;
  /** File in the cut's folder. */
  readonly file: string;
  /** Must stand in the file exactly once. */
  readonly original: string;
  readonly changed: string;
}

/** Staging with the mutation in it; the temporary folder is removed once it is loaded. */
export async function loadMutant(mutation: Mutation): Promise<typeof Staging> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerflow-mutant-'));
  try {
    const pending = [join(CUT_FOLDER, 'staging.ts')];
    const done = new Set<string>();
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      if (done.has(path)) continue;
      done.add(path);
      const source = mutated(await readFile(path, 'utf8'), path, mutation);
      const { outputText } = ts.transpileModule(source, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true },
      });
      for (const match of outputText.matchAll(RELATIVE_IMPORT)) pending.push(`${resolve(dirname(path), match[2]!)}.ts`);
      const target = join(folder, relative(ROOT, path)).replace(/\.ts$/, '.mjs');
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, outputText.replace(RELATIVE_IMPORT, '$1$2.mjs$3'));
    }
    const loaded = (await import(/* @vite-ignore */ pathToFileURL(join(folder, relative(ROOT, CUT_FOLDER), 'staging.mjs')).href)) as {
      Staging: typeof Staging;
    };
    return loaded.Staging;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function mutated(source: string, path: string, mutation: Mutation): string {
  if (path !== join(CUT_FOLDER, mutation.file)) return source;
  if (source.split(mutation.original).length !== 2) throw new Error(`"${mutation.original}" does not stand once in ${mutation.file}`);
  return source.replace(mutation.original, () => mutation.changed);
}
