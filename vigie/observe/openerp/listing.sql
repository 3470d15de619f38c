-- Every database as the bytes of its name, whether it may be entered, and whether its owner has a session in it: OpenERP
-- owns its databases, and runs the scheduled actions of those that it has loaded, no others. Who has a session where is
-- shown to every role; what it does is not.
SELECT encode(textsend(datname::text), 'hex'), datallowconn, served.datid IS NOT NULL
FROM pg_catalog.pg_database AS known
LEFT JOIN (SELECT DISTINCT datid, usesysid FROM pg_catalog.pg_stat_activity) AS served
    ON served.datid = known.oid AND served.usesysid = known.datdba
WHERE NOT datistemplate
