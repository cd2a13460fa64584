// Looks a program up on PATH, without starting anything.

import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { hostEnvironment } from '../../runtime/config.ts';

/** Absolute name of an executable on PATH, or in one of the further folders. */
export function findOnPath(name: string, further: readonly string[] = []): string | undefined {
  const folders = [...(hostEnvironment().PATH ?? '').split(path.delimiter), ...further].filter((folder) => folder !== '');
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
