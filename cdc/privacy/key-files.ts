// <home>/privacy: what turns tokens back, and nothing else does. Outside of the store and the lake, readable by its owner alone, in no
// backup that LedgerFlow makes.
//
// master.key: 32 random bytes in base64, made once; keys of hashes, of shared tokens and of the names of customers follow from it.
// subjects.jsonl: one line per customer with a token, {"s": name, "i": number of the key, "k": key}; after an erasure {"s", "erased"}.
// The name is a keyed hash: the file does not say which customers there are.

import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, ftruncateSync, linkSync, mkdirSync, openSync, readFileSync, renameSync, statSync, unlinkSync, writeSync } from 'node:fs'; // prettier-ignore
import path from 'node:path';
import { z } from 'zod';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';

export interface TokenKey {
  /** Eight characters that stand in every token of the key. */
  readonly number: string;
  readonly key: Buffer;
}

export interface KeyFolder {
  readonly master: string;
  readonly subjects: string;
}

/** Customers with keys, at most: they are kept in memory, some 200 bytes each. */
const SUBJECTS_MAX = 5_000_000;
const lineSchema = z.union([
  z.strictObject({ s: z.string(), i: z.string().length(8), k: z.string() }),
  z.strictObject({ s: z.string(), erased: z.string() }),
]);

export function keyFolder(home: string): KeyFolder {
  const folder = path.join(home, 'privacy');
  return { master: path.join(folder, 'master.key'), subjects: path.join(folder, 'subjects.jsonl') };
}

/** The master key, made at its first use; two processes that make it at once get the same. @throws LedgerflowError LF_POLICY_KEYS */
export function masterKey(home: string): Buffer {
  const { master } = keyFolder(home);
  try {
    if (!existsSync(master)) {
      mkdirSync(path.dirname(master), { recursive: true, mode: 0o700 });
      const draft = `${master}.${process.pid}`;
      writeDurably(draft, `${randomBytes(32).toString('base64')}\n`);
      try {
        linkSync(draft, master); // fails when it is there by now
      } catch (error) {
        if ((error as { code?: string }).code !== 'EEXIST') throw error;
      }
      unlinkSync(draft);
      syncFolder(path.dirname(master));
    }
    const key = Buffer.from(readFileSync(master, 'utf8').trim(), 'base64');
    if (key.length !== 32) throw new Error('it does not hold 32 bytes in base64');
    return key;
  } catch (error) {
    throw new LedgerflowError('LF_POLICY_KEYS', messageOf(error), { where: master, cause: error });
  }
}

/** A key for one purpose. */
export function derivedKey(master: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, '', `ledgerflow privacy ${purpose}`, 32));
}

/** Salt of the hashes that the connector makes: 32 letters and digits. */
export function connectorSalt(master: Buffer): string {
  return derivedKey(master, 'connector salt').toString('hex').slice(0, 32);
}

/** The key of tokens that belong to no customer. */
export function sharedKey(master: Buffer): TokenKey {
  return { number: 'shared00', key: derivedKey(master, 'shared tokens') };
}

/** The customers' keys. One process has it open, which alone writes it. */
export class SubjectKeys {
  private readonly file: string;
  private readonly names: Buffer;
  /** By name; null for an erased customer. */
  private readonly keys = new Map<string, TokenKey | null>();
  private added: string[] = [];

  /** @throws LedgerflowError LF_POLICY_KEYS naming the line that cannot be read */
  constructor(home: string) {
    this.file = keyFolder(home).subjects;
    this.names = derivedKey(masterKey(home), 'customers');
    guarded(this.file, () => mend(this.file));
    for (const line of readLines(this.file)) this.keys.set(line.s, 'erased' in line ? null : tokenKey(line));
  }

