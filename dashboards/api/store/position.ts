// How far gold is: the commit it stands at, with the source transaction that commit ended at, and the last turn of the marts behind it.

import type { Cell, Position } from '../answers/common.ts';
import { utcMs } from './time-sql.ts';

export const POSITION_SQL = `SELECT g.commit_id, coalesce(c.gtid, g.gtid) AS gtid, c.seq, ${utcMs('c.committed_at')} AS committed_at,
  (SELECT ${utcMs('max(finished_at)')} FROM ops.gold_turns) AS turned_at
  FROM ops.gold_state g LEFT JOIN ops.commits c ON c.commit_id = g.commit_id`;

const NOWHERE: Position = { commitId: -1, gtid: null, seq: -1, committedAt: null, turnedAt: null };

export function positionOf(row: Readonly<Record<string, Cell>> | undefined): Position {
  if (row === undefined) return NOWHERE;
  const { commit_id: commitId, gtid = null, seq, committed_at: committedAt = null, turned_at: turnedAt = null } = row;
  return { commitId: Number(commitId ?? -1), gtid, seq: Number(seq ?? -1), committedAt, turnedAt };
}
