// Ends a test's detached server when the test process is gone, however it went: standard input closes with it.
// Arguments: process id and start ticks of the server (infra/native/process-id.ts).

import { endProcess } from '../../infra/native/process-id.ts';

const [pid = '', startedTicks = ''] = process.argv.slice(2);
const DEADLINE_MS = 10_000;

process.stdin.resume();
process.stdin.on('end', () => {
  void endProcess({ pid: Number(pid), startedTicks: Number(startedTicks) }, DEADLINE_MS);
});
