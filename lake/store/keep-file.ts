// The order in which a finished file becomes durable under its name: content, name, folder. Named after this, it survives a power cut.

import { faultPoint } from '../../infra/runtime/fault-point.ts';

export interface DurableDisk {
  /** Content of the file to the disk. */
  sync(file: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Names in the folder to the disk. */
  syncFolder(folder: string): Promise<void>;
}

/** Gives an unfinished file its name, durably. The caller may list it in a commit afterwards, never before. */
export async function keepFile(disk: DurableDisk, at: { unfinished: string; file: string; folder: string }): Promise<void> {
  faultPoint('segment.written');
  await disk.sync(at.unfinished);
  faultPoint('segment.synced');
  await disk.rename(at.unfinished, at.file);
  faultPoint('segment.renamed');
  await disk.syncFolder(at.folder);
}
