// Are the policies right for the tables as they are? A policy that names a column wrongly would protect nothing, and one on a column
// that rows are identified or summed by would break what is built on it: both are refused by name.

import { columnType } from '../schema/column-type.ts';
import type { ColumnSchema, TableSchema } from '../schema/table-schema.ts';
import type { ColumnPolicy, Policies, TablePolicy } from './policy.ts';

export interface PolicyProblem {
  readonly table: string;
  readonly column: string | null;
  readonly problem: string;
  readonly remedy: string;
  /** `privacy.json:12`. */
  readonly where: string;
}

/** What a column is needed for downstream: read, when its values are looked into; matched, when only equal ones must stay equal. */
export type NeedOf = (table: string, column: string) => 'read' | 'matched' | null;

/** @param tables captured tables as MySQL has them */
export function judgePolicies(policies: Policies, tables: readonly TableSchema[], needOf: NeedOf): PolicyProblem[] {
  const byName = new Map(tables.map((schema) => [schema.table, schema]));
  return [...policies.tables.values()].flatMap((policy): PolicyProblem[] => {
    if (policy.gone) return [];
    const at = (line: number): string => `${policies.file}:${line}`;
    const schema = byName.get(policy.table);
    if (schema === undefined) {
      const remedy = 'Correct the name; or say "gone": true when the table was dropped or renamed and Kafka still has rows of it.';
      return [{ table: policy.table, column: null, problem: 'MySQL has no such captured table', remedy, where: at(policy.line) }];
    }
    const subject = subjectProblem(policy, schema);
    const found = [...policy.columns].flatMap(([name, column]) => {
      const problem = columnProblem({ name, column, policy, schema, need: needOf(policy.table, name) });
      return problem === null ? [] : [{ table: policy.table, column: name, ...problem, where: at(column.line) }];
    });
    return subject === null ? found : [{ table: policy.table, column: policy.subject, ...subject, where: at(policy.line) }, ...found];
  });
}

/** `customers.email: …` and where and what to do. */
export function problemText({ table, column, problem, remedy, where }: PolicyProblem): string {
  return `${where}: ${column === null ? table : `${table}.${column}`}: ${problem}. ${remedy}`;
}

interface Problem {
  readonly problem: string;
  readonly remedy: string;
}

function subjectProblem({ subject, columns }: TablePolicy, { columns: known }: TableSchema): Problem | null {
  if (subject === null) return null;
  if (!known.some(({ name }) => name === subject))
    return { problem: 'the subject is no column of the table', remedy: 'Name the column that holds the customer.' };
  if (!columns.has(subject)) return null;
  return { problem: 'the subject has a policy itself', remedy: 'Leave the column that holds the customer as it is.' };
}

interface Case {
  readonly name: string;
  readonly column: ColumnPolicy;
  readonly policy: TablePolicy;
  readonly schema: TableSchema;
  readonly need: ReturnType<NeedOf>;
}

function columnProblem({ name, column, policy, schema, need }: Case): Problem | null {
  if (column.gone) return null;
  const known = schema.columns.find((candidate) => candidate.name === name);
  if (known === undefined)
    return {
      problem: 'the table has no such column',
      remedy: 'Correct the name; or say "gone": true when it was dropped or renamed and Kafka still has its values.',
    };
  if (schema.keyColumns.includes(name) && !(column.action === 'tokenise' && column.shared))
    return {
      problem: `${column.action} on a column of the primary key, by which rows are told apart`,
      remedy: 'Use {"action": "tokenise", "shared": true}: equal values stay equal.',
    };
  if (need === 'read')
    return {
      problem: `${column.action} on a column whose values gold or the fraud rules compute with`,
      remedy: 'Take the policy away: `ledgerflow lineage --downstream` shows what is made of the column.',
    };
  if (need === 'matched' && !(column.action === 'tokenise' && column.shared))
    return {
      problem: `${column.action} on a column that gold joins or groups by`,
      remedy: 'Use {"action": "tokenise", "shared": true}: equal values stay equal.',
    };
  if (column.action !== 'drop' && !isText(known))
    return { problem: `${column.action} needs a text column, this is ${known.typeName}`, remedy: 'Use {"action": "drop"}.' };
  if (column.action === 'tokenise' && !column.shared && policy.subject === null)
    return {
      problem: 'a token needs the key of a customer',
      remedy: 'Name the table\'s "subject" column, or say "shared": true for one key that cannot be erased.',
    };
  return null;
}

/** CHAR, VARCHAR and the TEXT types: the only values that are JSON strings in every row image and text in silver. */
function isText(column: ColumnSchema): boolean {
  try {
    return columnType(column).logical === 'text';
  } catch {
    return false;
  }
}
