// A source as a run takes it: how its statements are read and which of our movements they speak of (adapters/source-config.ts), with the
// rule set it is matched by. Sources and rule sets are reviewed files: those of <home>, which come first, and those of this folder's
// neighbours sources/ and rules/.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';
import { parseSources, SOURCES_FILE } from '../adapters/registry.ts';
import { sourceSchema as statementSourceSchema } from '../adapters/source-config.ts';
import { ruleSetSchema, type RuleSet } from '../match/rule-set.ts';

export const sourceSchema = statementSourceSchema.extend({ rules: ruleSetSchema });
export type Source = z.output<typeof sourceSchema>;
export const sourceNameSchema = statementSourceSchema.shape.name;

const ROOM = path.join(import.meta.dirname, '..');
const RULES = 'recon.rules';

export class Sources {
  readonly home: string;
  private read: { readonly state: string; readonly continuous: readonly Source[] } | null = null;

  /** @param home folder with `recon.sources.json` and `recon.rules/`; neither need be there */
  constructor(home: string) {
    this.home = home;
  }

  /** @throws LedgerflowError LF_RECON_SOURCE when there is none of this name or its rules are not there, LF_STATEMENT_SOURCE for a file that is not valid */
  get(name: string): Source {
    const found = this.all().find((source) => source.name === name);
    if (found === undefined) throw new LedgerflowError('LF_RECON_SOURCE', `there is no source ${name}; known: ${this.names().join(', ')}`);
    return { ...found, rules: this.rulesOf(found.ruleSet, found.ruleSetVersion) };
  }

  names(): string[] {
    return [...new Set(this.all().map(({ name }) => name))].sort();
  }

  /** Those that are read continuously. Asked every second: files are read again when one of them has changed. */
  continuous(): readonly Source[] {
    const state = [...this.files(), ...this.ruleFolders().flatMap(jsonFiles)].map(stateOf).join();
    if (this.read?.state !== state) this.read = { state, continuous: this.readContinuous() };
    return this.read.continuous;
  }

  private readContinuous(): Source[] {
    const named = this.all().filter(({ every }) => every !== undefined);
    return [...new Set(named.map(({ name }) => name))].sort().map((name) => this.get(name));
  }

  private all(): ReturnType<typeof parseSources> {
    return this.files().flatMap((file) => parseSources(textOf(file), file));
  }

  private files(): string[] {
    return [path.join(this.home, SOURCES_FILE), ...jsonFiles(path.join(ROOM, 'sources'))].filter((file) => existsSync(file));
  }

  private ruleFolders(): string[] {
    return [path.join(this.home, RULES), path.join(ROOM, 'rules')];
  }

  /** @param version default: the newest. @throws LedgerflowError LF_RECON_SOURCE */
  rulesOf(id: string, version?: number): RuleSet {
    for (const folder of this.ruleFolders()) {
      const sets = jsonFiles(folder).map(readRules);
      const known = sets.filter((rules) => rules.id === id && (version === undefined || rules.version === version));
      const newest = known.sort((one, other) => other.version - one.version)[0];
      if (newest !== undefined) return newest;
    }
    const wanted = version === undefined ? id : `${id} version ${version}`;
    throw new LedgerflowError('LF_RECON_SOURCE', `there is no rule set ${wanted}`, { where: path.join(this.home, RULES) });
  }
}

/** What changes with a file's content. */
function stateOf(file: string): string {
  const { mtimeMs, size, ino } = statSync(file);
  return `${file} ${mtimeMs} ${size} ${ino}`;
}

function jsonFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return names.sort().map((file) => path.join(folder, file));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new LedgerflowError('LF_RECON_SOURCE', `cannot be read: ${messageOf(error)}`, { where: file, cause: error });
  }
}

function readRules(file: string): RuleSet {
  let value: unknown;
  try {
    value = JSON.parse(textOf(file));
  } catch (error) {
    throw new LedgerflowError('LF_RECON_SOURCE', `not JSON: ${messageOf(error)}`, { where: file, cause: error });
  }
  const parsed = ruleSetSchema.safeParse(value);
  const [issue] = parsed.error?.issues ?? [];
  if (parsed.success) return parsed.data;
  throw new LedgerflowError('LF_RECON_SOURCE', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`, { where: file });
}
