-- Every name that messages came under, with its last one: a walk from name to name through the index, never through the messages.
WITH RECURSIVE names AS (
    (
        SELECT fromhost, 1 AS place FROM systemevents
        WHERE (syslogtag LIKE 'vigie-canary%%') IS NOT TRUE AND fromhost IS NOT NULL
        ORDER BY fromhost LIMIT 1
    )
    UNION ALL
    SELECT following.fromhost, names.place + 1
    FROM names
    CROSS JOIN LATERAL (
        SELECT fromhost FROM systemevents
        WHERE (syslogtag LIKE 'vigie-canary%%') IS NOT TRUE AND fromhost > names.fromhost
        ORDER BY fromhost LIMIT 1
    ) AS following
    WHERE names.place < %(most)s
)
SELECT encode(textsend(fromhost), 'hex')
FROM names
CROSS JOIN LATERAL (
    SELECT receivedat FROM systemevents
    WHERE (fromhost, receivedat) > (names.fromhost, '-infinity') AND (fromhost, receivedat) < (names.fromhost, 'infinity')
        AND (syslogtag LIKE 'vigie-canary%%') IS NOT TRUE
    ORDER BY fromhost DESC, receivedat DESC LIMIT 1
) AS last
WHERE last.receivedat > to_timestamp(%(since)s) AT TIME ZONE 'UTC' AND fromhost <> ALL (%(names)s::text[])
