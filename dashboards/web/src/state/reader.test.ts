import { afterEach, expect, it } from 'vitest';
import { Reader, type Reading } from './reader.ts';

const good = (data: string): Reading<string> => ({ data, error: null, included: undefined, retry: false });
const failed: Reading<string> = { data: undefined, error: 'busy', included: undefined, retry: true };

let reader: Reader<string>;
afterEach(() => reader.stop());

/** A reader over readings that are given out in turn, the last one for ever; `told(n)` waits for n readings. */
function readerOf(readings: readonly Reading<string>[]): { told: (count: number) => Promise<(string | null | undefined)[]> } {
  const shown: (string | null | undefined)[] = [];
  let waiting: { count: number; resolve: () => void } | undefined;
  let asked = 0;
  reader = new Reader(
    () => Promise.resolve(readings[Math.min(asked++, readings.length - 1)] ?? failed),
    (reading) => {
      shown.push(reading.data ?? reading.error);
      if (shown.length >= (waiting?.count ?? Infinity)) waiting?.resolve();
    },
    0,
    1,
  );
  return {
    told: async (count) => {
      if (shown.length < count) await new Promise<void>((resolve) => (waiting = { count, resolve }));
      return shown;
    },
  };
}

it('reads again what failed although the lake stands still', async () => {
  const { told } = readerOf([failed, failed, good('a')]);
  reader.want('1');
  expect(await told(3)).toEqual(['busy', 'busy', 'a']);
});

it('reads once for each place, and at the end the newest', async () => {
  const { told } = readerOf([good('a'), good('b')]);
  reader.want('1');
  reader.want('2');
  reader.want('3');
  expect(await told(2)).toEqual(['a', 'b']);
  await new Promise((resolve) => setTimeout(resolve, 5));
  reader.want('3');
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await told(2)).toEqual(['a', 'b']);
});

it('leaves what is refused for good until the lake moves', async () => {
  const { told } = readerOf([{ ...failed, retry: false }, good('a')]);
  reader.want('1');
  await told(1);
  await new Promise((resolve) => setTimeout(resolve, 5));
  reader.want('1');
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await told(1)).toEqual(['busy']);
  reader.want('2');
  expect(await told(2)).toEqual(['busy', 'a']);
});
