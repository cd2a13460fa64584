// What one client's session works with.

import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Backend } from './backend.ts';
import type { Planner } from './planner.ts';
import type { Reading } from './reading.ts';
import type { SessionSettings } from './session-settings.ts';

export interface QueryObservation {
  readonly sql: string;
  readonly rows: number;
  readonly durationMs: number;
  readonly sqlstate: string | undefined;
}

export interface SessionDeps {
  readonly socket: Socket;
  readonly backend: Backend;
  readonly planner: Planner;
  readonly settings: SessionSettings;
  readonly reading: Reading;
  readonly database: string;
  readonly rowsMax: number;
  readonly log: Logger;
  readonly observe: (observation: QueryObservation) => void;
}
