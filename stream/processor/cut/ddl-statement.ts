// Which DDL statements write exactly one record to the schema topic. Measured with Debezium 3.6.1 on MySQL 9.7 (docs/adr/0002):
// RENAME TABLE a TO b, c TO d and DROP TABLE a, b write one record per table, each with only its own part of the text, and
// CREATE TABLE … AS SELECT (… START TRANSACTION in the binlog) is followed by rows with the same GTID.

const ALONE = /^(?:\s|\/\*.*?\*\/)*(?:ALTER\s+TABLE|CREATE\s+TABLE|(?:CREATE|DROP)\s+(?:UNIQUE\s+|FULLTEXT\s+|SPATIAL\s+)?INDEX)\b/is;
const WITH_ROWS = /\bSTART\s+TRANSACTION\s*;?\s*$/i;

/** True when no other record with the statement's GTID can follow, so that the cut need not wait for proof. */
export function isAloneStatement(ddl: string): boolean {
  return ALONE.test(ddl) && !WITH_ROWS.test(ddl);
}
