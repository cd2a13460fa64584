// The background loop: it publishes by itself, survives trouble, and stops at once.

import { afterEach, expect, it } from 'vitest';
import { sleep } from '../../infra/runtime/sleep.ts';
import type { Step } from './source.ts';
import { account, ACCOUNTS, lakeDifferences, testPublisher } from './testkit-publisher.ts';
import { TestStore } from './testkit.ts';

const opened: TestStore[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.destroy();
});

it('publishes at intervals, goes on after a failure, and stops when told', async () => {
  const store = await TestStore.open();
  opened.push(store);
  await store.table(ACCOUNTS);
  let failures = 2;
  const published: number[] = [];
  const onStep = (step: Step): void => {
    if (step === 'committed' && failures-- > 0) throw new Error('the store is busy');
  };
  await using publisher = await testPublisher(store, { onStep, onPublication: (note) => published.push(note.commitId) });
  const stopping = new AbortController();
  const running = publisher.run(stopping.signal);
  for (let id = 1; published.length < 3; id += 1) {
    await store.commit([account('c', id)]);
    await sleep(30);
  }
  stopping.abort();
  const stopped = performance.now();
  await running;
  expect(performance.now() - stopped).toBeLessThan(2_000);
  await publisher.publishOnce();
  expect(publisher.status()).toMatchObject({ state: 'idle', reason: null });
  expect(await lakeDifferences(store)).toBe(0);
});
