-- The columns that the observation reads, those that are here: their table's owner, and whether the role may read them.
-- Tables alone: a view could run what its owner wrote. A later release lacks some of the columns.
SELECT class.relname, attribute.attname, pg_get_userbyid(class.relowner),
       has_column_privilege(%(role)s, class.oid, attribute.attnum, 'SELECT')
FROM pg_catalog.pg_class AS class
JOIN pg_catalog.pg_attribute AS attribute ON attribute.attrelid = class.oid
WHERE class.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'public')
  AND class.relkind = 'r'
  AND NOT attribute.attisdropped
  AND (class.relname, attribute.attname) IN (
    VALUES ('ir_module_module'::name, 'name'::name), ('ir_module_module', 'state'), ('ir_module_module', 'latest_version'),
           ('ir_model_data', 'module'), ('ir_model_data', 'model'), ('ir_model_data', 'name'),
           ('ir_model_data', 'date_update'),
           ('ir_cron', 'active'), ('ir_cron', 'numbercall'), ('ir_cron', 'nextcall')
  )
