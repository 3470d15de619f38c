-- The canaries of each declared name over the window, oldest first; one page of the index per name, then its canaries.
-- Anybody may write under that tag, in any encoding: the text comes as hexadecimal digits, and what is too long not at all.
SELECT wanted.name, extract(epoch FROM canary.receivedat)::float8, encode(textsend(canary.message), 'hex')
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
WHERE length(canary.message) <= 100
ORDER BY canary.receivedat, canary.id
