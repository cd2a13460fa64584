// VECTOR as an array of single-precision numbers.

import type { Converter } from './column-type.ts';

export const vector: Converter = () => ({
  logical: 'vector',
  duckdbType: 'FLOAT[]',
  jsonType: ['FLOAT'],
  // A lenient reader turns what is no number into NULL elements: they raise here.
  toSilver: (field) =>
    `CASE WHEN list_count(${field}) = len(${field}) THEN ${field} WHEN ${field} IS NOT NULL THEN [CAST('vector with elements that are no numbers: ' || CAST(${field} AS VARCHAR) AS FLOAT)] END`,
});
