// Proves a certificate in the published lake; waits while the certified commit is not published yet.

import path from 'node:path';
import type { Config } from '../../infra/runtime/settings.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { lakePaths } from '../../lake/publish/lake-catalog.ts';
import { checkCertificate, type CheckStep } from '../../lake/verify/certificate-check.ts';
import type { Certificate } from '../../lake/verify/certificate.ts';
import { attachPublished } from '../lake/published-lake.ts';

export interface LakeToCheck {
  readonly config: Config;
  /** Catalog of the lake; null for the home folder's. */
  readonly catalog: string | null;
  readonly waitMs: number;
  readonly onWait: (text: string) => void;
}

const POLL_MS = 1_000;

export async function checkInLake(certificate: Certificate, { config, catalog, waitMs, onWait }: LakeToCheck): Promise<CheckStep[]> {
  const file = catalog ?? lakePaths(path.join(config.home, 'lake')).readersCatalog;
  const deadline = performance.now() + waitMs;
  for (let told = false; ; told = true) {
    const steps = await once(certificate, config, file);
    const [first] = steps;
    if (first?.behind !== true || performance.now() > deadline) return steps;
    if (!told) onWait(`${first.problems.join('')}: waiting`);
    await sleep(POLL_MS);
  }
}

async function once(certificate: Certificate, config: Config, file: string): Promise<CheckStep[]> {
  await using lake = await attachPublished(config, file);
  if (lake === null) return [{ step: 'publication', problems: [`there is no published lake at ${file}`], detail: '', behind: true }];
  return await checkCertificate(lake.connection, certificate);
}
