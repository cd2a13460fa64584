// Which tables have rows that are in no message.

/** Tables read in bulk, and not as a whole through the stream since. */
export const BULK_ONLY = `SELECT DISTINCT b.table_name FROM ops.rereads b WHERE b.bulk AND b.status = 'done' AND NOT EXISTS (SELECT 1 FROM ops.rereads r
  WHERE r.table_name = b.table_name AND NOT coalesce(r.bulk, false) AND r.keys IS NULL AND r.status = 'done' AND r.ended_commit > b.ended_commit) ORDER BY 1`;
