-- What is missing in Snare's counter of each Windows name over the window, in the order of arrival. Snare counts from 1 again when it is
-- started: far below the one before it, a run of numbers ends and another begins. In each run, the first arrivals only set where
-- counting begins (others may have come before the window in another order), and what came twice counts once.
-- Rows are compared as in canaries.sql.
WITH arrived AS (
    SELECT
        wanted.name,
        counted.counter,
        row_number() OVER arrival AS place,
        counted.counter < lag(counted.counter) OVER arrival - %(restart)s AS anew
    FROM unnest(%(names)s::text[]) AS wanted (name)
    CROSS JOIN LATERAL (
        SELECT id, receivedat, counter
        FROM systemevents
        WHERE (fromhost, receivedat) > (wanted.name, to_timestamp(%(since)s) AT TIME ZONE 'UTC')
            AND (fromhost, receivedat) <= (wanted.name, to_timestamp(%(until)s) AT TIME ZONE 'UTC')
            AND (syslogtag LIKE 'vigie-canary%%') IS NOT TRUE
        ORDER BY fromhost DESC, receivedat DESC
        LIMIT %(most)s
    ) AS counted
    WHERE counted.counter BETWEEN 0 AND 999999999999999
    WINDOW arrival AS (PARTITION BY wanted.name ORDER BY counted.receivedat, counted.id)
), cut AS (
    SELECT name, counter, place, count(*) FILTER (WHERE anew) OVER (PARTITION BY name ORDER BY place) AS run
    FROM arrived
), placed AS (
    SELECT name, run, counter, row_number() OVER (PARTITION BY name, run ORDER BY place) AS place
    FROM cut
), bounded AS (
    SELECT name, run, counter, max(counter) FILTER (WHERE place <= %(edge)s) OVER (PARTITION BY name, run) AS first
    FROM placed
), runs AS (
    SELECT name, max(counter) - first + 1 - count(DISTINCT counter) FILTER (WHERE counter >= first) AS missing
    FROM bounded
    GROUP BY name, run, first
)
SELECT name, least(sum(missing), %(most_missing)s)::bigint
FROM runs
GROUP BY name
