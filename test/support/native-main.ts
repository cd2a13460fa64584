// Runs the native parts in LEDGERFLOW_HOME until SIGTERM: a supervisor in a process of its own, for tests that kill it.

import { startNativeStack } from './native-stack.ts';

const stack = await startNativeStack({
  home: process.env['LEDGERFLOW_HOME'] ?? '',
  onEvent: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
});
process.once('SIGTERM', () => void stack[Symbol.asyncDispose]());
