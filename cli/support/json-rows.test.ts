import { expect, it } from 'vitest';
import { jsonObject } from './json-rows.ts';

it('jsonObject keeps integers digit for digit and decimals as strings', () => {
  const columns = [
    { name: 'id', kind: 'integer' as const },
    { name: 'amount', kind: 'decimal' as const },
    { name: 'ok', kind: 'boolean' as const },
    { name: 'rate', kind: 'float' as const },
    { name: 'odd "name"', kind: 'text' as const },
    { name: 'none', kind: 'integer' as const },
  ];
  const text = jsonObject(columns, ['9223372036854775807', '100.5000', 't', 'NaN', 'a\nb', null]);
  expect(text).toBe('{"id":9223372036854775807,"amount":"100.5000","ok":true,"rate":"NaN","odd \\"name\\"":"a\\nb","none":null}');
});
