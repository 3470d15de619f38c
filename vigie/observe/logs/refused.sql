-- The holes in the numbers of the newest rows: a row that was refused had taken its number. rsyslog itself says nothing when PostgreSQL
-- refuses one (measured with 8.2302). Rows stand by number, not by time: what waited in a queue comes with an older time.
WITH newest AS MATERIALIZED (
    SELECT id, receivedat FROM systemevents ORDER BY id DESC LIMIT %(most)s
), first AS (
    SELECT min(id) AS id FROM newest WHERE receivedat > to_timestamp(%(since)s) AT TIME ZONE 'UTC'
)
SELECT coalesce(max(newest.id) - min(newest.id) + 1 - count(*), 0)
FROM newest
JOIN first ON newest.id >= first.id
