-- PostgreSQL's functions that catalog queries call and DuckDB lacks or answers differently. A macro here takes the place of DuckDB's function of that name.
-- The session's own settings reach current_setting() through the DuckDB variable wire_settings.
CREATE OR REPLACE MACRO _wire.pg.setting_of(subject) AS getvariable('wire_settings')[lower(subject)];
CREATE OR REPLACE MACRO _wire.pg.current_setting(subject) AS _wire.pg.setting_of(subject), (subject, missing_ok) AS _wire.pg.setting_of(subject);
CREATE OR REPLACE MACRO _wire.pg.set_config(subject, new_value, is_local) AS new_value;
CREATE OR REPLACE MACRO _wire.pg.current_database() AS _wire.pg.setting_of('wire.database');
CREATE OR REPLACE MACRO _wire.pg.current_catalog() AS _wire.pg.setting_of('wire.database');
CREATE OR REPLACE MACRO _wire.pg.current_user() AS _wire.pg.setting_of('session_authorization');
CREATE OR REPLACE MACRO _wire.pg.session_user() AS _wire.pg.setting_of('session_authorization');
CREATE OR REPLACE MACRO _wire.pg.current_role() AS _wire.pg.setting_of('session_authorization');
CREATE OR REPLACE MACRO _wire.pg.user() AS _wire.pg.setting_of('session_authorization');
CREATE OR REPLACE MACRO _wire.pg.version() AS 'PostgreSQL ' || _wire.pg.setting_of('server_version') || ' (LedgerFlow on DuckDB ' || system.main.version() || ')';
CREATE OR REPLACE MACRO _wire.pg.search_path_schemas() AS list_transform(string_split(_wire.pg.setting_of('search_path'), ','), lambda s: trim(trim(s), '"'));
CREATE OR REPLACE MACRO _wire.pg.current_schema() AS list_extract(_wire.pg.search_path_schemas(), 1);
CREATE OR REPLACE MACRO _wire.pg.current_schemas(implicit) AS CASE WHEN implicit THEN list_concat(['pg_catalog'], _wire.pg.search_path_schemas()) ELSE _wire.pg.search_path_schemas() END;
CREATE OR REPLACE MACRO _wire.pg.pg_backend_pid() AS 0;
CREATE OR REPLACE MACRO _wire.pg.pg_is_in_recovery() AS false;
CREATE OR REPLACE MACRO _wire.pg.pg_encoding_to_char(encoding) AS 'UTF8';
CREATE OR REPLACE MACRO _wire.pg.pg_char_to_encoding(subject) AS 6;
CREATE OR REPLACE MACRO _wire.pg.getdatabaseencoding() AS 'UTF8';
CREATE OR REPLACE MACRO _wire.pg.pg_get_userbyid(id) AS _wire.pg.current_user();
CREATE OR REPLACE MACRO _wire.pg.pg_table_is_visible(id) AS (SELECT coalesce(bool_or(list_contains(_wire.pg.search_path_schemas(), r.schema_name)), false) FROM _wire.pg.wire_relations r WHERE r.oid = id);
CREATE OR REPLACE MACRO _wire.pg.pg_get_viewdef(id) AS NULL::VARCHAR, (id, pretty) AS NULL::VARCHAR;
CREATE OR REPLACE MACRO _wire.pg.pg_get_constraintdef(id) AS NULL::VARCHAR, (id, pretty) AS NULL::VARCHAR;
CREATE OR REPLACE MACRO _wire.pg.pg_get_indexdef(id) AS NULL::VARCHAR, (id, col, pretty) AS NULL::VARCHAR;
CREATE OR REPLACE MACRO _wire.pg.pg_get_triggerdef(id) AS NULL::VARCHAR, (id, pretty) AS NULL::VARCHAR;
CREATE OR REPLACE MACRO _wire.pg.pg_get_ruledef(id) AS NULL::VARCHAR, (id, pretty) AS NULL::VARCHAR;
CREATE OR REPLACE MACRO _wire.pg.pg_get_function_result(id) AS NULL::VARCHAR;
CREATE OR REPLACE MACRO _wire.pg.pg_get_function_arguments(id) AS NULL::VARCHAR;
CREATE OR REPLACE MACRO _wire.pg.pg_get_function_identity_arguments(id) AS NULL::VARCHAR;
CREATE OR REPLACE MACRO _wire.pg.pg_get_functiondef(id) AS NULL::VARCHAR;
CREATE OR REPLACE MACRO _wire.pg.pg_get_partkeydef(id) AS NULL::VARCHAR;
CREATE OR REPLACE MACRO _wire.pg.pg_get_serial_sequence(relation, col) AS NULL::VARCHAR;
CREATE OR REPLACE MACRO _wire.pg.pg_get_statisticsobjdef_columns(id) AS NULL::VARCHAR;
CREATE OR REPLACE MACRO _wire.pg.pg_get_expr(expr, relation) AS expr::VARCHAR, (expr, relation, pretty) AS expr::VARCHAR;
CREATE OR REPLACE MACRO _wire.pg.pg_relation_is_publishable(id) AS false;
CREATE OR REPLACE MACRO _wire.pg.pg_statistics_obj_is_visible(id) AS false;
CREATE OR REPLACE MACRO _wire.pg.pg_table_size(id) AS 0::BIGINT;
CREATE OR REPLACE MACRO _wire.pg.pg_relation_size(id) AS 0::BIGINT, (id, fork) AS 0::BIGINT;
CREATE OR REPLACE MACRO _wire.pg.pg_total_relation_size(id) AS 0::BIGINT;
CREATE OR REPLACE MACRO _wire.pg.pg_indexes_size(id) AS 0::BIGINT;
CREATE OR REPLACE MACRO _wire.pg.pg_database_size(subject) AS 0::BIGINT;
CREATE OR REPLACE MACRO _wire.pg.pg_tablespace_location(id) AS '';
CREATE OR REPLACE MACRO _wire.pg.pg_postmaster_start_time() AS now();
CREATE OR REPLACE MACRO _wire.pg.pg_stat_get_numscans(id) AS 0::BIGINT;
CREATE OR REPLACE MACRO _wire.pg.obj_description(id) AS (SELECT max(d.description) FROM _wire.pg.pg_description d WHERE d.objoid = id AND d.objsubid = 0),
  (id, kind) AS (SELECT max(d.description) FROM _wire.pg.pg_description d WHERE d.objoid = id AND d.objsubid = 0 AND kind = 'pg_class');
