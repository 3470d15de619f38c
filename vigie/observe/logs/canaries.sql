-- The canaries of each declared name over the window, oldest first; one page of the index per name, then its canaries.
-- Anybody may write under that tag, in any encoding: the text comes as hexadecimal digits, and what is too long not at all.
-- Name and time are compared as one row, so that only the index by name and time answers: left to choose, PostgreSQL takes the one by
-- time alone when it thinks that few messages came lately, and a flood makes it read them all.
SELECT wanted.name, extract(epoch FROM canary.receivedat)::float8, encode(textsend(canary.message), 'hex')
FROM unnest(%(names)s::text[]) AS wanted (name)
CROSS JOIN LATERAL (
    SELECT id, receivedat, message
    FROM systemevents
    WHERE (fromhost, receivedat) > (wanted.name, to_timestamp(%(since)s) AT TIME ZONE 'UTC')
        AND (fromhost, receivedat) <= (wanted.name, to_timestamp(%(until)s) AT TIME ZONE 'UTC')
        AND syslogtag LIKE 'vigie-canary%%'
    ORDER BY fromhost DESC, receivedat DESC
    LIMIT %(most)s
) AS canary
WHERE length(canary.message) <= 100
ORDER BY canary.receivedat, canary.id
