// Runs the native parts in LEDGERFLOW_HOME until SIGTERM: a supervisor in a process of its own, for tests that kill it.
// SIGTERM is heeded from the first moment, since the test sends it as soon as it has read that the parts are up.

import { startNativeStack } from './native-stack.ts';

const given = Object.entries(process.env).filter(([name]) => name.startsWith('LEDGERFLOW_'));
const starting = startNativeStack({
  home: process.env['LEDGERFLOW_HOME'] ?? '',
  env: Object.fromEntries(given.map(([name, value]) => [name, value ?? ''])),
  onEvent: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
});
process.once('SIGTERM', () => void starting.then((stack) => stack[Symbol.asyncDispose]()));
await starting;
