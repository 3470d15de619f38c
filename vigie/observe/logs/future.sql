-- Rows whose time has not come, and how many seconds ahead the furthest is: what reads the newest rows leaves them out.
SELECT
    count(*),
    coalesce(extract(epoch FROM max(least(receivedat, to_timestamp(%(most_ahead)s) AT TIME ZONE 'UTC'))) - %(now)s, 0)::bigint
FROM (
    SELECT receivedat FROM systemevents
    WHERE receivedat > to_timestamp(%(until)s) AT TIME ZONE 'UTC'
    ORDER BY receivedat DESC
    LIMIT %(most)s
) AS ahead
