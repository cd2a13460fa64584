// What the tests of the audit chain share: seal, audit, and change rows as somebody who is past the triggers.

import { advanceAudit, type AdvanceOptions, type AdvanceResult } from '../../bank/audit/advance.ts';
import { walkAudit, type Finding } from '../../bank/audit/walk.ts';
import type { TestMysql } from './mysql-server.ts';
import type { TestBank } from './test-bank.ts';

export interface AuditBank {
  /** Seals at 2026-11-21 12:00 UTC unless `now` says otherwise. */
  readonly seal: (more?: Partial<AdvanceOptions>) => Promise<AdvanceResult>;
  readonly audit: (knownHeads?: ReadonlyMap<number, string>) => Promise<{ readonly head: string; readonly found: Finding[] }>;
  /** An account of 100.00 and `count` deposits of 1.00, 2.00 …; answers the ids of the deposits. */
  readonly fill: (count: number) => Promise<number[]>;
  /** Runs statements as somebody who may drop triggers and switch checks off: what a tampering administrator can do. */
  readonly tamper: (...statements: string[]) => Promise<void>;
}

const NOON = (): Date => new Date('2026-11-21T12:00:00Z');

export function auditBank(server: TestMysql, bank: TestBank): AuditBank {
  const { database } = bank;
  return {
    seal: async (more = {}) => await advanceAudit({ ...server, database, now: NOON, ...more }),
    audit: async (knownHeads) => {
      const found: Finding[] = [];
      const options = { onFinding: (finding: Finding) => found.push(finding), ...(knownHeads === undefined ? {} : { knownHeads }) };
      return { head: (await walkAudit(bank.connection, options)).head, found };
    },
    fill: async (count) => {
      const account = await bank.account('100.00');
      const ids: number[] = [];
      for (let amount = 1; amount <= count; amount += 1) {
        ids.push(
          await bank.run('INSERT INTO transactions (account_id, amount, type) VALUES (?, ?, ?)', [account, `${amount}.00`, 'DEPOSIT']),
        );
      }
      return ids;
    },
    tamper: async (...statements) => {
      const rogue = await bank.open();
      const triggers = await bank.rows('SELECT trigger_name AS name FROM information_schema.triggers WHERE trigger_schema = ?', [database]);
      for (const { name } of triggers) await rogue.query(`DROP TRIGGER ${name as string}`);
      await rogue.query('SET SESSION foreign_key_checks = 0, unique_checks = 0');
      for (const statement of statements) await rogue.query(statement);
    },
  };
}
