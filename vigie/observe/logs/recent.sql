-- The newest messages of everybody, by name and program: at most so many of them, so that a flood costs no more than a quiet night.
-- Names and programs are bytes that anybody chose: they come as hexadecimal digits. A program is its tag up to `[` or `:`.
-- No group is left out: whoever invents programs makes no total smaller.
WITH newest AS MATERIALIZED (
    SELECT receivedat, fromhost, left(split_part(split_part(split_part(syslogtag, '[', 1), ':', 1), ' ', 1), 48) AS program
    FROM systemevents
    WHERE receivedat > to_timestamp(%(since)s) AT TIME ZONE 'UTC' AND receivedat <= to_timestamp(%(until)s) AT TIME ZONE 'UTC'
    ORDER BY receivedat DESC
    LIMIT %(most)s
), grouped AS (
    SELECT
        fromhost,
        program,
        max(receivedat) AS last_at,
        count(*) AS messages,
        count(*) FILTER (WHERE receivedat > to_timestamp(%(rate_since)s) AT TIME ZONE 'UTC') AS of_late
    FROM newest
    GROUP BY fromhost, program
)
SELECT
    encode(textsend(coalesce(fromhost, '')), 'hex'),
    encode(textsend(coalesce(program, '')), 'hex'),
    extract(epoch FROM last_at)::float8,
    messages,
    of_late,
    extract(epoch FROM (SELECT min(receivedat) FROM newest))::float8,
    (SELECT count(*) FROM newest)
FROM grouped
