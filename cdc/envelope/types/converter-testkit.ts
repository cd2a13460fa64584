// For tests only: what every converter must do with its cases, in a real DuckDB. The JSON values of the cases were captured from
// MySQL 9.7 with the connector's own configuration.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DuckDbBench, envelope, testTable } from '../../schema/duckdb-testkit.ts';
import type { ColumnSchema } from '../../schema/table-schema.ts';

export interface ConverterCase {
  readonly column: ColumnSchema;
  /** DuckDB type of the silver column. */
  readonly type: string;
  /** JSON in the envelope and the silver value as text. */
  readonly good: readonly (readonly [string, string | null])[];
  /** JSON that must raise. */
  readonly bad: readonly string[];
}

export function testConverters(cases: readonly ConverterCase[]): void {
  let bench: DuckDbBench;
  beforeAll(async () => {
    bench = await DuckDbBench.open();
  });
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
  });

  describe.each(cases.map((one) => [nameOf(one.column), one] as const))('%s', (_name, one) => {
    it.each(one.good)('%s becomes %s', async (json, silver) => {
      expect(await bench.convert(one.column, json)).toEqual({ text: silver, type: one.type });
    });

    it('keeps NULL', async () => {
      expect(await bench.convert(one.column, 'null')).toEqual({ text: null, type: one.type });
    });

    it.each(one.bad)('raises on %s and names the reason', async (json) => {
      await expect(bench.convert(one.column, json)).rejects.toThrow();
      const reason = await bench.reason(testTable([one.column]), Buffer.from(envelope({ x: json })));
      expect(reason).toMatch(/field x does not fit|not the expected fields/);
    });
  });
}

function nameOf({ typeName, length, scale }: ColumnSchema): string {
  return [typeName, length, scale].filter((part) => part !== null).join(' ');
}
