// What becomes of damaged files of the published lake: tables of silver and gold are made anew from the working store by the next
// publication; files of bronze and ops, which have no other source, are put back from a backup that holds the same ones.

import { copyFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { callControl } from '../../infra/runtime/control-client.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { LAKE_DATA, readManifest, sha256Of } from '../../lake/backup/manifest.ts';
import type { DamagedFile } from '../../lake/publish/check-files.ts';

export interface Repair {
  /** Tables that the next publication makes anew. */
  readonly remade: readonly string[];
  /** Files that are as in the backup again. */
  readonly putBack: readonly string[];
  /** What no source was given for. */
  readonly left: readonly DamagedFile[];
}

/** @param backup folder of a backup @throws LedgerflowError LF_BACKUP_BROKEN, LF_CONTROL_… */
export async function repairLake(home: string, damaged: readonly DamagedFile[], backup: string | undefined): Promise<Repair> {
  const remade = [...new Set(damaged.map(({ table }) => table))].filter((table) => /^(silver|gold)\./.test(table));
  if (remade.length > 0) await callControl(home, 'lake/remake', { tables: remade });
  const others = damaged.filter(({ table }) => !remade.includes(table));
  const putBack: string[] = [];
  for (const { file } of others) if (file !== null && backup !== undefined && (await putBackFrom(backup, home, file))) putBack.push(file);
  return { remade, putBack, left: others.filter(({ file }) => file === null || !putBack.includes(file)) };
}

/** @returns false when the backup does not hold the file */
async function putBackFrom(backup: string, home: string, file: string): Promise<boolean> {
  const name = path.join(LAKE_DATA, path.relative(path.resolve(home, 'lake', 'data'), file));
  const listed = (await readManifest(backup)).files.find((each) => each.path === name);
  if (listed === undefined) return false;
  const temporary = `${file}.put-back`;
  await copyFile(path.join(backup, name), temporary);
  const { sha256 } = await sha256Of(temporary);
  if (sha256 !== listed.sha256)
    throw new LedgerflowError('LF_BACKUP_BROKEN', 'the file is damaged in the backup too', { where: path.join(backup, name) });
  await rename(temporary, file);
  return true;
}
