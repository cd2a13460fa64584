// Apicurio Registry, a schema registry with Confluent's API, through Maven by coordinate. The product uses a registry by its address;
// this one is for the tests and for trying Avro without containers, so `setup` does not fetch it.

import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ObtainContext } from './context.ts';
import { digestOf, type PartsLock } from './lock-file.ts';
import { obtainArchive } from './maven.ts';

/** The folder's name carries a digest of the pinned checksums: one that exists was verified and is complete. */
function folderOf(cache: string, lock: PartsLock): string {
  return path.join(cache, `apicurio-registry-${lock.registry.version}-${digestOf(lock.registry.sha256)}`);
}

/** Gets it when it is missing. @throws LedgerflowError LF_PART_DOWNLOAD, LF_PART_CHECKSUM */
export async function obtainRegistry(context: ObtainContext, java: string): Promise<string> {
  const target = folderOf(context.cache, context.lock);
  if (!existsSync(target))
    await obtainArchive(context, java, { ...context.lock.registry, part: 'Registry', what: 'Apicurio Registry', target });
  return path.join(target, `apicurio-registry-app-${context.lock.registry.version}-runner.jar`);
}
