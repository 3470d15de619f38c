-- The last canary and the last message of its own of each declared name, however old: two descents of an index per name.
SELECT
    wanted.name,
    extract(epoch FROM (
        SELECT receivedat FROM systemevents
        WHERE fromhost = wanted.name AND syslogtag LIKE 'vigie-canary%%' AND receivedat IS NOT NULL
        ORDER BY receivedat DESC LIMIT 1
    ))::float8,
    extract(epoch FROM (
        SELECT receivedat FROM systemevents
        WHERE fromhost = wanted.name AND (syslogtag LIKE 'vigie-canary%%') IS NOT TRUE AND receivedat IS NOT NULL
        ORDER BY receivedat DESC LIMIT 1
    ))::float8
FROM unnest(%(names)s::text[]) AS wanted (name)
