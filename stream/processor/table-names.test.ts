import { describe, expect, it } from 'vitest';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import type { ControlAction } from '../../lake/store/batch.ts';
import { TableNames, tableOfEvent } from './table-names.ts';

const schema = (table: string): TableSchema => ({ database: 'bank', table, columns: [], keyColumns: [] });
const shaped = (table: string, previousTable?: string): ControlAction => ({
  ...{ kind: 'schema', table, seq: 1, ddl: '', schema: schema(table) },
  ...(previousTable === undefined ? {} : { previousTable }),
});

describe('the tables behind the topics', () => {
  it('have names that topics cannot have', () => {
    const names = new TableNames(['plain', 'sp ace', '列表']);
    expect(['plain', 'sp_ace', '__'].map((part) => names.of(part))).toEqual(['plain', 'sp ace', '列表']);
    expect(names.of('not_seen_yet')).toBe('not_seen_yet');
  });

  it('keep a topic for the first of two, and tell the other', () => {
    const names = new TableNames(['a b']);
    names.note(shaped('a-c'));
    names.note({ kind: 'hold', table: 'a_b', seq: 2, ddl: '', code: 'LF_COLUMN_UNSUPPORTED', schema: null, reason: 'no topic of its own' });
    expect(names.of('a_b')).toBe('a b');
    expect(names.sharing()).toEqual(['a_b']);
    expect(names.topicOwner('a_b')).toBe('a b');
    expect(names.carried).toEqual(['a b', 'a-c']);
    names.note({ kind: 'drop', table: 'a b', seq: 3, ddl: '' });
    expect(names.of('a_b')).toBe('a_b');
    expect(names.sharing()).toEqual([]);
  });

  it('follow a rename, while a staged commit keeps the names of its time', () => {
    const names = new TableNames(['o ld']);
    const before = names.lookup(() => 'o_ld');
    names.note(shaped('n ew', 'o ld'));
    expect(before(0)).toBe('o ld');
    expect([...names.tables]).toEqual(['n ew']);
  });

  it('leave out what a person leaves out', () => {
    const names = new TableNames([], [], ['scratch']);
    expect(['schema_migrations', 'scratch', 'accounts'].map((table) => names.excludes(table))).toEqual([true, true, false]);
  });
});

describe('the table of an event', () => {
  it('is what its source says, whatever its columns say', () => {
    const value = Buffer.from(
      `{"before":null,"after":{"t":"\\"source\\":{\\"table\\":\\"x\\""},"source":{"db":"bank","table":"a \\"b\\" 列","server_id":1},"op":"c"}`,
    );
    expect(tableOfEvent(value)).toBe('a "b" 列');
    expect(tableOfEvent(Buffer.from('{}'))).toBeNull();
  });
});
