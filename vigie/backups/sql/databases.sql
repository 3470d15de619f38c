-- The databases of the service. Names come as the hexadecimal of their bytes: pupils choose them, in any encoding.
-- A size that this role may not ask is 0: the run only uses it to foresee the space it needs.
SELECT encode(textsend(datname::text), 'hex') AS name,
       CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_database_size(oid) ELSE 0 END AS size
  FROM pg_database
 WHERE lower(left(datname::text, length(%(prefix)s))) = lower(%(prefix)s)
   AND NOT datistemplate
 ORDER BY datname
