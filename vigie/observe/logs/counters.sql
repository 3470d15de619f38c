-- Snare's counter of each Windows name over the window, in the order of arrival.
SELECT wanted.name, counted.counter
FROM unnest(%(names)s::text[]) AS wanted (name)
CROSS JOIN LATERAL (
    SELECT id, receivedat, counter
    FROM systemevents
    WHERE fromhost = wanted.name
        AND (syslogtag LIKE 'vigie-canary%%') IS NOT TRUE
        AND receivedat > to_timestamp(%(since)s) AT TIME ZONE 'UTC'
    ORDER BY receivedat DESC
    LIMIT %(most)s
) AS counted
WHERE counted.counter IS NOT NULL
ORDER BY counted.receivedat, counted.id
