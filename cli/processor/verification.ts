// The processor's part in verification: reading sessions behind its door, and the record of what came out.

import type { ControlCommand } from '../../infra/runtime/control.ts';
import type { Metrics } from '../../infra/runtime/metrics.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import { certifyCommands } from '../../lake/verify/certify-commands.ts';
import type { Certifier } from '../../lake/verify/certify.ts';
import { verifyCommands } from '../../lake/verify/commands.ts';
import { VerificationBook } from '../../lake/verify/record.ts';
import { VerifySessions } from '../../lake/verify/sessions.ts';

const LIMITS = { sessionsMax: 4, sessionMsMax: 1_800_000 };

export interface VerificationDoor extends AsyncDisposable {
  readonly commands: readonly ControlCommand[];
  readonly book: VerificationBook;
}

export async function openVerification(store: StoreHandle, metrics: Metrics, certifier: Certifier): Promise<VerificationDoor> {
  const sessions = new VerifySessions(() => store.connect(), LIMITS);
  const connection = await store.connect();
  const book = new VerificationBook(connection, metrics);
  await book.refresh();
  return {
    commands: [...verifyCommands(sessions, book), ...certifyCommands(certifier, () => store.connect())],
    book,
    [Symbol.asyncDispose]: async () => {
      await sessions[Symbol.asyncDispose]();
      connection.closeSync();
    },
  };
}
