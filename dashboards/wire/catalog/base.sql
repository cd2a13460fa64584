-- What the catalog is made from: the working store's relations and columns with PostgreSQL's type numbers. Schemas that begin with "_" are internal and never shown. '{store}' stands for the name of the store's database.
-- Inputs: duckdb_schemas(), duckdb_tables(), duckdb_views(), duckdb_columns().
CREATE OR REPLACE VIEW _wire.pg.wire_types AS
SELECT * FROM (VALUES
  (16, 'bool', 1, 'B', 0, 1000, 'boolean'), (17, 'bytea', -1, 'U', 0, 1001, 'bytea'), (18, 'char', 1, 'S', 0, 1002, '"char"'), (19, 'name', 64, 'S', 18, 1003, 'name'),
  (20, 'int8', 8, 'N', 0, 1016, 'bigint'), (21, 'int2', 2, 'N', 0, 1005, 'smallint'), (23, 'int4', 4, 'N', 0, 1007, 'integer'), (25, 'text', -1, 'S', 0, 1009, 'text'),
  (26, 'oid', 4, 'N', 0, 1028, 'oid'), (114, 'json', -1, 'U', 0, 199, 'json'), (700, 'float4', 4, 'N', 0, 1021, 'real'), (701, 'float8', 8, 'N', 0, 1022, 'double precision'),
  (1042, 'bpchar', -1, 'S', 0, 1014, 'character'), (1043, 'varchar', -1, 'S', 0, 1015, 'character varying'), (1082, 'date', 4, 'D', 0, 1182, 'date'),
  (1083, 'time', 8, 'D', 0, 1183, 'time without time zone'), (1114, 'timestamp', 8, 'D', 0, 1115, 'timestamp without time zone'),
  (1184, 'timestamptz', 8, 'D', 0, 1185, 'timestamp with time zone'), (1186, 'interval', 16, 'T', 0, 1187, 'interval'), (1266, 'timetz', 12, 'D', 0, 1270, 'time with time zone'),
  (1562, 'varbit', -1, 'V', 0, 1563, 'bit varying'), (1700, 'numeric', -1, 'N', 0, 1231, 'numeric'), (2950, 'uuid', 16, 'U', 0, 2951, 'uuid'), (3802, 'jsonb', -1, 'U', 0, 3807, 'jsonb'),
  (1000, '_bool', -1, 'A', 16, 0, 'boolean[]'), (1005, '_int2', -1, 'A', 21, 0, 'smallint[]'), (1007, '_int4', -1, 'A', 23, 0, 'integer[]'), (1016, '_int8', -1, 'A', 20, 0, 'bigint[]'),
  (1009, '_text', -1, 'A', 25, 0, 'text[]'), (1015, '_varchar', -1, 'A', 1043, 0, 'character varying[]'), (1021, '_float4', -1, 'A', 700, 0, 'real[]'),
  (1022, '_float8', -1, 'A', 701, 0, 'double precision[]'), (1231, '_numeric', -1, 'A', 1700, 0, 'numeric[]'), (2951, '_uuid', -1, 'A', 2950, 0, 'uuid[]')
) AS t(oid, typname, typlen, typcategory, typelem, typarray, formatted);

CREATE OR REPLACE MACRO _wire.pg.type_oid_of(data_type) AS CASE
  WHEN data_type LIKE '%]' OR data_type LIKE 'STRUCT(%' OR data_type LIKE 'MAP(%' OR data_type LIKE 'UNION(%' OR data_type = 'JSON' THEN 114
  WHEN data_type LIKE 'DECIMAL(%' OR data_type IN ('HUGEINT', 'UHUGEINT', 'UBIGINT', 'BIGNUM') THEN 1700
  WHEN data_type IN ('BIGINT', 'UINTEGER') THEN 20 WHEN data_type IN ('INTEGER', 'USMALLINT') THEN 23 WHEN data_type IN ('SMALLINT', 'TINYINT', 'UTINYINT') THEN 21
  WHEN data_type = 'BOOLEAN' THEN 16 WHEN data_type = 'DOUBLE' THEN 701 WHEN data_type = 'FLOAT' THEN 700 WHEN data_type = 'DATE' THEN 1082
  WHEN data_type IN ('TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ') THEN 1184 WHEN data_type LIKE 'TIMESTAMP%' THEN 1114
  WHEN data_type IN ('TIME WITH TIME ZONE', 'TIMETZ') THEN 1266 WHEN data_type LIKE 'TIME%' THEN 1083 WHEN data_type = 'INTERVAL' THEN 1186
  WHEN data_type = 'BLOB' THEN 17 WHEN data_type = 'BIT' THEN 1562 WHEN data_type = 'UUID' THEN 2950 ELSE 25 END;

CREATE OR REPLACE VIEW _wire.pg.pg_namespace AS
SELECT oid, schema_name AS nspname, 10::BIGINT AS nspowner, NULL::VARCHAR[] AS nspacl, NULL::BIGINT AS xmin
FROM duckdb_schemas() WHERE database_name = '{store}' AND NOT internal AND schema_name NOT LIKE '\_%' ESCAPE '\'
UNION ALL VALUES (11, 'pg_catalog', 10, NULL, NULL), (13000, 'information_schema', 10, NULL, NULL);

CREATE OR REPLACE VIEW _wire.pg.wire_relations AS
SELECT table_oid AS oid, schema_oid, schema_name, table_name AS name, 'r' AS kind, estimated_size AS rows, column_count, comment
FROM duckdb_tables() WHERE database_name = '{store}' AND NOT internal AND NOT temporary AND schema_name NOT LIKE '\_%' ESCAPE '\'
UNION ALL
SELECT view_oid, schema_oid, schema_name, view_name, 'v', 0, column_count, comment
FROM duckdb_views() WHERE database_name = '{store}' AND NOT internal AND NOT temporary AND schema_name NOT LIKE '\_%' ESCAPE '\';

CREATE OR REPLACE VIEW _wire.pg.wire_columns AS
SELECT r.oid AS relation_oid, r.schema_name, r.name AS relation_name, r.kind, c.column_name, c.column_index, c.data_type, c.is_nullable, c.column_default, c.comment,
  _wire.pg.type_oid_of(c.data_type) AS type_oid,
  CASE WHEN c.data_type LIKE 'DECIMAL(%' THEN ((c.numeric_precision::INTEGER << 16) | c.numeric_scale::INTEGER) + 4 ELSE -1 END AS modifier, c.numeric_precision, c.numeric_scale
FROM duckdb_columns() c JOIN _wire.pg.wire_relations r ON r.oid = c.table_oid AND r.schema_name = c.schema_name AND r.name = c.table_name
WHERE c.database_name = '{store}';

CREATE OR REPLACE VIEW _wire.pg.pg_description AS
SELECT oid AS objoid, 1259::BIGINT AS classoid, 0 AS objsubid, comment AS description FROM _wire.pg.wire_relations WHERE comment IS NOT NULL
UNION ALL SELECT relation_oid, 1259, column_index, comment FROM _wire.pg.wire_columns WHERE comment IS NOT NULL;

