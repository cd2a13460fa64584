// One AbortSignal for everything that asks this process to stop: Ctrl-C, kill, a closed terminal.

import { setMaxListeners } from 'node:events';

const controller = new AbortController();
/** Every part, task and request of a run listens; the default of 10 would print a warning. */
setMaxListeners(200, controller.signal);
let listening = false;

/** Aborts at the first SIGINT, SIGTERM or SIGHUP; further ones change nothing, because the orderly stop is under way. */
export function stopSignal(): AbortSignal {
  if (!listening) {
    listening = true;
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => controller.abort(name));
  }
  return controller.signal;
}

/**
 * For a command that looks after other processes: output that nobody reads any more (closed pipe, closed terminal) asks for the
 * orderly stop instead of ending this process at once. Gives back what to do with an output error.
 */
export function stopWhenOutputCloses(): () => void {
  const stop = (): void => controller.abort('output closed');
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners('error');
    stream.on('error', stop);
  }
  return stop;
}
