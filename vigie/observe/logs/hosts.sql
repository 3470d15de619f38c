-- Names that messages came under within the window and that nobody declared, the latest first. A walk from name to name through the
-- index, never through the messages, finds each of them; when more names than that stand there, of however many days, those of the
-- newest messages are looked for besides: whoever invents names hides none that comes later.
WITH RECURSIVE walk AS (
    (
        SELECT fromhost, 1 AS place FROM systemevents
        WHERE (syslogtag LIKE 'vigie-canary%%') IS NOT TRUE AND fromhost IS NOT NULL
        ORDER BY fromhost LIMIT 1
    )
    UNION ALL
    SELECT following.fromhost, walk.place + 1
    FROM walk
    CROSS JOIN LATERAL (
        SELECT fromhost FROM systemevents
        WHERE (syslogtag LIKE 'vigie-canary%%') IS NOT TRUE AND fromhost > walk.fromhost
        ORDER BY fromhost LIMIT 1
    ) AS following
    WHERE walk.place < %(most_walked)s
), named AS (
    SELECT walk.fromhost, last.receivedat
    FROM walk
    CROSS JOIN LATERAL (
        SELECT receivedat FROM systemevents
        WHERE (fromhost, receivedat) > (walk.fromhost, '-infinity')
            AND (fromhost, receivedat) <= (walk.fromhost, to_timestamp(%(until)s) AT TIME ZONE 'UTC')
            AND (syslogtag LIKE 'vigie-canary%%') IS NOT TRUE
        ORDER BY fromhost DESC, receivedat DESC LIMIT 1
    ) AS last
    WHERE last.receivedat > to_timestamp(%(since)s) AT TIME ZONE 'UTC'
    UNION ALL
    SELECT fromhost, receivedat
    FROM (
        SELECT fromhost, receivedat
        FROM systemevents
        WHERE receivedat > to_timestamp(%(since)s) AT TIME ZONE 'UTC' AND receivedat <= to_timestamp(%(until)s) AT TIME ZONE 'UTC'
            AND (syslogtag LIKE 'vigie-canary%%') IS NOT TRUE
        ORDER BY receivedat DESC
        LIMIT (SELECT CASE WHEN count(*) < %(most_walked)s THEN 0 ELSE %(most)s END FROM walk)
    ) AS newest
), grouped AS MATERIALIZED (
    SELECT fromhost, max(receivedat) AS last_at FROM named GROUP BY fromhost
)
SELECT encode(textsend(fromhost), 'hex')
FROM grouped
WHERE fromhost <> ALL (%(names)s::text[])
ORDER BY last_at DESC
LIMIT %(most_names)s
