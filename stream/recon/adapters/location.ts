// The files of a day: a path with {date} in any form, and * in its last part.

import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { DateTime } from 'luxon';
import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';

const FILES_MAX = 10_000;

/** Text with `{date}`, `{date:FORMAT}`, `{next_date}` and `{next_date:FORMAT}` filled in; FORMAT in the words of luxon. */
export function withDate(pattern: string, businessDate: string): string {
  const day = DateTime.fromISO(businessDate, { zone: 'utc' });
  if (!/^\d{4}-\d\d-\d\d$/.test(businessDate) || !day.isValid)
    throw new LedgerflowError('LF_STATEMENT_SOURCE', `"${businessDate}" is no day of the form YYYY-MM-DD`);
  return pattern.replaceAll(/\{(date|next_date)(?::([^}]+))?\}/g, (_, name: string, format: string | undefined) =>
    (name === 'date' ? day : day.plus({ days: 1 })).toFormat(format ?? 'yyyy-MM-dd'),
  );
}

/** Absolute paths in order of name. @throws LedgerflowError LF_STATEMENT_INPUT when the folder cannot be read */
export async function locate(pattern: string, businessDate: string, folder: string): Promise<string[]> {
  const whole = path.resolve(folder, withDate(pattern, businessDate));
  const directory = path.dirname(whole);
  if (directory.includes('*')) throw new LedgerflowError('LF_STATEMENT_SOURCE', `"${pattern}" has a * before its last part`);
  const parts = path
    .basename(whole)
    .split('*')
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const name = new RegExp(`^${parts.join('.*')}$`, 'u');
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new LedgerflowError('LF_STATEMENT_INPUT', messageOf(error), { where: directory, cause: error });
  });
  const files = entries.filter((entry) => !entry.isDirectory() && name.test(entry.name)).map((entry) => path.join(directory, entry.name));
  if (files.length > FILES_MAX) throw new LedgerflowError('LF_STATEMENT_INPUT', `more than ${FILES_MAX} files`, { where: pattern });
  return files.sort();
}
