// Spatial types: well-known binary (base64 in the envelope) and the SRID, as MySQL has them. SRID 0, the default,
// comes as null. The x and y that a POINT also carries say nothing new.

import { TEXT, type Converter } from './column-type.ts';

export const GEOMETRY_NAMES: ReadonlySet<string> = new Set([
  'GEOMETRY',
  'POINT',
  'LINESTRING',
  'POLYGON',
  'MULTIPOINT',
  'MULTILINESTRING',
  'MULTIPOLYGON',
  'GEOMETRYCOLLECTION',
  'GEOMCOLLECTION',
]);

export const geometry: Converter = () => ({
  logical: 'geometry',
  duckdbType: 'STRUCT(wkb BLOB, srid INTEGER)',
  jsonType: { wkb: TEXT, srid: TEXT },
  // 'no wkb' is no base64, so a structure without bytes raises.
  toSilver: (field) =>
    `CASE WHEN ${field} IS NOT NULL THEN struct_pack(wkb := from_base64(coalesce(${field}.wkb, 'no wkb')), srid := CAST(coalesce(${field}.srid, '0') AS INTEGER)) END`,
});