CREATE OR REPLACE MACRO _wire.pg.col_description(id, number) AS (SELECT max(d.description) FROM _wire.pg.pg_description d WHERE d.objoid = id AND d.objsubid = number);
CREATE OR REPLACE MACRO _wire.pg.shobj_description(id, kind) AS NULL::VARCHAR;
CREATE OR REPLACE MACRO _wire.pg.format_type(id, modifier) AS (SELECT max(CASE WHEN t.oid = 1700 AND modifier > 4
    THEN 'numeric(' || ((modifier::INTEGER - 4) >> 16) || ',' || ((modifier::INTEGER - 4) & 65535) || ')' ELSE t.formatted END) FROM _wire.pg.wire_types t WHERE t.oid = id);
CREATE OR REPLACE MACRO _wire.pg.has_schema_privilege(a, b) AS lower(b) = 'usage', (a, b, c) AS lower(c) = 'usage';
CREATE OR REPLACE MACRO _wire.pg.has_table_privilege(a, b) AS lower(b) LIKE '%select%', (a, b, c) AS lower(c) LIKE '%select%';
CREATE OR REPLACE MACRO _wire.pg.has_column_privilege(a, b, c) AS lower(c) LIKE '%select%', (a, b, c, d) AS lower(d) LIKE '%select%';
CREATE OR REPLACE MACRO _wire.pg.has_any_column_privilege(a, b) AS lower(b) LIKE '%select%', (a, b, c) AS lower(c) LIKE '%select%';
CREATE OR REPLACE MACRO _wire.pg.has_database_privilege(a, b) AS lower(b) = 'connect', (a, b, c) AS lower(c) = 'connect';
CREATE OR REPLACE MACRO _wire.pg.quote_literal(x) AS '''' || replace(x::VARCHAR, '''', '''''') || '''';
CREATE OR REPLACE MACRO _wire.pg.quote_ident(x) AS CASE
  WHEN regexp_full_match(x, '[a-z_][a-z0-9_$]*') AND x NOT IN (SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved') THEN x
  ELSE '"' || replace(x, '"', '""') || '"' END;
CREATE OR REPLACE MACRO _wire.pg.array_lower(list, dimension) AS CASE WHEN len(list) > 0 THEN 1 END;
CREATE OR REPLACE MACRO _wire.pg.array_upper(list, dimension) AS CASE WHEN len(list) > 0 THEN len(list) END;
CREATE OR REPLACE MACRO _wire.pg.array_ndims(list) AS CASE WHEN len(list) > 0 THEN 1 END;
CREATE OR REPLACE MACRO _wire.pg.array_to_string(list, separator) AS array_to_string(list::VARCHAR[], separator);
CREATE OR REPLACE MACRO _wire.pg.date_bin(stride, source, origin) AS time_bucket(stride, source, origin);
-- to_char for times only: PostgreSQL's patterns become strftime's.
CREATE OR REPLACE MACRO _wire.pg.to_char(moment, pattern) AS strftime(moment, replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
  replace(replace(pattern, 'HH24', '%H'), 'HH12', '%I'), 'MI', '%M'), 'YYYY', '%Y'), 'YY', '%y'), 'Month', '%B'), 'Mon', '%b'), 'MM', '%m'), 'DDD', '%j'), 'DD', '%d'), 'Day', '%A'), 'Dy', '%a'),
  'SS', '%S'), 'MS', '%g'), 'US', '%f'), 'IW', '%V'));
