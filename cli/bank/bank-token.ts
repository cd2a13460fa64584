// An access token of the bank, for commands that act in the name of a person.

import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { requireRunning } from '../../infra/native/run-file.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { bankUrlOf } from './bank-url.ts';

const DEADLINE_MS = 15_000;
const answerSchema = z.object({ access_token: z.string() });

/** The token of a login whose password stands on standard input; LEDGERFLOW_BANK_TOKEN without one. @throws LedgerflowError LF_NOT_RUNNING, LF_RECON_LOGIN */
export async function bankToken(email: string | undefined): Promise<string | undefined> {
  const config = loadConfig();
  if (email === undefined) return config.bankToken;
  return await logIn(bankUrlOf(requireRunning(config.home), config), email, process.stdin);
}

/** @throws LedgerflowError LF_RECON_LOGIN */
export async function logIn(url: string, email: string, input: Readable): Promise<string> {
  const [password = ''] = (await text(input)).split(/\r?\n/, 1);
  let response: Response;
  try {
    response = await fetch(new URL('/auth/login', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
  } catch (error) {
    throw new LedgerflowError('LF_RECON_LOGIN', `the bank does not answer: ${messageOf(error)}`, { where: url, cause: error });
  }
  if (!response.ok)
    throw new LedgerflowError('LF_RECON_LOGIN', `the bank refused the login of ${email} (HTTP ${response.status})`, { where: url });
  return answerSchema.parse(await response.json()).access_token;
}
