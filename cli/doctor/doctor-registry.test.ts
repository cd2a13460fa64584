import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../infra/runtime/config.ts';
import { avroColumnFindings, registryChecks } from './doctor-registry.ts';

describe('the doctor on Avro', () => {
  it('names each column that cannot be carried', () => {
    const columns = [
      { table: 'accounts', column: 'balance', hidden: true },
      { table: 'accounts', column: 'größe', hidden: false },
      { table: 'notes', column: 'účet', hidden: false },
    ];
    expect(avroColumnFindings(columns).map(({ ok, found }) => [ok, found.split(':')[0]])).toEqual([
      [false, 'accounts.balance may be NULL and has a default'],
      [false, 'the name of notes.účet cannot be restored from Avro'],
    ]);
    expect(avroColumnFindings(columns.slice(1, 2))).toMatchObject([{ ok: true, found: '1 columns can be carried' }]);
  });

  it('says that the registry does not answer, and nothing when none is set', async () => {
    expect(await registryChecks(loadConfig({}))).toEqual([]);
    const down = await registryChecks(loadConfig({ LEDGERFLOW_REGISTRY_URL: 'http://127.0.0.1:1/apis/ccompat/v7' }));
    expect(down).toMatchObject([
      { name: 'schema registry', ok: false, change: expect.stringContaining('LEDGERFLOW_REGISTRY_URL') as string },
    ]);
  });
});
