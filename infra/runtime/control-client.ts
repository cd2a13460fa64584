// Sends a command to the running processor through its control door (infra/runtime/control.ts).

import { readFile } from 'node:fs/promises';
import { controlErrorSchema, controlFilePath, controlFileSchema, type ControlFile } from './control.ts';
import { ERROR_CODES, type ErrorCode } from './error-codes.ts';
import { LedgerflowError, messageOf } from './errors.ts';

/** A re-drive of many records takes a while. */
const ANSWER_DEADLINE_MS = 600_000;

/**
 * Runs a command in the processor of `home`.
 * @returns the command's JSON answer
 * @throws LedgerflowError LF_CONTROL_UNREACHABLE, or whatever the command was refused for
 */
export async function callControl(home: string, name: string, body: object): Promise<unknown> {
  const door = await findDoor(home);
  const response = await knock(door, name, body);
  const answer: unknown = await response.json();
  if (response.ok) return answer;
  const refused = controlErrorSchema.safeParse(answer);
  if (!refused.success)
    throw new LedgerflowError('LF_CONTROL_UNREACHABLE', `${name}: unexpected answer, HTTP ${response.status}`, { where: door.url });
  throw asError(refused.data.error);
}

async function findDoor(home: string): Promise<ControlFile> {
  const file = controlFilePath(home);
  try {
    return controlFileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new LedgerflowError('LF_CONTROL_UNREACHABLE', 'no processor has opened its door in this home folder', {
      where: file,
      cause: error,
    });
  }
}

async function knock(door: ControlFile, name: string, body: object): Promise<Response> {
  try {
    return await fetch(new URL(`/control/${name}`, door.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${door.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_DEADLINE_MS),
    });
  } catch (error) {
    throw new LedgerflowError('LF_CONTROL_UNREACHABLE', `the processor does not answer: ${messageOf(error)}`, {
      where: door.url,
      cause: error,
    });
  }
}

/** The processor's own error, as if it had been raised here. A command that was broken off by a stop is not our own abort. */
function asError({
  code,
  message,
  where,
  remedy,
}: {
  code: string;
  message: string;
  where: string | null;
  remedy: string;
}): LedgerflowError {
  const known = code in ERROR_CODES && code !== 'LF_ABORTED' ? (code as ErrorCode) : 'LF_CONTROL_UNREACHABLE';
  const standard = code === known;
  return new LedgerflowError(known, message, { ...(where === null ? {} : { where }), ...(standard ? { remedy } : {}) });
}
