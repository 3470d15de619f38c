-- Every database as the bytes of its name, whether it may be entered, and whether its owner, or a role that logs in for
-- its owner, has a session in it: OpenERP owns its databases, and runs the scheduled actions of those that it has
-- loaded, no others. Who has a session where is shown to every role; what it does is not.
SELECT encode(textsend(datname::text), 'hex'), datallowconn, served.oid IS NOT NULL
FROM pg_catalog.pg_database AS known
LEFT JOIN (
    SELECT DISTINCT database.oid
    FROM pg_catalog.pg_stat_activity AS activity
    JOIN pg_catalog.pg_database AS database ON database.oid = activity.datid
    WHERE activity.usesysid = database.datdba
       OR EXISTS (
           SELECT FROM pg_catalog.pg_auth_members
           WHERE roleid = database.datdba AND member = activity.usesysid
       )
) AS served ON served.oid = known.oid
WHERE NOT datistemplate
