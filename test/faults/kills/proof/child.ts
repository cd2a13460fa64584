// A process that makes one attempt at an operation. Only what the operation needs is loaded.

import { attempt } from './operation.ts';

await attempt(async (wanted) => {
  const operations = /^(backfill|repair|bulk)/.test(wanted)
    ? (await import('./rereading.ts')).REREADINGS
    : wanted === 'replay'
      ? [(await import('./replaying.ts')).REPLAY]
      : /^(certify|verify)$/.test(wanted)
        ? (await import('./proving.ts')).PROVING
        : (await import('./keeping.ts')).KEEPING;
  return operations.find(({ name }) => name === wanted);
});