-- The pseudo types: a constant names an object and becomes its id, an id becomes its name (judge.ts chooses).
CREATE OR REPLACE MACRO _wire.pg.to_regclass(subject) AS coalesce(
  try_cast(subject AS BIGINT),
  (SELECT min(r.oid) FROM _wire.pg.wire_relations r
    WHERE lower(replace(subject, '"', '')) IN (lower(r.schema_name || '.' || r.name), lower(r.name)) AND (contains(subject, '.') OR list_contains(_wire.pg.search_path_schemas(), r.schema_name))),
  CASE replace(lower(subject), 'pg_catalog.', '') WHEN 'pg_class' THEN 1259 WHEN 'pg_type' THEN 1247 WHEN 'pg_namespace' THEN 2615 WHEN 'pg_proc' THEN 1255 WHEN 'pg_constraint' THEN 2606
    WHEN 'pg_database' THEN 1262 WHEN 'pg_extension' THEN 3079 WHEN 'pg_attrdef' THEN 2604 WHEN 'pg_trigger' THEN 2620 WHEN 'pg_authid' THEN 1260 END);
CREATE OR REPLACE MACRO _wire.pg.to_regtype(subject) AS coalesce(try_cast(subject AS BIGINT), (SELECT min(t.oid) FROM _wire.pg.wire_types t WHERE lower(replace(subject, 'pg_catalog.', '')) IN (t.typname, t.formatted)));
CREATE OR REPLACE MACRO _wire.pg.to_regnamespace(subject) AS coalesce(try_cast(subject AS BIGINT), (SELECT min(n.oid) FROM _wire.pg.pg_namespace n WHERE n.nspname = replace(subject, '"', '')));
CREATE OR REPLACE MACRO _wire.pg.to_regproc(subject) AS CASE replace(lower(subject), 'pg_catalog.', '') WHEN 'array_in' THEN 750 WHEN 'array_recv' THEN 2400 ELSE 0 END::BIGINT;
-- JDBC asks for key columns by it: every element with its place.
CREATE OR REPLACE MACRO _wire.pg._pg_expandarray(list) AS unnest(list_transform(list, lambda x, n: {'x': x, 'n': n}));
CREATE OR REPLACE MACRO _wire.pg.to_regrole(subject) AS 10::BIGINT;
CREATE OR REPLACE MACRO _wire.pg.regclass_name(id) AS coalesce((SELECT min(CASE WHEN list_contains(_wire.pg.search_path_schemas(), r.schema_name) THEN r.name ELSE r.schema_name || '.' || r.name END)
  FROM _wire.pg.wire_relations r WHERE r.oid = id), id::VARCHAR);
CREATE OR REPLACE MACRO _wire.pg.regtype_name(id) AS _wire.pg.format_type(id, NULL);
CREATE OR REPLACE MACRO _wire.pg.regnamespace_name(id) AS (SELECT min(n.nspname) FROM _wire.pg.pg_namespace n WHERE n.oid = id);
CREATE OR REPLACE MACRO _wire.pg.regproc_name(id) AS CASE id WHEN 750 THEN 'array_in' WHEN 2400 THEN 'array_recv' ELSE '-' END;
CREATE OR REPLACE MACRO _wire.pg.regrole_name(id) AS _wire.pg.current_user();
CREATE OR REPLACE MACRO _wire.pg.parse_ident(text) AS list_transform(regexp_extract_all(text, '"(?:[^"]|"")*"|[^."]+'), lambda part: CASE WHEN part LIKE '"%' THEN replace(part[2:-2], '""', '"') ELSE lower(part) END);