  /** Null for an erased customer. A new key must be kept by `flush` before anything made with it is given away. */
  of(subject: string): TokenKey | null {
    const name = this.nameOf(subject);
    const known = this.keys.get(name);
    if (known !== undefined) return known;
    if (this.keys.size >= SUBJECTS_MAX)
      throw new LedgerflowError('LF_POLICY_KEYS', `there are ${SUBJECTS_MAX} customers with keys, which is all that is allowed`, {
        where: this.file,
      });
    const made = { number: randomBytes(6).toString('base64url'), key: randomBytes(32) };
    this.keys.set(name, made);
    this.added.push(`${JSON.stringify({ s: name, i: made.number, k: made.key.toString('base64') })}\n`);
    return made;
  }

  /** Makes new keys durable. @throws LedgerflowError LF_POLICY_KEYS */
  flush(): void {
    if (this.added.length === 0) return;
    guarded(this.file, () => durably(this.file, 'a', (descriptor) => writeSync(descriptor, this.added.join(''))));
    this.added = [];
  }

  /**
   * Destroys the customer's key: the file is written anew without it, and the old one is overwritten before it is removed.
   * @returns whether there was a key @throws LedgerflowError LF_POLICY_KEYS
   */
  erase(subject: string, at: Date): boolean {
    const name = this.nameOf(subject);
    const known = this.keys.get(name);
    if (known === null) return false;
    this.flush();
    guarded(this.file, () => {
      const erased = { s: name, erased: at.toISOString() };
      const lines = [...readLines(this.file).filter(({ s }) => s !== name), erased].map((line) => `${JSON.stringify(line)}\n`);
      const old = `${this.file}.old`;
      writeDurably(`${this.file}.new`, lines.join(''));
      if (existsSync(this.file)) linkSync(this.file, old);
      renameSync(`${this.file}.new`, this.file);
      syncFolder(path.dirname(this.file));
      wipe(old);
    });
    this.keys.set(name, null);
    return known !== undefined;
  }

  private nameOf(subject: string): string {
    return createHmac('sha256', this.names).update(subject).digest('base64url').slice(0, 22);
  }
}

/** The key with this number as the files have it now; null when no key has it, or no more. @throws LedgerflowError LF_POLICY_KEYS */
export function keyNumbered(home: string, number: string): TokenKey | null {
  const shared = sharedKey(masterKey(home));
  if (number === shared.number) return shared;
  const line = readLines(keyFolder(home).subjects).find((each) => 'i' in each && each.i === number);
  return line !== undefined && 'i' in line ? tokenKey(line) : null;
}

function tokenKey({ i, k }: { readonly i: string; readonly k: string }): TokenKey {
  return { number: i, key: Buffer.from(k, 'base64') };
}

/** The whole lines; one without its end is being written, or was when a process died: nothing made with its key was given away. */
function readLines(file: string): z.infer<typeof lineSchema>[] {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, index) => {
    try {
      return lineSchema.parse(JSON.parse(line));
    } catch (error) {
      throw new LedgerflowError('LF_POLICY_KEYS', 'this line is no key', { where: `${file}:${index + 1}`, cause: error });
    }
  });
}

/** Ends what a process that died had begun. */
function mend(file: string): void {
  wipe(`${file}.old`);
  if (!existsSync(file)) return;
  const bytes = readFileSync(file);
  const whole = bytes.lastIndexOf('\n') + 1;
  if (whole === bytes.length) return;
  durably(file, 'r+', (descriptor) => ftruncateSync(descriptor, whole));
}

function guarded(file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw error instanceof LedgerflowError ? error : new LedgerflowError('LF_POLICY_KEYS', messageOf(error), { where: file, cause: error });
  }
}

/** What is done with the file, or folder, is on the disk afterwards. */
function durably(file: string, flags: string, work: (descriptor: number) => void = () => undefined): void {
  const descriptor = openSync(file, flags, 0o600);
  try {
    work(descriptor);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function writeDurably(file: string, text: string): void {
  durably(file, 'w', (descriptor) => writeSync(descriptor, text));
}

/** Zeros over what the file held, as far as the disk writes in place. */
function wipe(file: string): void {
  if (!existsSync(file)) return;
  durably(file, 'r+', (descriptor) => writeSync(descriptor, Buffer.alloc(statSync(file).size)));
  unlinkSync(file);
}

function syncFolder(folder: string): void {
  durably(folder, 'r');
}
