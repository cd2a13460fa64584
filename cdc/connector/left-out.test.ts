// What a configuration leaves out is read back as it was written, and the statement that tells a shape changes nothing.

import { expect, it } from 'vitest';
import { connectorConfig } from './config.ts';
import { leftOut } from './left-out.ts';
import { restatement } from './restate-table.ts';

const OPTIONS = {
  ...{ mysqlHost: 'db', mysqlPort: 3306, mysqlUser: 'u', mysqlPassword: 'p' },
  ...{ topicPrefix: 'p', brokers: 'kafka:9092' },
};

it('tables that a person left out are read back, names with characters of patterns too', () => {
  const excludeTables = ['plain', 'do.t', 'a+b(c)', 'ba\\ck'];
  expect(leftOut(connectorConfig({ ...OPTIONS, database: 'b.nk', excludeTables }), 'b.nk')).toEqual(excludeTables);
  expect(leftOut(connectorConfig({ ...OPTIONS, database: 'bank' }), 'bank')).toEqual([]);
  expect(leftOut({}, 'bank')).toEqual([]);
});

it('the statement makes no table that is there', () => {
  const shown = "CREATE TABLE `t` (\n  `id` int NOT NULL COMMENT 'CREATE TABLE x'\n) ENGINE=InnoDB";
  expect(restatement(shown)).toBe(shown.replace('CREATE TABLE `t`', 'CREATE TABLE IF NOT EXISTS `t`'));
});
