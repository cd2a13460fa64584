// Tables and views of gold that no model makes: jobs and commands write them. For the data dictionary.

import type { DuckDBConnection } from '@duckdb/node-api';
import { ident } from '../../infra/runtime/sql-text.ts';
import { QUALITY_DDL } from '../../lake/quality/results.ts';
import { SLO_DDL } from '../../lake/quality/slo.ts';
import { STORE_DDL } from '../../lake/store/layout.ts';
import { CASES_DDL } from '../../stream/fraud/cases/tables.ts';
import { featuresDdl, loadFeatures } from '../../stream/fraud/features.ts';
import { FRAUD_DDL } from '../../stream/fraud/tables.ts';
import { RECON_DDL } from '../../stream/recon/run/tables.ts';
import { SELF_DDL } from '../../stream/recon/self/tables.ts';

/** What each holds, its grain, and who writes it. */
export const WRITTEN: Readonly<Record<string, { readonly holds: string; readonly grain: string; readonly by: string }>> = {
  certificates: { holds: 'signed certificates of the ledger', grain: 'certificate', by: '`ledgerflow certify` and the job `certificate`' },
  dq_results: { holds: 'results of quality checks and of the checks of gold’s gate', grain: 'run of a check', by: 'the job `quality`' },
  pipeline_slo: { holds: 'good and all units of each objective', grain: 'table, minute and objective', by: 'the job `quality`' },
  slo_budget: { holds: 'error budget left and how fast it burns', grain: 'objective and weight', by: 'the job `quality`' },
  fraud_alerts: {
    holds: 'alerts of the fraud rules, with their explanation',
    grain: 'rule version, entity and trigger',
    by: 'the job `fraud`',
  },
  fraud_decisions: { holds: 'decision and capped score of all rules together', grain: 'movement', by: 'the job `fraud`' },
  fraud_features: { holds: 'features as of the movement’s time (docs/fraud.md)', grain: 'movement and feature set', by: 'the job `fraud`' },
  fraud_queue: { holds: 'alerts with the state of their case', grain: 'alert', by: '`ledgerflow fraud alerts`' },
  fraud_rule_precision: { holds: 'outcomes of closed alerts', grain: 'rule version', by: '`ledgerflow fraud alerts close`' },
  recon_summary: { holds: 'counts and sums of a reconciliation run', grain: 'run', by: 'the job `recon`' },
  recon_breaks: { holds: 'unmatched items with reason, state and age', grain: 'break', by: 'the job `recon` and `ledgerflow recon`' },
  recon_continuity: {
    holds: 'statements that do not follow on the one before of their account',
    grain: 'statement',
    by: 'a view over the files the job `recon` read',
  },
  self_reconciliation: {
    holds: 'counts and sums of the pipeline’s own stages beside each other',
    grain: 'run, leg, table and hour',
    by: 'the job `recon_self` and `ledgerflow recon self`',
  },
};

export interface WrittenTable {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Their columns, as their own DDL gives them. @param connection of an empty database */
export async function writtenTables(connection: DuckDBConnection): Promise<WrittenTable[]> {
  await connection.run(
    [STORE_DDL, QUALITY_DDL, SLO_DDL, FRAUD_DDL, featuresDdl(loadFeatures()), CASES_DDL, RECON_DDL, SELF_DDL].join(';\n'),
  );
  const names = await connection.runAndReadAll(
    `SELECT DISTINCT table_name FROM duckdb_columns() WHERE database_name = current_database() AND schema_name = 'gold' ORDER BY 1`,
  );
  const tables: WrittenTable[] = [];
  for (const [name] of names.getRows()) {
    const described = await connection.runAndReadAll(`DESCRIBE gold.${ident(String(name))}`);
    tables.push({
      name: String(name),
      columns: described.getRows().map(([column, type]) => ({ name: String(column), type: String(type) })),
    });
  }
  return tables;
}
