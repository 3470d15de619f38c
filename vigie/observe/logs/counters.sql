-- Snare's counter of each Windows name over the window, in the order of arrival. Rows are compared as in canaries.sql.
SELECT wanted.name, counted.counter
FROM unnest(%(names)s::text[]) AS wanted (name)
CROSS JOIN LATERAL (
    SELECT id, receivedat, counter
    FROM systemevents
    WHERE (fromhost, receivedat) > (wanted.name, to_timestamp(%(since)s) AT TIME ZONE 'UTC')
        AND (fromhost, receivedat) < (wanted.name, 'infinity')
        AND (syslogtag LIKE 'vigie-canary%%') IS NOT TRUE
    ORDER BY fromhost DESC, receivedat DESC
    LIMIT %(most)s
) AS counted
WHERE counted.counter IS NOT NULL
ORDER BY counted.receivedat, counted.id
