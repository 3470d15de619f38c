-- What the role of the central rsyslog lacks to add a message, in words. It finds out itself and says nothing: no row takes a number,
-- so that refused.sql sees no hole. The columns are those of the template vigieStore.
WITH rsyslog AS (
    SELECT (SELECT oid FROM pg_roles WHERE rolname = 'vigie_rsyslog') AS oid
), events AS (
    SELECT oid, relnamespace AS namespace FROM pg_class WHERE oid = 'systemevents'::regclass
), wanted (name) AS (
    VALUES ('receivedat'), ('devicereportedtime'), ('facility'), ('priority'), ('fromhost'), ('message'), ('infounitid'),
        ('syslogtag'), ('importance'), ('eventid'), ('ntseverity'), ('counter'), ('eventlogtype'), ('eventsource'),
        ('eventuser'), ('genericfilename')
), present AS (
    SELECT attname::text AS name, attnum, attnotnull AND NOT atthasdef AND attidentity = '' AS needed
    FROM pg_attribute, events
    WHERE attrelid = events.oid AND attnum > 0 AND NOT attisdropped
), lacking (place, what) AS (
    SELECT 1, 'the role vigie_rsyslog' FROM rsyslog WHERE oid IS NULL
    UNION ALL
    SELECT 2, 'LOGIN' FROM pg_roles WHERE rolname = 'vigie_rsyslog' AND NOT rolcanlogin
    UNION ALL
    SELECT 3, 'CONNECT on the database' FROM rsyslog WHERE NOT has_database_privilege(oid, current_database(), 'CONNECT')
    UNION ALL
    SELECT 4, 'USAGE on the schema of systemevents'
    FROM rsyslog, events
    WHERE NOT has_schema_privilege(rsyslog.oid, events.namespace, 'USAGE')
    UNION ALL
    SELECT 5, 'INSERT on systemevents'
    FROM rsyslog, events
    WHERE NOT has_any_column_privilege(rsyslog.oid, events.oid, 'INSERT')
    UNION ALL
    SELECT 6, 'INSERT on the column ' || present.name
    FROM rsyslog, events, present
    JOIN wanted USING (name)
    WHERE has_any_column_privilege(rsyslog.oid, events.oid, 'INSERT')
        AND NOT has_column_privilege(rsyslog.oid, events.oid, present.attnum, 'INSERT')
    UNION ALL
    SELECT 7, 'USAGE on the sequence of systemevents.id'
    FROM rsyslog
    WHERE NOT has_sequence_privilege(oid, pg_get_serial_sequence('systemevents', 'id')::regclass::oid, 'USAGE, UPDATE')
    UNION ALL
    SELECT 8, 'the column ' || name FROM wanted WHERE name NOT IN (SELECT name FROM present)
    UNION ALL
    SELECT 9, 'a default of the column ' || name FROM present WHERE needed AND name NOT IN (SELECT name FROM wanted)
)
SELECT encode(textsend(what), 'hex') FROM lacking ORDER BY place, what
