// Arguments that the commands of reconciliation share.

import { InvalidArgumentError } from 'commander';
import { z } from 'zod';

export function day(text: string): string {
  if (!z.iso.date().safeParse(text).success) throw new InvalidArgumentError('must be a day such as 2026-11-20');
  return text;
}

export function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number from 1');
  return value;
}
