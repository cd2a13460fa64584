// Settings of logins with the bank: whether it asks for them, and the one that commands use.

import { z } from 'zod';
import { setting } from './setting.ts';

export const BANK_LOGIN_SETTINGS = {
  bankAuth: setting(
    'LEDGERFLOW_BANK_AUTH',
    z.enum(['on', 'off']).default('off'),
    'off: the bank API can be used without a login, as the local demo does; on: every request needs a token or a service key.',
  ),
  bankToken: setting(
    'LEDGERFLOW_BANK_TOKEN',
    z.string().max(4_096).optional(),
    "An operator's access token of the bank, for commands that post through its API in the name of a person.",
    true,
  ),
};
