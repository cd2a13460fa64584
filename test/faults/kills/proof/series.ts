// Kills of what commands ask for: each operation is killed at its places, asked for again, and must end as one that was never killed.

import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { testExtension } from '../../../../lake/publish/testkit-publisher.ts';
import { Random } from '../../../../stream/processor/cut/testing/random.ts';
import type { ChildInput, Ended } from './operation.ts';

export interface ProofOptions {
  readonly seed: number;
  /** Of each operation. */
  readonly kills: number;
  readonly operations: readonly string[];
  /** A planted bug. */
  readonly mutant?: string;
  /** The only places at which it is killed; all that the operation visits by default. */
  readonly places?: readonly string[];
  readonly tell?: (text: string) => void;
}

export interface ProofResult {
  readonly kills: number;
  /** Operation and place → kills. */
  readonly places: ReadonlyMap<string, number>;
  /** Operations that were brought to their end after kills. */
  readonly ended: number;
  readonly violations: readonly string[];
}

/** All that can be killed. */
export const PROOF_OPERATIONS: readonly string[] = [
  ...['replay', 'promotion', 'rollback', 'backfill', 'backfill-held', 'repair', 'bulk', 'bulk-held'],
  ...['backup', 'restore', 'restore-anew', 'certify', 'verify'],
];

/** The command's own code belongs to no other room: what needs it has a process there. */
const BY_THE_COMMAND: ReadonlySet<string> = new Set(['promotion', 'rollback']);
const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));
const COMMAND_CHILD = fileURLToPath(new URL('../../../../cli/processor/replay-kill-child.testkit.ts', import.meta.url));
const CHILD_DEADLINE_MS = 300_000;
/** Kills in a row at most, so that an operation also comes to its end. */
const IN_A_ROW_MAX = 3;

