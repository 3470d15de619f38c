-- The last canary and the last message of its own of each declared name, however old: two descents of an index per name.
-- Rows are compared as in canaries.sql.
SELECT
    wanted.name,
    extract(epoch FROM (
        SELECT receivedat FROM systemevents
        WHERE (fromhost, receivedat) > (wanted.name, '-infinity')
            AND (fromhost, receivedat) <= (wanted.name, to_timestamp(%(until)s) AT TIME ZONE 'UTC')
            AND syslogtag LIKE 'vigie-canary%%'
        ORDER BY fromhost DESC, receivedat DESC LIMIT 1
    ))::float8,
    extract(epoch FROM (
        SELECT receivedat FROM systemevents
        WHERE (fromhost, receivedat) > (wanted.name, '-infinity')
            AND (fromhost, receivedat) <= (wanted.name, to_timestamp(%(until)s) AT TIME ZONE 'UTC')
            AND (syslogtag LIKE 'vigie-canary%%') IS NOT TRUE
        ORDER BY fromhost DESC, receivedat DESC LIMIT 1
    ))::float8
FROM unnest(%(names)s::text[]) AS wanted (name)
