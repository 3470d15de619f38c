-- Every database that may be dumped. Names come as the hexadecimal of their bytes: pupils choose them, in any encoding,
-- and none may make this fail (`lower` and `left` do, on bytes that are not the server's encoding). Who belongs to the
-- service is decided by vigie.naming.is_context, the same for the backup and for its observation.
-- A size that this role may not ask is 0, as that of a database dropped meanwhile: it only serves to foresee the space.
SELECT encode(textsend(datname::text), 'hex') AS name,
       CASE WHEN has_database_privilege(oid, 'CONNECT') THEN coalesce(pg_database_size(oid), 0) ELSE 0 END AS size
  FROM pg_database
 WHERE NOT datistemplate
 ORDER BY datname