/** Kills each operation `options.kills` times. Every place has its turn before one has its second. */
export async function proofSeries(options: ProofOptions): Promise<ProofResult> {
  const root = await mkdtemp(path.join(tmpdir(), 'lf-proof-'));
  try {
    const series = new ProofSeries(options, root, await testExtension());
    for (const operation of options.operations) await series.operation(operation);
    return series.result();
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

class ProofSeries {
  private readonly options: ProofOptions;
  private readonly root: string;
  private readonly extension: string;
  private readonly random: Random;
  private readonly places = new Map<string, number>();
  private readonly violations: string[] = [];
  private kills = 0;
  private ended = 0;

  constructor(options: ProofOptions, root: string, extension: string) {
    this.options = options;
    this.root = root;
    this.extension = extension;
    this.random = new Random(options.seed);
  }

  result(): ProofResult {
    const { kills, places, ended, violations } = this;
    return { kills, places, ended, violations };
  }

  async operation(operation: string): Promise<void> {
    const { mutant } = this.options;
    const home = path.join(this.root, operation); // a lake knows where it is: every attempt has the same folder
    const input = { operation, home, extension: this.extension, ...(mutant === undefined ? {} : { mutant }) };
    await mkdir(home);
    const made = await runChild({ ...input, prepares: true });
    if (made.errors === '') await cp(home, `${home}-base`, { recursive: true });
    const whole = made.errors === '' ? await runChild(input) : made;
    if (whole.ended === null || whole.ended.violations.length > 0) {
      this.violations.push(`${operation}, never killed: ${whole.ended?.violations.join(', ') ?? whole.errors.slice(-1_500)}`);
      return;
    }
    const turns = new Turns(whole.ended, this.random, this.options.places);
    for (let kills = 0; kills < this.options.kills && this.violations.length === 0;)
      kills += await this.round(input, { turns, whole: whole.ended, left: this.options.kills - kills });
    for (const folder of [home, `${home}-base`]) await rm(folder, { recursive: true, force: true });
  }

  /** Killed some times, then brought to its end. @returns kills; 1 when it was over before each of them */
  private async round(input: ChildInput, { turns, whole, left }: { turns: Turns; whole: Ended; left: number }): Promise<number> {
    await this.anew(input.home);
    const killedAt: string[] = [];
    const wanted = Math.min(left, 1 + this.random.below(IN_A_ROW_MAX));
    for (let tries = 0; ; tries += 1) {
      const faultPoint = killedAt.length < wanted && tries < 2 * IN_A_ROW_MAX ? turns.next() : undefined;
      const run = await runChild({ ...input, ...(faultPoint === undefined ? {} : { faultPoint }) });
      if (run.signal === 'SIGKILL' && faultPoint !== undefined) {
        killedAt.push(faultPoint);
        this.count(input.operation, faultPoint);
      } else if (run.ended !== null && faultPoint !== undefined && killedAt.length === 0) await this.anew(input.home);
      else {
        this.judge(`${input.operation} after kills at ${killedAt.join(', ')}`, run, whole);
        return Math.max(1, killedAt.length);
      }
    }
  }

  private async anew(home: string): Promise<void> {
    await rm(home, { recursive: true, force: true });
    await cp(`${home}-base`, home, { recursive: true });
  }

  private count(operation: string, faultPoint: string): void {
    const place = `${operation} ${faultPoint.replace(/:.*/, '')}`;
    this.places.set(place, (this.places.get(place) ?? 0) + 1);
    this.kills += 1;
    if (this.kills % 20 === 0) this.options.tell?.(`${this.kills} kills`);
  }

  private judge(label: string, run: ChildRun, whole: Ended): void {
    this.ended += 1;
    if (run.ended === null) {
      this.violations.push(`${label}: it cannot be done again: ${run.errors.slice(-1_500)}`);
      return;
    }
    this.violations.push(...run.ended.violations.map((text) => `${label}: ${text}`));
    const [found, expected] = [JSON.stringify(run.ended.content), JSON.stringify(whole.content)];
    if (found !== expected) this.violations.push(`${label}: ${found}, without kills ${expected}`);
  }
}

type Visits = readonly [place: string, times: number];

/** Of what a command asks for; every commit, fold and publication has the others. */
const OWN_PLACE = /^(replay|bulk|backup|restore|certify|verify)\./;

/** Places at which an operation is killed, its own first; sometimes some milliseconds later, in the middle of what follows. */
class Turns {
  private readonly own: readonly Visits[];
  private readonly rest: readonly Visits[];
  private readonly random: Random;
  private left: Visits[] = [];

  constructor({ visits }: Ended, random: Random, places: readonly string[] | undefined) {
    const wanted = visits.filter(([name]) => places === undefined || places.includes(name));
    this.own = wanted.filter(([name]) => OWN_PLACE.test(name));
    this.rest = wanted.filter(([name]) => !OWN_PLACE.test(name));
    this.random = random;
  }

  next(): string {
    if (this.left.length === 0) this.left = [...this.random.shuffle(this.rest), ...this.random.shuffle(this.own)];
    const [name, visits] = this.left.pop() ?? ['commit.done', 1];
    const delay = this.random.below(4) === 0 ? `+${1 + this.random.below(12)}` : '';
    return `${name}:${1 + this.random.below(visits)}${delay}`;
  }
}

interface ChildRun {
  readonly ended: Ended | null;
  readonly signal: string | null;
  readonly errors: string;
}

function runChild(input: ChildInput): Promise<ChildRun> {
  const script = BY_THE_COMMAND.has(input.operation) ? COMMAND_CHILD : CHILD;
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(input)], { stdio: ['pipe', 'pipe', 'pipe'] });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const deadline = setTimeout(() => child.kill('SIGTERM'), CHILD_DEADLINE_MS);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (_code, signal) => {
      clearTimeout(deadline);
      resolve({ ended: output === '' ? null : (JSON.parse(output) as Ended), signal, errors });
    });
  });
}
