-- Every database that a run may dump, as the bytes of its name: names may be in any encoding, and none of them may
-- make this fail. With client_encoding SQL_ASCII nothing is converted. Who belongs to the service is decided by
-- vigie.naming.is_context, the same for the backup and for its observation.
SELECT encode(textsend(datname::text), 'hex')
FROM pg_catalog.pg_database
WHERE NOT datistemplate
