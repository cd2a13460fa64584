// Moves parts of a home folder out of the way, together, into a folder of their own. Nothing is deleted.

import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { claimHome } from '../../infra/native/supervisor.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';

export interface SetAside {
  readonly home: string;
  readonly names: readonly string[];
  /** Begins the folder's name; the time ends it. */
  readonly as: string;
  readonly confirmed: boolean;
  readonly now: Date;
}

/** @returns what was moved, and where to; null when there is none of it @throws LedgerflowError LF_ALREADY_RUNNING, LF_CONFIRMATION_NEEDED */
export async function setAside({
  home,
  names,
  as,
  confirmed,
  now,
}: SetAside): Promise<{ moved: readonly string[]; folder: string } | null> {
  const moved = names.filter((name) => existsSync(path.join(home, name)));
  if (moved.length === 0) return null;
  if (!confirmed) throw new LedgerflowError('LF_CONFIRMATION_NEEDED', `this would put ${moved.join(', ')} aside`, { where: home });
  await using _claim = await claimHome({ home, onEvent: () => undefined });
  const folder = path.join(home, `${as}-${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`);
  mkdirSync(folder);
  for (const name of moved) renameSync(path.join(home, name), path.join(folder, name));
  return { moved, folder };
}
