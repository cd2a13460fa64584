// Where the bank's API of a home is.

import type { RunFile } from '../../infra/native/run-file.ts';
import { hostInUrl } from '../../infra/runtime/listen.ts';
import type { Config } from '../../infra/runtime/settings.ts';

/** As the run file says; where it says nothing, as the settings say. */
export function bankUrlOf(run: RunFile | undefined, { bankHost, bankPort }: Config): string {
  return run?.endpoints.bank?.url ?? `http://${hostInUrl(bankHost)}:${bankPort}`;
}
