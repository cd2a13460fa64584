-- PostgreSQL's system catalog for clients that look around: psql, Grafana, node-postgres, JDBC tools. Grain: one view per catalog relation. Inputs: base.sql, functions.sql.
CREATE OR REPLACE VIEW _wire.pg.pg_class AS
SELECT oid, name AS relname, schema_oid AS relnamespace, 0::BIGINT AS reltype, 0::BIGINT AS reloftype, 10::BIGINT AS relowner, CASE kind WHEN 'r' THEN 2 ELSE 0 END AS relam,
  oid AS relfilenode, 0::BIGINT AS reltablespace, 0 AS relpages, rows::FLOAT AS reltuples, 0 AS relallvisible, 0::BIGINT AS reltoastrelid, false AS relhasindex, false AS relisshared,
  'p' AS relpersistence, kind AS relkind, column_count::SMALLINT AS relnatts, 0::SMALLINT AS relchecks, false AS relhasrules, false AS relhastriggers, false AS relhassubclass,
  false AS relrowsecurity, false AS relforcerowsecurity, true AS relispopulated, 'd' AS relreplident, false AS relispartition, 0::BIGINT AS relrewrite, 0::BIGINT AS relfrozenxid,
  0::BIGINT AS relminmxid, NULL::VARCHAR[] AS relacl, NULL::VARCHAR[] AS reloptions, NULL::VARCHAR AS relpartbound, false AS relhasoids, NULL::BIGINT AS xmin
FROM _wire.pg.wire_relations;

CREATE OR REPLACE VIEW _wire.pg.pg_attribute AS
SELECT relation_oid AS attrelid, column_name AS attname, type_oid::BIGINT AS atttypid, -1 AS attstattarget, t.typlen::SMALLINT AS attlen, column_index::SMALLINT AS attnum, 0 AS attndims, -1 AS attcacheoff,
  modifier AS atttypmod, false AS attbyval, 'p' AS attstorage, 'i' AS attalign, NOT is_nullable AS attnotnull, column_default IS NOT NULL AS atthasdef, false AS atthasmissing, '' AS attidentity,
  '' AS attgenerated, false AS attisdropped, true AS attislocal, 0 AS attinhcount, 0::BIGINT AS attcollation, NULL::VARCHAR[] AS attacl, NULL::VARCHAR[] AS attoptions,
  NULL::VARCHAR[] AS attfdwoptions, '' AS attcompression, NULL::VARCHAR AS attmissingval
FROM _wire.pg.wire_columns JOIN _wire.pg.wire_types t ON t.oid = type_oid;

CREATE OR REPLACE VIEW _wire.pg.pg_attrdef AS
SELECT relation_oid * 1000 + column_index AS oid, relation_oid AS adrelid, column_index::SMALLINT AS adnum, column_default AS adbin, column_default AS adsrc
FROM _wire.pg.wire_columns WHERE column_default IS NOT NULL;

CREATE OR REPLACE VIEW _wire.pg.pg_type AS
SELECT oid::BIGINT AS oid, typname, 11::BIGINT AS typnamespace, 10::BIGINT AS typowner, typlen::SMALLINT AS typlen, typlen BETWEEN 1 AND 8 AS typbyval, 'b' AS typtype, typcategory,
  false AS typispreferred, true AS typisdefined, ',' AS typdelim, 0::BIGINT AS typrelid, typelem::BIGINT AS typelem, typarray::BIGINT AS typarray,
CASE WHEN typcategory = 'A' THEN 750 ELSE 0 END::BIGINT AS typinput, 0::BIGINT AS typoutput, CASE WHEN typcategory = 'A' THEN 2400 ELSE 0 END::BIGINT AS typreceive,
  0::BIGINT AS typsend, 0::BIGINT AS typmodin, 0::BIGINT AS typmodout, 0::BIGINT AS typanalyze, 'i' AS typalign, 'p' AS typstorage,
  false AS typnotnull, 0::BIGINT AS typbasetype, -1 AS typtypmod, 0 AS typndims, 0::BIGINT AS typcollation, NULL::VARCHAR AS typdefault, NULL::VARCHAR[] AS typacl, NULL::VARCHAR AS typdefaultbin
FROM _wire.pg.wire_types;

