-- Errors and failed logins by hour, name and context: the newest of them, through the index vigie_notable, whose condition stands
-- here word by word. What is no error and stands in it is a failed login; an error of the same facility may be one. No group is left
-- out: whoever invents names or contexts makes no total smaller.
WITH notable AS MATERIALIZED (
    SELECT receivedat, fromhost, priority, eventlogtype, genericfilename,
        coalesce(eventid = 4625, false) OR (facility IN (4, 10) AND (priority > 3 OR message
            ~ '^ ?(Failed [a-z/-]+ for |pam_[a-z0-9]+[(](?!sshd:)[^)]*:auth[)]: authentication failure)')) AS is_login
    FROM systemevents
    WHERE (
            priority <= 3
            OR eventid = 4625
            OR (facility IN (4, 10) AND message ~ '^ ?(Failed [a-z/-]+ for |pam_[a-z0-9]+[(](?!sshd:)[^)]*:auth[)]: authentication failure)')
        )
        AND receivedat > to_timestamp(%(since)s) AT TIME ZONE 'UTC'
        AND receivedat <= to_timestamp(%(until)s) AT TIME ZONE 'UTC'
    ORDER BY receivedat DESC
    LIMIT %(most)s
), grouped AS (
    SELECT
        date_trunc('hour', receivedat) AS hour,
        receivedat > to_timestamp(%(hour_since)s) AT TIME ZONE 'UTC' AS recent,
        fromhost,
        CASE WHEN eventlogtype = 'openerp' THEN coalesce(genericfilename, '') END AS context,
        count(*) FILTER (WHERE priority <= 3 AND is_login IS NOT TRUE) AS errors,
        count(*) FILTER (WHERE is_login) AS failed_logins
    FROM notable
    GROUP BY 1, 2, 3, 4
)
SELECT
    extract(epoch FROM hour)::bigint,
    recent,
    encode(textsend(coalesce(fromhost, '')), 'hex'),
    encode(textsend(left(context, 128)), 'hex'),
    errors,
    failed_logins,
    extract(epoch FROM (SELECT min(receivedat) FROM notable))::float8,
    (SELECT count(*) FROM notable)
FROM grouped
