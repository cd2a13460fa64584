// The column policies of a home folder as commands look at them: judged against MySQL's tables and what is computed downstream.

import { readSourceTables } from '../../cdc/connector/source-tables.ts';
import { MASK } from '../../cdc/privacy/connector-part.ts';
import { judgePolicies, problemText, type PolicyProblem } from '../../cdc/privacy/judge.ts';
import { readPolicies } from '../../cdc/privacy/policy-file.ts';
import type { ColumnAction, Policies } from '../../cdc/privacy/policy.ts';
import { TOKEN_PATTERN } from '../../cdc/privacy/token.ts';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { connectMysql } from '../../infra/native/mysql-admin.ts';
import type { Login } from '../../infra/native/run-file.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { ident, literal } from '../../infra/runtime/sql-text.ts';
import { downstreamNeeds } from '../../stream/privacy/needs.ts';
import { bankLogin } from '../bank/bank-login.ts';
import { queryAll } from './wire-client.ts';

/** @param tables captured tables as MySQL has them @throws LedgerflowError LF_GOLD_MODEL */
export async function policyProblems(policies: Policies, tables: readonly TableSchema[]): Promise<PolicyProblem[]> {
  return judgePolicies(policies, tables, await downstreamNeeds());
}

/** @returns null without any @throws LedgerflowError LF_POLICY_FILE; LF_POLICY_REFUSED naming all that are wrong */
export async function admittedPolicies(home: string, tables: readonly TableSchema[]): Promise<Policies | null> {
  const policies = readPolicies(home);
  if (policies === null) return null;
  const problems = await policyProblems(policies, tables);
  if (problems.length > 0) throw new LedgerflowError('LF_POLICY_REFUSED', problems.map(problemText).join(' '), { where: policies.file });
  return policies;
}

/** The policies against MySQL's tables. @throws LedgerflowError LF_MYSQL_…, LF_NOT_RUNNING */
export async function inMysql(config: Config, policies: Policies): Promise<PolicyProblem[]> {
  const connection = await connectMysql(bankLogin(config));
  try {
    const tables = await readSourceTables(connection, config.mysqlDatabase, config.excludeTables);
    return await policyProblems(
      policies,
      tables.map(({ schema }) => schema),
    );
  } finally {
    await connection.end();
  }
}

/** Condition that a stored value obeys its policy. */
function obeys(name: string, column: ColumnAction): string {
  const value = ident(name);
  if (column.action === 'drop') return `${value} IS NULL`;
  if (column.action === 'hash') return `regexp_full_match(${value}, '[0-9a-f]{64}')`;
  if (column.action === 'mask') return `starts_with(${value}, ${literal(MASK)})`;
  return `regexp_full_match(${value}, ${literal(TOKEN_PATTERN)})`;
}

/** Columns of silver, live and past, with rows that do not obey their policy. */
export async function storedWrong(wire: Login, policies: Policies): Promise<{ relation: string; column: string; rows: number }[]> {
  const { rows } = await queryAll(wire, `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'silver'`);
  const there = new Set(rows.map(([table, column]) => `${table ?? ''}.${column ?? ''}`));
  const wrong: { relation: string; column: string; rows: number }[] = [];
  for (const { table, columns } of policies.tables.values())
    for (const [name, column] of columns)
      for (const relation of [table, `${table}_history`]) {
        if (!there.has(`${relation}.${name}`)) continue;
        const found = await queryAll(
          wire,
          `SELECT count(*) FROM silver.${ident(relation)} WHERE ${ident(name)} IS NOT NULL AND NOT (${obeys(name, column)})`,
        );
        const count = Number(found.rows[0]?.[0] ?? 0);
        if (count > 0) wrong.push({ relation: `silver.${relation}`, column: name, rows: count });
      }
  return wrong;
}
