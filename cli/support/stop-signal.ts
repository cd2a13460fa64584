// One AbortSignal for everything that asks this process to stop: Ctrl-C, kill, a closed terminal.

const controller = new AbortController();
let listening = false;

/** Aborts at the first SIGINT, SIGTERM or SIGHUP; further ones change nothing, because the orderly stop is under way. */
export function stopSignal(): AbortSignal {
  if (!listening) {
    listening = true;
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => controller.abort(name));
  }
  return controller.signal;
}
