// Processes that end or stand still: killed, stopped in order, frozen, started twice.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FAULT_POINTS } from '../../infra/runtime/fault-point.ts';
import { waitFor } from '../support/pipeline.ts';
import { giantTransaction, INTO_WORK_MS, pause, underLoad, type Fault, type FaultContext, type FaultOutcome } from './fault.ts';
import type { FaultStack, PartName } from './stack.ts';

const PARTS: readonly PartName[] = ['processor', 'connect', 'kafka', 'mysql'];
const RESTARTED_DEADLINE_MS = 240_000;
const PROGRAM = fileURLToPath(new URL('../../cli/ledgerflow.mjs', import.meta.url));

/** Ends one part and waits until its successor has carried a heartbeat to gold. Returns that time without the part's own start. */
export async function killPart(stack: FaultStack, part: PartName, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<KillTimes> {
  const pid = await stack.pipeline.pidOf(part);
  const at = performance.now();
  process.kill(pid, signal);
  await waitFor(`${part} to be started again`, RESTARTED_DEADLINE_MS, async () => {
    return (await stack.pipeline.pidOf(part)) !== pid && (stack.healthy.get(part) ?? 0) > at;
  });
  const recoveryMs = await stack.untilFresh(at);
  return { recoveryMs, startMs: (stack.healthy.get(part) ?? at) - at };
}

export interface KillTimes {
  /** From the kill to a heartbeat written after it in gold. */
  readonly recoveryMs: number;
  /** Of that: until the part itself was up again (back-off and its own start). */
  readonly startMs: number;
}

function told({ recoveryMs, startMs }: KillTimes): FaultOutcome {
  return { detected: `restarted, up after ${(startMs / 1_000).toFixed(1)} s`, recoveryMs };
}

function idleKill(part: PartName): Fault {
  return {
    name: `kill-${part}-idle`,
    injected: `SIGKILL of ${part}, nothing is written`,
    run: async ({ stack }) => told(await killPart(stack, part)),
  };
}

function loadedKill(part: PartName): Fault {
  return {
    name: `kill-${part}-load`,
    injected: `SIGKILL of ${part} under 200 transactions/s`,
    run: async ({ stack }) => told(await underLoad(stack, () => killPart(stack, part))),
  };
}

function cleanRestart(part: PartName): Fault {
  return {
    name: `restart-${part}-load`,
    injected: `SIGTERM of ${part} under load, started again`,
    run: async ({ stack }) => told(await underLoad(stack, () => killPart(stack, part, 'SIGTERM'))),
  };
}

/** MySQL dies before the transaction is committed (all of it is undone) and once more right after; the others while they carry it. */
function giantKill(part: PartName): Fault {
  return {
    name: `kill-${part}-giant`,
    injected: `SIGKILL of ${part} inside a transaction of 200,000 rows`,
    run: async ({ stack }) => {
      if (part === 'mysql') {
        const broken = giantTransaction(stack).then(
          () => 'committed before the kill',
          () => 'undone by MySQL',
        );
        await pause(INTO_WORK_MS / 2);
        await killPart(stack, part);
        const what = await broken;
        await giantTransaction(stack);
        const times = await killPart(stack, part);
        return { ...told(times), detected: `${what}; killed again after the commit` };
      }
      await giantTransaction(stack);
      await pause(INTO_WORK_MS);
      return told(await killPart(stack, part));
    },
  };
}

function frozen(part: PartName): Fault {
  return {
    name: `stop-${part}`,
    injected: `SIGSTOP of ${part} for a minute under load, then SIGCONT`,
    run: async ({ stack, short }) =>
      await underLoad(stack, async () => {
        const pid = await stack.pipeline.pidOf(part);
        process.kill(pid, 'SIGSTOP');
        await pause(short ? 6_000 : 60_000);
        const during = await stack.report().then(
          ({ state, reason }) => `${state}: ${reason ?? 'no reason'}`,
          () => 'the processor does not answer',
        );
        const at = performance.now();
        process.kill(pid, 'SIGCONT');
        const recoveryMs = await stack.untilFresh(at);
        const honest = part === 'processor' ? during === 'the processor does not answer' : during.startsWith('degraded');
        return { detected: during, recoveryMs, violations: honest ? [] : [`while ${part} stood still the status was ${during}`] };
      }),
  };
}

/** Named places first, then moments of chance; the processor is started again at once each time. */
function manyKills(kills: number): Fault {
  return {
    name: 'kill-processor-series',
    injected: `${kills} kills of the real processor under load, half at named places, half at any moment`,
    run: async ({ stack, random }: FaultContext) =>
      await underLoad(stack, async () => {
        const names = random.shuffle(
          Object.keys(FAULT_POINTS).filter(
            (name) => !/^(open|lake|compact|maintain|checkpoint|backup|restore|replay|certify|verify|bulk)/.test(name),
          ),
        );
        let [named, last] = [0, performance.now()];
        for (let n = 0; n < kills; n += 1) {
          const atPlace = n % 2 === 0;
          await waitFor('the processor to run again', RESTARTED_DEADLINE_MS, () => Promise.resolve(stack.processorRuns));
          stack.nextFaultPoint = atPlace ? `${names[(n / 2) % names.length] ?? 'commit.done'}:${1 + random.below(3)}` : null;
          last = performance.now();
          process.kill(stack.processorPid, 'SIGKILL');
          if (await (atPlace ? diesAtPlace(stack, last) : diesWithin(stack, last, 1_500 + random.below(2_500)))) named += 1;
        }
        const recoveryMs = await stack.untilFresh(last);
        return { detected: `${kills} kills, ${named} of them followed by one at its named place`, recoveryMs };
      }),
  };
}

async function spawnedAgain(stack: FaultStack, since: number): Promise<void> {
  await waitFor('the processor to be started', RESTARTED_DEADLINE_MS, () => Promise.resolve((stack.spawned.get('processor') ?? 0) > since));
}

/** Waits for the successor, then for its death, `ms` at most. */
async function diesWithin(stack: FaultStack, since: number, ms: number): Promise<boolean> {
  await spawnedAgain(stack, since);
  const ends = stack.ends.length;
  for (const until = performance.now() + ms; performance.now() < until;) {
    if (stack.ends.length > ends) return true;
    await pause(50);
  }
  return false;
}

/** Some places come up seldom. */
const COMMITS_TO_A_PLACE = 60;

/** Waits for the successor, then for its death at its place: as long as it starts, and for so many commits, however slow they are. */
async function diesAtPlace(stack: FaultStack, since: number): Promise<boolean> {
  await spawnedAgain(stack, since);
  const ends = stack.ends.length;
  let first: number | null = null;
  const decided = async (): Promise<boolean> => {
    if (stack.ends.length > ends) return true;
    const id = (await stack.report()).commit?.id ?? 0;
    first ??= id;
    return stack.ends.length > ends || id >= first + COMMITS_TO_A_PLACE;
  };
  await waitFor('the processor to die at its place or to make commits', RESTARTED_DEADLINE_MS, decided);
  return stack.ends.length > ends;
}

const TWO_PROCESSORS: Fault = {
  name: 'two-processors',
  injected: 'a second processor on the same home while the first one commits',
  run: async ({ stack }) =>
    await underLoad(stack, async () => {
      const env = { ...process.env, LEDGERFLOW_HOME: stack.home, LEDGERFLOW_KAFKA_BROKERS: stack.plan.endpoints.kafka.brokers };
      const second = spawn(process.execPath, [PROGRAM, 'processor'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [second.stdout, second.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
      const code = await new Promise<number | null>((resolve) => second.once('exit', resolve));
      const refused = code !== 0 && output.includes('LF_STORE_LOCKED');
      const recoveryMs = await stack.untilFresh(performance.now());
      return {
        detected: refused ? 'LF_STORE_LOCKED' : output.slice(-200),
        recoveryMs,
        violations: refused ? [] : ['the second was not refused'],
      };
    }),
};

/** @param seriesKills kills of the real processor in a row */
export function processFaults(seriesKills: number): Fault[] {
  return [
    manyKills(seriesKills),
    TWO_PROCESSORS,
    ...PARTS.map(idleKill),
    ...PARTS.map(loadedKill),
    ...(['connect', 'kafka', 'mysql'] as const).map(cleanRestart),
    ...PARTS.map(giantKill),
    ...PARTS.map(frozen),
  ];
}
