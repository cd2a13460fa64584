import { describe, expect, it } from 'vitest';
import { ResourceStack, runTasks, within, type Task } from './lifecycle.ts';
import { sleep } from './sleep.ts';

function waiting(name: string, stopped: string[], drainMs = 0): Task {
  return {
    name,
    run: async (signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      await sleep(drainMs);
      stopped.push(name);
    },
  };
}

describe('runTasks', () => {
  it('stops in reverse order, each after the one before has drained', async () => {
    const stopped: string[] = [];
    const stop = new AbortController();
    const run = runTasks([waiting('store', stopped), waiting('pipeline', stopped, 20), waiting('wire', stopped, 5)], {
      signal: stop.signal,
      stopDeadlineMs: 1_000,
    });
    stop.abort();
    await run;
    expect(stopped).toEqual(['wire', 'pipeline', 'store']);
  });

  it('stops the others when one fails, and throws its failure', async () => {
    const stopped: string[] = [];
    const failing: Task = {
      name: 'bad',
      run: async () => {
        await sleep(5);
        throw new Error('broken');
      },
    };
    const run = runTasks([waiting('good', stopped), failing], { signal: new AbortController().signal, stopDeadlineMs: 1_000 });
    await expect(run).rejects.toThrow('broken');
    expect(stopped).toEqual(['good']);
  });

  it('names the task that does not stop in time and still stops the rest', async () => {
    const stopped: string[] = [];
    const deaf: Task = { name: 'deaf', run: () => new Promise(() => undefined) };
    const run = runTasks([waiting('first', stopped), deaf], { signal: AbortSignal.abort(), stopDeadlineMs: 20 });
    await expect(run).rejects.toMatchObject({ code: 'LF_STOP_DEADLINE', message: expect.stringContaining('deaf') });
    expect(stopped).toEqual(['first']);
  });

  it('returns when every task has ended by itself', async () => {
    const task: Task = { name: 'short', run: () => sleep(1) };
    await runTasks([task], { signal: new AbortController().signal, stopDeadlineMs: 100 });
  });

  it('takes a cancelled wait for the end of a task, not for a failure', async () => {
    const stop = new AbortController();
    const run = runTasks([{ name: 'loop', run: (signal) => sleep(60_000, signal) }], { signal: stop.signal, stopDeadlineMs: 100 });
    stop.abort();
    await run;
  });
});

describe('ResourceStack', () => {
  it('closes in reverse order, all of them, and then throws the first failure', async () => {
    const closed: string[] = [];
    const stack = new ResourceStack();
    stack.defer(() => void closed.push('first'));
    stack.defer(() => {
      throw new Error('cannot close');
    });
    stack.use({ [Symbol.asyncDispose]: async () => void closed.push('last') });
    await expect(stack[Symbol.asyncDispose]()).rejects.toThrow('cannot close');
    expect(closed).toEqual(['last', 'first']);
  });
});

describe('within', () => {
  it('tells whether the work ended before the deadline', async () => {
    expect(await within(1_000, sleep(1))).toBe(true);
    expect(await within(5, sleep(200))).toBe(false);
  });
});
