-- The canaries of each declared name over the window, oldest first; one page of the index per name, then its canaries.
-- The text is checked here, so that what anybody wrote under that tag comes out as numbers and a UUID or not at all.
SELECT wanted.name, extract(epoch FROM canary.receivedat)::float8, canary.message
FROM unnest(%(names)s::text[]) AS wanted (name)
CROSS JOIN LATERAL (
    SELECT id, receivedat, message
    FROM systemevents
    WHERE fromhost = wanted.name
        AND syslogtag LIKE 'vigie-canary%%'
        AND receivedat > to_timestamp(%(since)s) AT TIME ZONE 'UTC'
    ORDER BY receivedat DESC
    LIMIT %(most)s
) AS canary
WHERE canary.message ~ '^ ?n=[0-9]{1,15} t=[0-9]{1,11}([.][0-9]{1,6})? id=[0-9a-f-]{36}$'
ORDER BY canary.receivedat, canary.id
