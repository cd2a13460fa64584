// Reads a file of the corpus, or bytes, through the port, for tests.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import type { InputEnd, ParkedLine, Statement, StatementEntry } from './port.ts';
import { readInput } from './read.ts';
import { parseSource } from './registry.ts';

export const CORPUS = path.join(import.meta.dirname, 'corpus');

export interface Outcome {
  readonly entries: StatementEntry[];
  readonly parked: ParkedLine[];
  readonly statements: Statement[];
  readonly end: InputEnd | null;
  /** `CODE: message (place)` without the remedy, when it was refused. */
  readonly refused: string;
}

export async function readCorpus(file: string, source: object): Promise<Outcome> {
  return collect(path.join(CORPUS, file), source);
}

export async function readBytes(bytes: Buffer | string, source: object): Promise<Outcome> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lf-recon-'));
  try {
    const file = path.join(folder, 'input');
    writeFileSync(file, bytes);
    return await collect(file, source);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function collect(file: string, source: object): Promise<Outcome> {
  const found = {
    entries: [] as StatementEntry[],
    parked: [] as ParkedLine[],
    statements: [] as Statement[],
    end: null as InputEnd | null,
  };
  const request = { source: parseSource({ name: 'test', ...source }, 'test'), businessDate: '2026-01-02' };
  try {
    for await (const part of readInput(request, { name: path.basename(file), file }, { folder: CORPUS })) {
      if (part.kind === 'statement') found.statements.push(part.statement);
      else if (part.kind === 'end') found.end = part.end;
      else {
        found.entries.push(...part.entries);
        found.parked.push(...part.parked);
      }
    }
    return { ...found, refused: '' };
  } catch (error) {
    if (!(error instanceof LedgerflowError)) throw error;
    return { ...found, refused: `${error.code}: ${error.message} (${error.where ?? ''})` };
  }
}
