// What commands ask of the running product and of whoever typed them.

import { hostname, userInfo } from 'node:os';
import { requireRunning, type Login } from '../../infra/native/run-file.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';

/** The PostgreSQL endpoint. @throws LedgerflowError LF_NOT_RUNNING, LF_WIRE_UNREACHABLE */
export function wireOf(): Login {
  const { wire } = requireRunning(loadConfig().home).endpoints;
  if (wire === undefined) throw new LedgerflowError('LF_WIRE_UNREACHABLE', 'the PostgreSQL endpoint is not up yet');
  return wire;
}

/** Who acts, for the records: user@host. */
export function whoAmI(): string {
  return `${userInfo().username}@${hostname()}`;
}
