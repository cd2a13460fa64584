// Catalog relations that clients ask for and that are always empty here: no constraints, indexes, policies, publications, extensions.
// One text per relation: its columns, `name` for text, `name:type` otherwise.

export const EMPTY_RELATIONS: Readonly<Record<string, string>> = {
  'pg.pg_auth_members': 'roleid:BIGINT member:BIGINT grantor:BIGINT admin_option:BOOLEAN',
  'pg.pg_cast': 'oid:BIGINT castsource:BIGINT casttarget:BIGINT castfunc:BIGINT castcontext castmethod',
  'pg.pg_constraint':
    'oid:BIGINT conname connamespace:BIGINT contype condeferrable:BOOLEAN condeferred:BOOLEAN convalidated:BOOLEAN conrelid:BIGINT contypid:BIGINT conindid:BIGINT conparentid:BIGINT confrelid:BIGINT confupdtype confdeltype confmatchtype conislocal:BOOLEAN coninhcount:INTEGER connoinherit:BOOLEAN conkey:BIGINT[] confkey:BIGINT[] conexclop:BIGINT[] conbin consrc',
  'pg.pg_cursors': 'name statement is_holdable:BOOLEAN is_binary:BOOLEAN is_scrollable:BOOLEAN creation_time:TIMESTAMPTZ',
  'pg.pg_depend': 'classid:BIGINT objid:BIGINT objsubid:INTEGER refclassid:BIGINT refobjid:BIGINT refobjsubid:INTEGER deptype',
  'pg.pg_enum': 'oid:BIGINT enumtypid:BIGINT enumsortorder:FLOAT enumlabel',
  'pg.pg_event_trigger': 'oid:BIGINT evtname evtevent evtowner:BIGINT evtfoid:BIGINT evtenabled evttags:VARCHAR[]',
  'pg.pg_extension': 'oid:BIGINT extname extowner:BIGINT extnamespace:BIGINT extrelocatable:BOOLEAN extversion',
  'pg.pg_foreign_data_wrapper': 'oid:BIGINT fdwname fdwowner:BIGINT',
  'pg.pg_foreign_server': 'oid:BIGINT srvname srvowner:BIGINT srvfdw:BIGINT srvtype srvversion srvoptions:VARCHAR[]',
  'pg.pg_foreign_table': 'ftrelid:BIGINT ftserver:BIGINT ftoptions:VARCHAR[]',
  'pg.pg_index':
    'indexrelid:BIGINT indrelid:BIGINT indnatts:SMALLINT indnkeyatts:SMALLINT indisunique:BOOLEAN indisprimary:BOOLEAN indisexclusion:BOOLEAN indimmediate:BOOLEAN indisclustered:BOOLEAN indisvalid:BOOLEAN indisready:BOOLEAN indislive:BOOLEAN indisreplident:BOOLEAN indkey:BIGINT[] indcollation:BIGINT[] indclass:BIGINT[] indoption:BIGINT[] indexprs indpred',
  'pg.pg_indexes': 'schemaname tablename indexname tablespace indexdef',
  'pg.pg_inherits': 'inhrelid:BIGINT inhparent:BIGINT inhseqno:INTEGER inhdetachpending:BOOLEAN',
  'pg.pg_locks': 'locktype database:BIGINT relation:BIGINT pid:INTEGER mode granted:BOOLEAN',
  'pg.pg_matviews': 'schemaname matviewname matviewowner tablespace hasindexes:BOOLEAN ispopulated:BOOLEAN definition',
  'pg.pg_opclass':
    'oid:BIGINT opcmethod:BIGINT opcname opcnamespace:BIGINT opcowner:BIGINT opcfamily:BIGINT opcintype:BIGINT opcdefault:BOOLEAN opckeytype:BIGINT',
  'pg.pg_operator': 'oid:BIGINT oprname oprnamespace:BIGINT oprleft:BIGINT oprright:BIGINT oprresult:BIGINT',
  'pg.pg_partitioned_table': 'partrelid:BIGINT partstrat partnatts:SMALLINT partdefid:BIGINT partattrs:BIGINT[]',
  'pg.pg_policy': 'oid:BIGINT polname polrelid:BIGINT polcmd polpermissive:BOOLEAN polroles:BIGINT[] polqual polwithcheck',
  'pg.pg_prepared_statements': 'name statement prepare_time:TIMESTAMPTZ from_sql:BOOLEAN',
  'pg.pg_proc':
    'oid:BIGINT proname pronamespace:BIGINT proowner:BIGINT prolang:BIGINT prokind prosecdef:BOOLEAN proleakproof:BOOLEAN proisstrict:BOOLEAN proretset:BOOLEAN provolatile pronargs:SMALLINT pronargdefaults:SMALLINT prorettype:BIGINT proargtypes:BIGINT[] proallargtypes:BIGINT[] proargmodes:VARCHAR[] proargnames:VARCHAR[] prosrc proacl:VARCHAR[]',
  'pg.pg_publication':
    'oid:BIGINT pubname pubowner:BIGINT puballtables:BOOLEAN pubinsert:BOOLEAN pubupdate:BOOLEAN pubdelete:BOOLEAN pubtruncate:BOOLEAN pubviaroot:BOOLEAN',
  'pg.pg_publication_rel': 'oid:BIGINT prpubid:BIGINT prrelid:BIGINT prqual prattrs:BIGINT[]',
  'pg.pg_publication_namespace': 'oid:BIGINT pnpubid:BIGINT pnnspid:BIGINT',
  'pg.pg_publication_tables': 'pubname schemaname tablename',
  'pg.pg_range': 'rngtypid:BIGINT rngsubtype:BIGINT rngmultitypid:BIGINT rngcollation:BIGINT',
  'pg.pg_rewrite': 'oid:BIGINT rulename ev_class:BIGINT ev_type ev_enabled is_instead:BOOLEAN',
  'pg.pg_rules': 'schemaname tablename rulename definition',
  'pg.pg_sequence':
    'seqrelid:BIGINT seqtypid:BIGINT seqstart:BIGINT seqincrement:BIGINT seqmax:BIGINT seqmin:BIGINT seqcache:BIGINT seqcycle:BOOLEAN',
  'pg.pg_sequences':
    'schemaname sequencename sequenceowner data_type start_value:BIGINT min_value:BIGINT max_value:BIGINT increment_by:BIGINT cycle:BOOLEAN cache_size:BIGINT last_value:BIGINT',
  'pg.pg_shdescription': 'objoid:BIGINT classoid:BIGINT description',
  'pg.pg_stat_activity':
    'datid:BIGINT datname pid:INTEGER usename application_name client_addr state query backend_start:TIMESTAMPTZ query_start:TIMESTAMPTZ',
  'pg.pg_statio_user_tables': 'relid:BIGINT schemaname relname',
  'pg.pg_statistic_ext':
    'oid:BIGINT stxrelid:BIGINT stxname stxnamespace:BIGINT stxowner:BIGINT stxstattarget:INTEGER stxkeys:BIGINT[] stxkind:VARCHAR[]',
  'pg.pg_subscription': 'oid:BIGINT subdbid:BIGINT subname subowner:BIGINT subenabled:BOOLEAN',
  'pg.pg_trigger':
    'oid:BIGINT tgrelid:BIGINT tgparentid:BIGINT tgname tgfoid:BIGINT tgtype:SMALLINT tgenabled tgisinternal:BOOLEAN tgconstraint:BIGINT tgdeferrable:BOOLEAN',
  'pg.pg_user_mappings': 'umid:BIGINT srvid:BIGINT srvname umuser:BIGINT usename',
  'info.check_constraints': 'constraint_catalog constraint_schema constraint_name check_clause',
  'info.constraint_column_usage': 'table_catalog table_schema table_name column_name constraint_catalog constraint_schema constraint_name',
  'info.key_column_usage':
    'constraint_catalog constraint_schema constraint_name table_catalog table_schema table_name column_name ordinal_position:INTEGER position_in_unique_constraint:INTEGER',
  'info.parameters': 'specific_catalog specific_schema specific_name ordinal_position:INTEGER parameter_mode parameter_name data_type',
  'info.referential_constraints':
    'constraint_catalog constraint_schema constraint_name unique_constraint_catalog unique_constraint_schema unique_constraint_name match_option update_rule delete_rule',
  'info.routines':
    'specific_catalog specific_schema specific_name routine_catalog routine_schema routine_name routine_type data_type routine_definition external_language',
  'info.sequences': 'sequence_catalog sequence_schema sequence_name data_type',
  'info.table_constraints':
    'constraint_catalog constraint_schema constraint_name table_catalog table_schema table_name constraint_type is_deferrable initially_deferred enforced',
  'info.table_privileges': 'grantor grantee table_catalog table_schema table_name privilege_type is_grantable with_hierarchy',
  'info.role_table_grants': 'grantor grantee table_catalog table_schema table_name privilege_type is_grantable with_hierarchy',
  'info.triggers':
    'trigger_catalog trigger_schema trigger_name event_manipulation event_object_schema event_object_table action_statement action_timing',
};

/** The statements that create the empty relations in `database`. */
export function emptyRelationsDdl(database: string): string {
  return Object.entries(EMPTY_RELATIONS)
    .map(
      ([name, columns]) =>
        `CREATE OR REPLACE VIEW ${database}.${name} AS SELECT ${columns.split(' ').map(emptyColumn).join(', ')} WHERE false;`,
    )
    .join('\n');
}

function emptyColumn(column: string): string {
  const [name = '', type = 'VARCHAR'] = column.split(':');
  return `NULL::${type} AS "${name}"`;
}