CREATE OR REPLACE VIEW _wire.pg.pg_database AS
SELECT 16384::BIGINT AS oid, _wire.pg.current_database() AS datname, 10::BIGINT AS datdba, 6 AS encoding, 'C' AS datcollate, 'C' AS datctype, false AS datistemplate, true AS datallowconn, -1 AS datconnlimit,
  0::BIGINT AS datlastsysoid, 0::BIGINT AS datfrozenxid, 0::BIGINT AS datminmxid, 1663::BIGINT AS dattablespace, NULL::VARCHAR[] AS datacl, NULL::VARCHAR AS daticulocale, 'c' AS datlocprovider;

CREATE OR REPLACE VIEW _wire.pg.pg_roles AS
SELECT 10::BIGINT AS oid, _wire.pg.current_user() AS rolname, false AS rolsuper, true AS rolinherit, false AS rolcreaterole, false AS rolcreatedb, true AS rolcanlogin, false AS rolreplication,
  false AS rolbypassrls, -1 AS rolconnlimit, '********' AS rolpassword, NULL::TIMESTAMPTZ AS rolvaliduntil, NULL::VARCHAR[] AS rolconfig;
CREATE OR REPLACE VIEW _wire.pg.pg_authid AS SELECT * FROM _wire.pg.pg_roles;
CREATE OR REPLACE VIEW _wire.pg.pg_user AS
SELECT rolname AS usename, oid AS usesysid, rolcreatedb AS usecreatedb, rolsuper AS usesuper, rolreplication AS userepl, rolbypassrls AS usebypassrls, rolpassword AS passwd, rolvaliduntil AS valuntil,
  rolconfig AS useconfig FROM _wire.pg.pg_roles;

CREATE OR REPLACE VIEW _wire.pg.pg_tables AS
SELECT schema_name AS schemaname, name AS tablename, _wire.pg.current_user() AS tableowner, NULL::VARCHAR AS tablespace, false AS hasindexes, false AS hasrules, false AS hastriggers, false AS rowsecurity
FROM _wire.pg.wire_relations WHERE kind = 'r';
CREATE OR REPLACE VIEW _wire.pg.pg_views AS
SELECT schema_name AS schemaname, name AS viewname, _wire.pg.current_user() AS viewowner, NULL::VARCHAR AS definition FROM _wire.pg.wire_relations WHERE kind = 'v';
CREATE OR REPLACE VIEW _wire.pg.pg_stat_user_tables AS
SELECT oid AS relid, schema_name AS schemaname, name AS relname, 0::BIGINT AS seq_scan, 0::BIGINT AS idx_scan, rows AS n_live_tup, 0::BIGINT AS n_dead_tup FROM _wire.pg.wire_relations WHERE kind = 'r';
CREATE OR REPLACE VIEW _wire.pg.pg_stat_all_tables AS SELECT * FROM _wire.pg.pg_stat_user_tables;

CREATE OR REPLACE VIEW _wire.pg.pg_settings AS
SELECT entry.key AS name, entry.value AS setting, NULL::VARCHAR AS unit, 'Session' AS category, '' AS short_desc, 'user' AS context, 'string' AS vartype, 'session' AS source,
  NULL::VARCHAR AS min_val, NULL::VARCHAR AS max_val, NULL::VARCHAR[] AS enumvals, NULL::VARCHAR AS boot_val, NULL::VARCHAR AS reset_val, false AS pending_restart
FROM (SELECT unnest(map_entries(getvariable('wire_settings'))) AS entry);

CREATE OR REPLACE VIEW _wire.pg.pg_am AS SELECT 2::BIGINT AS oid, 'heap' AS amname, '-' AS amhandler, 't' AS amtype;
CREATE OR REPLACE VIEW _wire.pg.pg_tablespace AS SELECT 1663::BIGINT AS oid, 'pg_default' AS spcname, 10::BIGINT AS spcowner, NULL::VARCHAR[] AS spcacl, NULL::VARCHAR[] AS spcoptions;
CREATE OR REPLACE VIEW _wire.pg.pg_collation AS SELECT 100::BIGINT AS oid, 'default' AS collname, 11::BIGINT AS collnamespace, 10::BIGINT AS collowner, 'd' AS collprovider, true AS collisdeterministic, -1 AS collencoding, 'C' AS collcollate, 'C' AS collctype;
CREATE OR REPLACE VIEW _wire.pg.pg_language AS SELECT 14::BIGINT AS oid, 'sql' AS lanname, 10::BIGINT AS lanowner, false AS lanispl, true AS lanpltrusted;
CREATE OR REPLACE VIEW _wire.pg.pg_timezone_names AS SELECT name, abbrev, utc_offset, is_dst FROM pg_timezone_names();
