// What `ledgerflow up` shows while it works; two forms: log lines (pipes, --plain) and a live terminal.

import type { Progress } from '../../infra/native/obtain/context.ts';
import type { SupervisorEvent } from '../../infra/native/supervisor.ts';
import type { Status } from '../../infra/runtime/status.ts';

export interface UpView {
  /** Getting the parts. */
  progress(progress: Progress): void;
  /** The steps that will now be started, in order. */
  begin(steps: readonly string[]): void;
  event(event: SupervisorEvent): void;
  /** Something that stops nothing but should be known. */
  remark(text: string): void;
  /** Called about once a second while everything runs. */
  status(status: Status): void;
  /** Leaves the terminal clean. `failed`: the start ended with an error that is printed next. */
  close(failed: boolean): Promise<void>;
}

/** An event in words; undefined for those that say nothing new. */
export function eventText(event: SupervisorEvent): string | undefined {
  switch (event.kind) {
    case 'stale':
      return `ended ${event.name} (pid ${event.pid}), left behind by a killed run`;
    case 'starting':
      return undefined;
    case 'done':
      return `${event.name}: done`;
    case 'healthy':
      return `${event.name}: ${event.restarts === 0 ? 'running' : `running again (restart ${event.restarts})`}${event.port === null ? '' : ` on port ${event.port}`}`;
    case 'died':
      return `${event.name} died (${event.reason}), restarting in ${event.delayMs} ms`;
    case 'started':
      return 'all parts are running';
    case 'stopping':
      return `stopping ${event.name} …`;
    case 'stopped':
      if (event.by === 'absent') return `${event.name} had ended already`;
      return `stopped ${event.name}${event.by === 'SIGKILL' ? ' (killed: it did not end within its deadline)' : ''}`;
  }
}
