import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { openBank } from '../../test/support/test-bank.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS_FOLDER, readMigrations } from './migrations.ts';

let server: TestMysql;
const names = readMigrations().map(({ name }) => name);

beforeAll(async () => {
  server = await startMysql();
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

describe('migrate', () => {
  it('makes the database, and does nothing the second time', async () => {
    expect(await migrate({ ...server, database: 'twice' })).toEqual({ applied: names, already: 0 });
    expect(await migrate({ ...server, database: 'twice' })).toEqual({ applied: [], already: names.length });
  });

  it('lets one of many callers work and the others find nothing to do', async () => {
    const results = await Promise.all(Array.from({ length: 6 }, () => migrate({ ...server, database: 'raced' })));
    expect(results.map(({ applied }) => applied.length).sort((a, b) => a - b)).toEqual([0, 0, 0, 0, 0, names.length]);
  });

  it('refuses an edited file by name and changes nothing', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'lf-migrations-'));
    try {
      for (const name of names) cpSync(path.join(MIGRATIONS_FOLDER, name), path.join(folder, name));
      await migrate({ ...server, database: 'edited', folder });
      appendFileSync(path.join(folder, '003_accounts.sql'), '-- one more line\n');
      await expect(migrate({ ...server, database: 'edited', folder })).rejects.toMatchObject({
        code: 'LF_MIGRATION_EDITED',
        message: '003_accounts.sql was edited after it had been applied',
      });
      rmSync(path.join(folder, '010_house.sql'));
      cpSync(path.join(MIGRATIONS_FOLDER, '003_accounts.sql'), path.join(folder, '003_accounts.sql'));
      await expect(migrate({ ...server, database: 'edited', folder })).rejects.toMatchObject({ code: 'LF_MIGRATION_NEWER' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('repeats a migration that was cut off in the middle', async () => {
    await migrate({ ...server, database: 'cut_off' });
    await using bank = await openBank(server, 'cut_off');
    const account = await bank.account('10.00');
    await bank.run('DELETE FROM schema_migrations WHERE name >= ?', ['004']);
    expect((await migrate({ ...server, database: 'cut_off' })).applied).toEqual(names.slice(3));
    expect(await bank.balance(account)).toBe('10.0000');
  });

  it('stops when it is cancelled, and names what it cannot reach', async () => {
    await expect(migrate({ ...server, database: 'never', signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'LF_ABORTED' });
    await expect(migrate({ ...server, port: 1, database: 'never' })).rejects.toMatchObject({ code: 'LF_MYSQL_UNREACHABLE' });
  });

  it('gives an existing client login what it needs and no more', async () => {
    await using admin = await openBank(server, 'rights');
    await admin.run(`CREATE USER 'bank'@'%' IDENTIFIED BY 'pw'`);
    await migrate({ ...server, database: 'rights' });
    const client = await admin.open({ user: 'bank', password: 'pw' });
    await client.query(`INSERT INTO customers (first_name) VALUES ('Client')`);
    await client.query('INSERT INTO accounts (customer_id, balance) SELECT MAX(customer_id), 5 FROM customers');
    expect(await admin.refusal('INSERT INTO ledger_entries () VALUES ()', client)).toMatch(/^42000 INSERT command denied/);
    expect(await admin.refusal(`UPDATE currencies SET enabled = 1`, client)).toMatch(/^42000 UPDATE command denied/);
    expect(await admin.refusal('DROP TRIGGER transactions_after_insert', client)).toMatch(/^42000 TRIGGER command denied/);
    for (const table of ['users', 'user_credentials', 'refresh_tokens', 'service_keys']) {
      expect(await admin.refusal(`SELECT * FROM rights_auth.${table}`, client)).toMatch(/^42000 SELECT command denied/);
    }
    await admin.run(`CREATE USER 'ledgerflow_service'@'%' IDENTIFIED BY 'pw'`);
    await migrate({ ...server, database: 'rights' });
    const service = await admin.open({ user: 'ledgerflow_service', password: 'pw' });
    await service.query(`INSERT INTO rights_auth.service_keys (name, secret_hash) VALUES ('key', REPEAT('x', 32))`);
  });

  it('takes users and their secrets along when they still lie in the bank’s database', async () => {
    await using admin = await openBank(server, 'moved');
    for (const table of ['user_credentials', 'users']) await admin.run(`RENAME TABLE moved_auth.${table} TO moved.${table}`);
    await admin.run(`INSERT INTO users (email, role) VALUES ('ann@example.com', 'operator')`);
    await admin.run(`DELETE FROM schema_migrations WHERE name LIKE '020%'`);
    await migrate({ ...server, database: 'moved' });
    expect(await admin.rows('SELECT email FROM moved_auth.users')).toEqual([{ email: 'ann@example.com' }]);
    expect(
      await admin.rows(`SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'moved' AND TABLE_NAME LIKE 'user%'`),
    ).toEqual([]);
  });
});
