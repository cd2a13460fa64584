// Does the lake include a commit? The cut is gap-free: it includes every transaction of its server up to its number.

import { gtidSetMax, parseGtid, parseGtidSet, type GtidSet } from './position.ts';
import { LedgerflowError, messageOf } from '../infra/runtime/errors.ts';

/** Where the lake is: `uuid:number` of the last transaction that the cut names, and its number now. */
export interface Cut {
  readonly gtid: string | null;
  readonly seq: number;
}

/** @throws LedgerflowError LF_USAGE when the text is no GTID or GTID set */
export function parseToken(text: string): GtidSet {
  try {
    const set = parseGtidSet(text);
    if (set.size > 0) return set;
  } catch (error) {
    throw new LedgerflowError('LF_USAGE', `not a GTID or GTID set: ${text}`, { cause: messageOf(error) });
  }
  throw new LedgerflowError('LF_USAGE', 'the GTID set is empty');
}

/** True when every transaction of the token is in the cut. Transactions of another server never are. */
export function cutIncludes(cut: Cut, token: GtidSet): boolean {
  if (cut.gtid === null) return false;
  const { uuid } = parseGtid(cut.gtid);
  return [...token.keys()].every((source) => source === uuid && gtidSetMax(token, source) <= cut.seq);
}
