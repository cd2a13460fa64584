-- The SQL standard's information_schema over the working store. Grain: as the standard says. Internal schemas are left out.
CREATE OR REPLACE VIEW _wire.info.schemata AS
SELECT _wire.pg.current_database() AS catalog_name, nspname AS schema_name, _wire.pg.current_user() AS schema_owner, NULL::VARCHAR AS default_character_set_catalog,
  NULL::VARCHAR AS default_character_set_schema, NULL::VARCHAR AS default_character_set_name, NULL::VARCHAR AS sql_path FROM _wire.pg.pg_namespace;

CREATE OR REPLACE VIEW _wire.info.tables AS
SELECT _wire.pg.current_database() AS table_catalog, schema_name AS table_schema, name AS table_name, CASE kind WHEN 'v' THEN 'VIEW' ELSE 'BASE TABLE' END AS table_type,
  NULL::VARCHAR AS self_referencing_column_name, NULL::VARCHAR AS reference_generation, NULL::VARCHAR AS user_defined_type_catalog, NULL::VARCHAR AS user_defined_type_schema,
  NULL::VARCHAR AS user_defined_type_name, 'NO' AS is_insertable_into, 'NO' AS is_typed, NULL::VARCHAR AS commit_action, comment AS table_comment FROM _wire.pg.wire_relations;

CREATE OR REPLACE VIEW _wire.info.views AS
SELECT _wire.pg.current_database() AS table_catalog, schema_name AS table_schema, name AS table_name, NULL::VARCHAR AS view_definition, 'NONE' AS check_option, 'NO' AS is_updatable,
  'NO' AS is_insertable_into, 'NO' AS is_trigger_updatable, 'NO' AS is_trigger_deletable, 'NO' AS is_trigger_insertable_into FROM _wire.pg.wire_relations WHERE kind = 'v';

CREATE OR REPLACE VIEW _wire.info.columns AS
SELECT _wire.pg.current_database() AS table_catalog, schema_name AS table_schema, relation_name AS table_name, column_name, column_index AS ordinal_position, column_default,
  CASE WHEN is_nullable THEN 'YES' ELSE 'NO' END AS is_nullable, t.formatted AS data_type, NULL::INTEGER AS character_maximum_length, NULL::INTEGER AS character_octet_length,
  CASE type_oid WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN 24 WHEN 701 THEN 53 WHEN 1700 THEN numeric_precision END::INTEGER AS numeric_precision,
  CASE WHEN type_oid IN (21, 23, 20, 700, 701) THEN 2 WHEN type_oid = 1700 THEN 10 END AS numeric_precision_radix,
  CASE WHEN type_oid IN (21, 23, 20) THEN 0 WHEN type_oid = 1700 THEN numeric_scale END::INTEGER AS numeric_scale,
  CASE WHEN type_oid = 1082 THEN 0 WHEN typcategory IN ('D', 'T') THEN 6 END AS datetime_precision, NULL::VARCHAR AS interval_type, NULL::INTEGER AS interval_precision,
  NULL::VARCHAR AS character_set_catalog, NULL::VARCHAR AS character_set_schema, NULL::VARCHAR AS character_set_name, NULL::VARCHAR AS collation_catalog, NULL::VARCHAR AS collation_schema,
  NULL::VARCHAR AS collation_name, NULL::VARCHAR AS domain_catalog, NULL::VARCHAR AS domain_schema, NULL::VARCHAR AS domain_name, _wire.pg.current_database() AS udt_catalog,
  'pg_catalog' AS udt_schema, typname AS udt_name, NULL::VARCHAR AS scope_catalog, NULL::VARCHAR AS scope_schema, NULL::VARCHAR AS scope_name, NULL::INTEGER AS maximum_cardinality,
  column_index::VARCHAR AS dtd_identifier, 'NO' AS is_self_referencing, 'NO' AS is_identity, NULL::VARCHAR AS identity_generation, NULL::VARCHAR AS identity_start, NULL::VARCHAR AS identity_increment,
  NULL::VARCHAR AS identity_maximum, NULL::VARCHAR AS identity_minimum, 'NO' AS identity_cycle, 'NEVER' AS is_generated, NULL::VARCHAR AS generation_expression, 'NO' AS is_updatable,
  c.comment AS column_comment
FROM _wire.pg.wire_columns c JOIN _wire.pg.wire_types t ON t.oid = c.type_oid ORDER BY c.schema_name, c.relation_name, c.column_index;
