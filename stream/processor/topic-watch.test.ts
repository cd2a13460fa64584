import { describe, expect, it } from 'vitest';
import { refuseLostMessages } from './topic-watch.ts';

const bounds = { topic: 'bank_server.bank.accounts', partition: 0, low: 10n, end: 20n };

describe('the self-check of a start', () => {
  it.each([10n, 15n, 20n])('goes on at offset %s, which is there or next to come', (next) => {
    expect(() => refuseLostMessages(bounds, next)).not.toThrow();
  });

  it('refuses a topic whose unread messages have expired', () => {
    expect(() => refuseLostMessages(bounds, 9n)).toThrow(/offsets 9 to 9 are gone/);
  });

  it('refuses a topic that was made anew', () => {
    expect(() => refuseLostMessages(bounds, 21n)).toThrow(/made anew/);
  });
});
