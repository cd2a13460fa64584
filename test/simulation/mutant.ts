// Loads the simulation with one line of the product, or of its own ports, changed on purpose: a copy of every module it reaches in a
// temporary folder. Packages are the project's own.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { ROOT } from '../support/source-tree.ts';
import type { runSchedule } from './run.ts';

const ENTRY = 'test/simulation/run.ts';
const LOCAL = /((?:from|import)\s+['"])(\.{1,2}\/[^'"]+)\.ts(['"])/g;
const PACKAGE = /(from\s+['"])([a-z@][^'":]*)(['"])/g;

export interface SimMutation {
  readonly name: string;
  /** File from the project's root. */
  readonly file: string;
  /** Must stand in the file exactly once. */
  readonly original: string;
  readonly changed: string;
}

/** `runSchedule` with the mutation in it. @throws Error when the line to be changed is not there once */
export async function loadMutant(mutation: SimMutation): Promise<typeof runSchedule> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerflow-mutant-'));
  try {
    const pending = [join(ROOT, ENTRY)];
    const done = new Set<string>();
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      if (done.has(path)) continue;
      done.add(path);
      const text = compiled(mutated(await readFile(path, 'utf8'), path, mutation));
      for (const match of text.matchAll(LOCAL)) pending.push(`${resolve(dirname(path), match[2]!)}.ts`);
      const target = join(folder, relative(ROOT, path)).replace(/\.ts$/, '.mjs');
      await mkdir(dirname(target), { recursive: true });
      await writeFile(
        target,
        text.replace(LOCAL, '$1$2.mjs$3').replace(PACKAGE, (_, a: string, name: string, b: string) => a + import.meta.resolve(name) + b),
      );
    }
    if (!done.has(join(ROOT, mutation.file))) throw new Error(`the simulation does not reach ${mutation.file}`);
    const entry = pathToFileURL(join(folder, ENTRY).replace(/\.ts$/, '.mjs')).href;
    return ((await import(/* @vite-ignore */ entry)) as { runSchedule: typeof runSchedule }).runSchedule;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function compiled(source: string): string {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true };
  return ts.transpileModule(source, { compilerOptions }).outputText;
}

function mutated(source: string, path: string, mutation: SimMutation): string {
  if (path !== join(ROOT, mutation.file)) return source;
  if (source.split(mutation.original).length !== 2) throw new Error(`"${mutation.original}" does not stand once in ${mutation.file}`);
  return source.replace(mutation.original, () => mutation.changed);
}
