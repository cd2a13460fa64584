// The processor's certifier: MySQL with the service's login, reading sessions of its own, the key in the home folder.

import { readPolicies } from '../../cdc/privacy/policy-file.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import { Certifier } from '../../lake/verify/certify.ts';
import { mysqlSource } from '../../lake/verify/mysql-source.ts';
import { VerifySessions } from '../../lake/verify/sessions.ts';
import { signingKey } from '../../lake/verify/signing-key.ts';
import { bankLogin } from '../bank/bank-login.ts';
import { productVersion } from '../support/version.ts';

const LIMITS = { sessionsMax: 2, sessionMsMax: 600_000 };
const WAIT_MS = 60_000;

export function certifierOf(config: Config, store: StoreHandle): Certifier {
  return new Certifier({
    sessions: new VerifySessions(() => store.connect(), LIMITS),
    source: {
      snapshot: () =>
        mysqlSource({
          login: bankLogin(config),
          excludeTables: config.excludeTables,
          throttleRows: null,
          purpose: 'certify',
          policies: readPolicies(config.home),
        }).snapshot(),
    },
    key: () => signingKey(config.home),
    codeVersion: productVersion(),
    waitMs: WAIT_MS,
    now: () => new Date(),
  });
}
