// The processor's certifier: MySQL with the service's login, reading sessions of its own, the key in the home folder.

import type { Config } from '../../infra/runtime/settings.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import { Certifier } from '../../lake/verify/certify.ts';
import { VerifySessions } from '../../lake/verify/sessions.ts';
import { signingKey } from '../../lake/verify/signing-key.ts';
import { productVersion } from '../support/version.ts';
import { bankSource } from '../verify/bank-source.ts';

const LIMITS = { sessionsMax: 2, sessionMsMax: 600_000 };
const WAIT_MS = 60_000;

export function certifierOf(config: Config, store: StoreHandle): Certifier {
  return new Certifier({
    sessions: new VerifySessions(() => store.connect(), LIMITS),
    source: {
      snapshot: () => bankSource(config, { throttleRows: null, purpose: 'certify' }).snapshot(),
    },
    key: () => signingKey(config.home),
    codeVersion: productVersion(),
    waitMs: WAIT_MS,
    now: () => new Date(),
  });
}
