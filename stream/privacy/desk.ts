// The processor's side of column policies: which were applied since when (ops.column_policies), what was done about them and by whom
// (ops.privacy_audit), erasing and revealing. The values themselves never come here: cdc/privacy/policy-door.ts has them.

import type { DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import { judgePolicies, problemText } from '../../cdc/privacy/judge.ts';
import { keyNumbered } from '../../cdc/privacy/key-files.ts';
import { actionText, type ColumnPolicy, type Policies } from '../../cdc/privacy/policy.ts';
import { readPolicies } from '../../cdc/privacy/policy-file.ts';
import { keyNumberOf, revealed } from '../../cdc/privacy/token.ts';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { controlCommand, type ControlCommand } from '../../infra/runtime/control.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { literal, nullable } from '../../infra/runtime/sql-text.ts';
import type { PrivacySettings } from '../processor/fetch/protocol.ts';
import { downstreamNeeds } from './needs.ts';

const DDL = `
CREATE TABLE IF NOT EXISTS ops.column_policies (table_name VARCHAR NOT NULL, column_name VARCHAR NOT NULL, action VARCHAR NOT NULL, since TIMESTAMPTZ NOT NULL);
CREATE TABLE IF NOT EXISTS ops.privacy_audit (done_at TIMESTAMPTZ NOT NULL, done_by VARCHAR NOT NULL, what VARCHAR NOT NULL, subject VARCHAR, reason VARCHAR NOT NULL, detail VARCHAR NOT NULL);
`;

export interface AuditEntry {
  readonly by: string;
  /** policies: the file changed. erase, reveal: what a person asked for. */
  readonly what: 'policies' | 'erase' | 'reveal';
  /** The customer, or nobody. */
  readonly subject: string | null;
  readonly reason: string;
  readonly detail: string;
}

const by = z.string().min(1).max(200);
const reason = z.string().min(1).max(1_000);
const eraseSchema = z.strictObject({ customer: z.string().min(1).max(200), by, reason });
const revealSchema = z.strictObject({ token: z.string().min(1).max(100_000), by, reason });

export type PolicyConfig = Pick<Config, 'home' | 'topicPrefix' | 'mysqlDatabase'>;

export class PrivacyDesk {
  /** For the thread that fetches; null without policies. */
  readonly settings: PrivacySettings | null;
  private readonly connection: DuckDBConnection;
  private readonly home: string;

  private constructor(connection: DuckDBConnection, settings: PrivacySettings | null, home: string) {
    [this.connection, this.settings, this.home] = [connection, settings, home];
  }

  /**
   * @param schemas tables as the store has them
   * @throws LedgerflowError LF_POLICY_FILE, LF_POLICY_REFUSED, LF_POLICY_LATE
   */
  static async open(connection: DuckDBConnection, config: PolicyConfig, schemas: ReadonlyMap<string, TableSchema>): Promise<PrivacyDesk> {
    await connection.run(DDL);
    const policies = readPolicies(config.home);
    const scheme = { prefix: config.topicPrefix, database: config.mysqlDatabase };
    const desk = new PrivacyDesk(connection, policies === null ? null : { policies, scheme, home: config.home }, config.home);
    if (policies !== null) await refuseWrong(policies, schemas);
    await desk.keepBook(policies, schemas);
    return desk;
  }

  /**
   * POST /control/privacy/erase and /control/privacy/reveal.
   * @param destroy deletes a customer's key; tells whether there was one
   */
  commands(destroy: (subject: string) => Promise<boolean>): ControlCommand[] {
    return [
      controlCommand('privacy/erase', eraseSchema, (input) => this.erase(input, destroy)),
      controlCommand('privacy/reveal', revealSchema, (input) => this.reveal(input)),
    ];
  }

  /** Nothing is written before the audit has it: what was done and not told would be worse than the reverse. */
  private async audit(entry: AuditEntry): Promise<void> {
    const whose = nullable(entry.subject);
    await this.connection.run(
      `INSERT INTO ops.privacy_audit VALUES (now(), ${literal(entry.by)}, ${literal(entry.what)}, ${whose}, ${literal(entry.reason)}, ${literal(entry.detail)})`,
    );
  }

  private async erase(ask: z.infer<typeof eraseSchema>, destroy: (subject: string) => Promise<boolean>): Promise<object> {
    if (this.settings === null)
      throw new LedgerflowError('LF_USAGE', 'there are no column policies (privacy.json), so no customer has tokens', { where: this.home });
    const entry = { by: ask.by, what: 'erase', subject: ask.customer, reason: ask.reason } as const;
    await this.audit({ ...entry, detail: 'asked for' });
    const hadKey = await destroy(ask.customer);
    await this.audit({ ...entry, detail: hadKey ? 'key deleted' : 'there was no key: nothing of this customer could be turned back' });
    return { customer: ask.customer, hadKey, notCovered: this.notCovered() };
  }

  private async reveal({ token, by: who, reason: why }: z.infer<typeof revealSchema>): Promise<object> {
    const number = keyNumberOf(token);
    await this.audit({ by: who, what: 'reveal', subject: null, reason: why, detail: `a token of key ${number}` });
    const key = keyNumbered(this.home, number);
    if (key === null) throw new LedgerflowError('LF_TOKEN_UNKNOWN', 'its key was deleted, or is that of another home folder');
    return { value: revealed(token, key) };
  }

  /** Columns that one customer's erasure does not change: shared tokens, hashes, what a mask shows. */
  private notCovered(): string[] {
    const tables = [...(this.settings?.policies.tables.values() ?? [])];
    return tables.flatMap(({ table, columns }) =>
      [...columns]
        .filter(
          ([, column]) =>
            column.action === 'hash' || (column.action === 'mask' && column.show > 0) || (column.action === 'tokenise' && column.shared),
        )
        .map(([name, column]) => `${table}.${name} (${actionText(column)})`),
    );
  }

  private async keepBook(policies: Policies | null, schemas: ReadonlyMap<string, TableSchema>): Promise<void> {
    const rows = (await this.connection.runAndReadAll('SELECT table_name, column_name, action FROM ops.column_policies')).getRows();
    const kept = new Map(rows.map(([table, column, action]) => [`${String(table)}.${String(column)}`, String(action)]));
    const wanted = new Map<string, { table: string; name: string; action: string; column: ColumnPolicy }>(
      [...(policies?.tables.values() ?? [])].flatMap(({ table, columns }) =>
        [...columns].map(([name, column]) => [`${table}.${name}`, { table, name, action: actionText(column), column }] as const),
      ),
    );
    const late = [...wanted].filter(([place, { table, name }]) => !kept.has(place) && hasColumn(schemas.get(table), name));
    if (late.length > 0 && policies !== null)
      throw new LedgerflowError('LF_POLICY_LATE', late.map(([place]) => place).join(', '), {
        where: `${policies.file}:${late[0]?.[1].column.line ?? 1}`,
      });
    const changes = [
      ...[...wanted].filter(([place, { action }]) => kept.get(place) !== action).map(([place, { action }]) => `${place}: ${action}`),
      ...[...kept].filter(([place]) => !wanted.has(place)).map(([place]) => `${place}: none`),
    ];
    if (changes.length === 0) return;
    const since = `SELECT since FROM before WHERE table_name = w.table_name AND column_name = w.column_name`;
    const values = [...wanted.values()].map(({ table, name, action }) => `(${literal(table)}, ${literal(name)}, ${literal(action)})`);
    await this.connection.run(`CREATE OR REPLACE TEMP TABLE before AS FROM ops.column_policies`);
    await this.connection.run('BEGIN; DELETE FROM ops.column_policies');
    if (values.length > 0)
      await this.connection.run(
        `INSERT INTO ops.column_policies SELECT table_name, column_name, action, coalesce((${since}), now()) FROM (VALUES ${values.join(', ')}) w(table_name, column_name, action)`,
      );
    const reviewed = policies?.reviewed ?? { by: 'nobody', on: 'never' };
    await this.audit({
      by: reviewed.by,
      what: 'policies',
      subject: null,
      reason: `reviewed on ${reviewed.on}`,
      detail: changes.join('; '),
    });
    await this.connection.run('COMMIT; DROP TABLE temp.before');
  }
}

function hasColumn(schema: TableSchema | undefined, name: string): boolean {
  return schema?.columns.some((column) => column.name === name) ?? false;
}

/** As far as the store knows the tables; `up` has asked MySQL. */
async function refuseWrong(policies: Policies, schemas: ReadonlyMap<string, TableSchema>): Promise<void> {
  const known = new Map([...policies.tables].filter(([table]) => schemas.has(table)));
  const problems = judgePolicies({ ...policies, tables: known }, [...schemas.values()], await downstreamNeeds());
  if (problems.length > 0) throw new LedgerflowError('LF_POLICY_REFUSED', problems.map(problemText).join(' '));
}
