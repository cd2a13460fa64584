// The processor killed at the places of what a command has asked it for, under load; the command is given again, as a person would.

import { waitFor } from '../support/pipeline.ts';
import { underLoad, type Fault } from './fault.ts';
import type { FaultStack } from './stack.ts';

const AGAIN_DEADLINE_MS = 300_000;
const DIES_DEADLINE_MS = 180_000;

/** The processor dies and comes back with the next place armed. */
async function armProcessor(stack: FaultStack, point: string): Promise<void> {
  const since = performance.now();
  stack.nextFaultPoint = point;
  process.kill(stack.processorPid, 'SIGKILL');
  await waitFor('the processor to be started', DIES_DEADLINE_MS, () => Promise.resolve((stack.spawned.get('processor') ?? 0) > since));
  await stack.untilFresh(performance.now());
}

/** @returns its code, and what it said last */
async function ordered(stack: FaultStack, args: readonly string[]): Promise<{ code: number | null; said: string }> {
  const { code, stdout, stderr } = await stack.pipeline.run(...args);
  return { code, said: `${stdout}${stderr}`.trim().split('\n').at(-1) ?? '' };
}

/** @param args of a command that can be given again, also after it was done */
function killedIn(name: string, point: string, args: readonly string[]): Fault {
  return {
    name: `kill-in-${name}`,
    injected: `SIGKILL of processor at ${point} of \`ledgerflow ${args.join(' ')}\`, under 200 transactions/s`,
    run: async ({ stack }) =>
      await underLoad(stack, async () => {
        await armProcessor(stack, `${point}:1`);
        const ends = stack.ends.length;
        const first = ordered(stack, args);
        await waitFor(`the processor to die at ${point}`, DIES_DEADLINE_MS, () => Promise.resolve(stack.ends.length > ends));
        const at = performance.now();
        const { code, said } = await first;
        const recoveryMs = await stack.untilFresh(at);
        let again = '';
        await waitFor(`${args.join(' ')} to be done`, AGAIN_DEADLINE_MS, async () => {
          const second = await ordered(stack, args);
          again = second.said;
          return second.code === 0;
        });
        const verified = await ordered(stack, ['verify', '--no-lake']);
        return {
          detected: `${code === 0 ? 'done in spite of it' : `failed: ${said}`}; given again: ${again}`,
          recoveryMs,
          violations: verified.code === 0 ? [] : [`verify: ${verified.said}`],
        };
      }),
  };
}

export function commandFaults(): Fault[] {
  return [
    killedIn('bulk-read-rows', 'bulk.rows', ['backfill', '--table', 'accounts', '--mode', 'bulk']),
    killedIn('bulk-read-complete', 'bulk.complete', ['backfill', '--table', 'transactions', '--mode', 'bulk']),
    killedIn('verify', 'verify.recorded', ['verify', '--no-lake']),
    killedIn('certify', 'certify.kept', ['certify']),
  ];
}
