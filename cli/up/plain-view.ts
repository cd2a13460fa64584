// `up` as log lines on standard output: for pipes, files, CI and --plain.

import { pino } from 'pino';
import { createLog, type Log } from '../../infra/runtime/log.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { liveSummary } from './live-lines.ts';
import { eventText, type UpView } from './up-view.ts';

const SUMMARY_INTERVAL_MS = 10_000;

/** @param onClosed called when nobody reads the lines any more */
export function plainView(config: Config, onClosed: () => void): UpView {
  const destination = pino.destination({ fd: 1, sync: true });
  destination.on('error', onClosed);
  const log: Log = createLog({ level: config.logLevel, part: 'up', readable: true, destination });
  let lastState = '';
  let lastAt = 0;
  return {
    progress: ({ part, text }) => log.info(`${part}: ${text}`),
    begin: (steps) => log.info(`starting ${steps.join(', ')}`),
    event: (event) => {
      const text = eventText(event);
      if (text === undefined) return;
      if (event.kind === 'died' || event.kind === 'stale') log.warn(text);
      else log.info(text);
    },
    remark: (text) => log.warn(text),
    status: (status) => {
      if (status.state === lastState && Date.now() - lastAt < SUMMARY_INTERVAL_MS) return;
      lastState = status.state;
      lastAt = Date.now();
      log.info(liveSummary(status));
    },
    close: () => Promise.resolve(),
  };
}
