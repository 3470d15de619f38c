-- The holes in the numbers of the newest rows: a row that was refused had taken its number. rsyslog itself says nothing when PostgreSQL
-- refuses one (measured with 8.2302). The window begins at the least number among its oldest rows: rows stand by number, not by time,
-- and what waited in a queue comes with an older time. From there the index of the numbers alone is read.
WITH first AS (
    SELECT min(id) AS id
    FROM (
        SELECT id FROM systemevents
        WHERE receivedat > to_timestamp(%(since)s) AT TIME ZONE 'UTC' AND receivedat <= to_timestamp(%(until)s) AT TIME ZONE 'UTC'
        ORDER BY receivedat
        LIMIT 100
    ) AS oldest
)
SELECT coalesce(max(id) - min(id) + 1 - count(*), 0)
FROM (
    SELECT id FROM systemevents
    WHERE id >= (SELECT id FROM first)
    ORDER BY id DESC
    LIMIT %(most)s
) AS newest
