// The project's shape, held by a test: which room may import which, no cycles, small files and functions, no forbidden calls.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  cyclesOf,
  exportFaultsOf,
  functionsOf,
  isTestFile,
  lineCount,
  localImportsOf,
  packagesOf,
  readSources,
  ROOT,
  usesOf,
  type Room,
  type SourceFile,
} from './support/source-tree.ts';

const FILE_LINES_MAX = 250;
const FUNCTION_LINES_MAX = 70;
const PARAMETERS_MAX = 4;

/** Who may be imported, per room. `bank` is only a source: nothing downstream imports it. `cli` is imported by none. */
const DOORS: Record<Room, readonly Room[]> = {
  infra: ['infra'],
  bank: ['bank', 'infra'],
  cdc: ['cdc', 'infra'],
  lake: ['lake', 'cdc', 'infra'],
  stream: ['stream', 'lake', 'cdc', 'infra'],
  dashboards: ['dashboards', 'lake', 'cdc', 'infra'],
  cli: ['cli', 'bank', 'dashboards', 'stream', 'lake', 'cdc', 'infra'],
  bench: ['bench', 'test', 'bank', 'dashboards', 'stream', 'lake', 'cdc', 'infra'],
  test: ['test', 'bench', 'bank', 'dashboards', 'stream', 'lake', 'cdc', 'infra'],
};

interface Ban {
  readonly use: RegExp;
  readonly allowed: (file: SourceFile) => boolean;
  readonly why: string;
}

const inCli = (file: SourceFile) => file.room === 'cli';
const isScript = (file: SourceFile) => file.path.endsWith('.mjs'); // runs before the dependencies are installed

const BANS: readonly Ban[] = [
  { use: /^process\.exit$/, allowed: (file) => inCli(file) || isScript(file), why: 'only cli/ exits the process' },
  {
    use: /^process\.env$/,
    allowed: (file) => file.path === 'infra/runtime/config.ts' || file.isTest || file.room === 'bench' || isScript(file),
    why: 'settings come from infra/runtime/config.ts',
  },
  { use: /^console\./, allowed: (file) => inCli(file) || file.room === 'bench' || isScript(file), why: 'use infra/runtime/log.ts' },
  { use: /^(parseFloat|eval)\(\)$/, allowed: () => false, why: 'money never passes through a float; text is never run' },
];

const sources = readSources();

describe('rooms', () => {
  it('import only through their doors', () => {
    const faults = sources.flatMap((file) =>
      localImportsOf(file)
        .filter((target) => !mayImport(file, target))
        .map((target) => `${file.path} -> ${target}`),
    );
    expect(faults).toEqual([]);
  });

  it('keep test helpers out of the product', () => {
    const faults = sources
      .filter((file) => !file.isTest && file.room !== 'bench')
      .flatMap((file) => localImportsOf(file).filter(isTestFile).map((target) => `${file.path} -> ${target}`)); // prettier-ignore
    expect(faults).toEqual([]);
  });

  it('have no import cycles', () => {
    expect(cyclesOf(new Map(sources.map((file) => [file.path, localImportsOf(file)])))).toEqual([]);
  });

  it('import packages that package.json names, and development packages in tests only', () => {
    const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    const runtime = new Set(Object.keys(manifest.dependencies));
    const all = new Set([...runtime, ...Object.keys(manifest.devDependencies)]);
    const faults = sources.flatMap((file) => {
      const allowed = file.isTest || file.room === 'bench' ? all : runtime;
      return packagesOf(file)
        .filter((name) => !allowed.has(name))
        .map((name) => `${file.path} -> ${name}`);
    });
    expect(faults).toEqual([]);
  });
});

describe('size', () => {
  it(`files have at most ${FILE_LINES_MAX} lines`, () => {
    const long = sources.filter((file) => lineCount(file) > FILE_LINES_MAX);
    expect(long.map((file) => `${file.path}: ${lineCount(file)}`)).toEqual([]);
  });

  it(`functions have at most ${FUNCTION_LINES_MAX} lines and ${PARAMETERS_MAX} parameters`, () => {
    const faults = sources.flatMap((file) =>
      functionsOf(file)
        .filter((fn) => (fn.lines > FUNCTION_LINES_MAX && !fn.isSuite) || fn.parameters > PARAMETERS_MAX)
        .map((fn) => `${file.path}:${fn.line} ${fn.name}: ${fn.lines} lines, ${fn.parameters} parameters`),
    );
    expect(faults).toEqual([]);
  });
});

describe('habits', () => {
  it('no default exports and no barrels', () => {
    expect(sources.flatMap((file) => exportFaultsOf(file).map((fault) => `${file.path}: ${fault}`))).toEqual([]);
  });

  it.each(BANS)('$why', ({ use, allowed }) => {
    const faults = sources
      .filter((file) => !allowed(file))
      .flatMap((file) =>
        usesOf(file)
          .filter(({ text }) => use.test(text))
          .map(({ text, line }) => `${file.path}:${line} ${text}`),
      );
    expect(faults).toEqual([]);
  });

  it('every file begins with a comment that says what it is for', () => {
    const bare = sources.filter((file) => !file.isTest && !/^(#!.*\n)?(\/\/|\/\*)/.test(file.text));
    expect(bare.map((file) => file.path)).toEqual([]);
  });
});

describe('the checks themselves', () => {
  it('find a cycle and nothing else', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['a']],
      ['d', ['a']],
    ]);
    expect(cyclesOf(graph)).toEqual([['a', 'b', 'c']]);
  });

  it('see the project', () => {
    expect(sources.length).toBeGreaterThan(20);
  });
});

/** Tests may also use test/; everything else keeps to its room's doors. */
function mayImport(file: SourceFile, target: string): boolean {
  const room = target.split('/')[0] as Room;
  return DOORS[file.room].includes(room) || (file.isTest && room === 'test') || target === 'package.json';
}
