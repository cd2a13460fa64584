import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONFIG_FILE, loadConfig } from './config.ts';

describe('loadConfig', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'lf-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('fills in defaults and resolves the home folder', () => {
    const config = loadConfig({}, folder);
    expect(config.mysqlPort).toBe(3306);
    expect(config.home).toBe(path.join(folder, '.ledgerflow'));
    expect(config.mysqlUrl).toBeUndefined();
  });

  it('prefers the environment to the file, and the file to the default', () => {
    writeFileSync(path.join(folder, CONFIG_FILE), JSON.stringify({ mysqlPort: 4000, kafkaPort: 4001 }));
    const config = loadConfig({ LEDGERFLOW_MYSQL_PORT: '5000' }, folder);
    expect([config.mysqlPort, config.kafkaPort]).toEqual([5000, 4001]);
  });

  it('treats an empty value as not set', () => {
    expect(loadConfig({ LEDGERFLOW_MYSQL_PORT: '' }, folder).mysqlPort).toBe(3306);
  });

  it('names a wrong setting and its value in one line', () => {
    expect(() => loadConfig({ LEDGERFLOW_MYSQL_PORT: '99999' }, folder)).toThrow(/LEDGERFLOW_MYSQL_PORT is "99999"/);
  });

  it('refuses unknown names in the environment and in the file', () => {
    expect(() => loadConfig({ LEDGERFLOW_MYSQL_PROT: '1' }, folder)).toThrow(/unknown setting LEDGERFLOW_MYSQL_PROT/);
    writeFileSync(path.join(folder, CONFIG_FILE), '{"mysqlProt": 1}');
    expect(() => loadConfig({}, folder)).toThrow(/unknown setting "mysqlProt"/);
  });

  it('refuses avro without a registry', () => {
    expect(() => loadConfig({ LEDGERFLOW_FORMAT: 'avro' }, folder)).toThrow('it needs LEDGERFLOW_REGISTRY_URL');
    const config = loadConfig({ LEDGERFLOW_FORMAT: 'avro', LEDGERFLOW_REGISTRY_URL: 'http://registry:8080/apis/ccompat/v7' }, folder);
    expect(config.format).toBe('avro');
  });

  it('does not show a secret that is wrong', () => {
    expect(() => loadConfig({ LEDGERFLOW_MYSQL_URL: 'http://bank:hunter2@host' }, folder)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });

  it('says when the file is not JSON', () => {
    writeFileSync(path.join(folder, CONFIG_FILE), '{nope');
    expect(() => loadConfig({}, folder)).toThrow(/ledgerflow\.config\.json is not JSON/);
  });
});
