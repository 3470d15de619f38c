-- Errors and failed logins by hour, name and context: the newest of them, through the index vigie_notable, whose condition stands
-- here word by word. A failed login is told again, since an error of the login's own facility is not always one.
WITH notable AS MATERIALIZED (
    SELECT receivedat, fromhost, priority, eventlogtype, genericfilename,
        coalesce(eventid = 4625, false) OR (facility IN (4, 10)
            AND message ~ '^ ?(Failed [a-z/-]+ for |pam_[a-z0-9]+[(](?!sshd:)[^)]*:auth[)]: authentication failure)') AS is_login
    FROM systemevents
    WHERE (
            priority <= 3
            OR eventid = 4625
            OR (facility IN (4, 10) AND message ~ '^ ?(Failed [a-z/-]+ for |pam_[a-z0-9]+[(](?!sshd:)[^)]*:auth[)]: authentication failure)')
        )
        AND receivedat > to_timestamp(%(since)s) AT TIME ZONE 'UTC'
    ORDER BY receivedat DESC
    LIMIT %(most)s
)
SELECT
    extract(epoch FROM date_trunc('hour', receivedat))::bigint,
    receivedat > to_timestamp(%(hour_since)s) AT TIME ZONE 'UTC',
    encode(textsend(coalesce(fromhost, '')), 'hex'),
    CASE WHEN eventlogtype = 'openerp' THEN encode(textsend(left(coalesce(genericfilename, ''), 128)), 'hex') END,
    count(*) FILTER (WHERE priority <= 3 AND NOT coalesce(is_login, false)),
    count(*) FILTER (WHERE is_login),
    extract(epoch FROM (SELECT min(receivedat) FROM notable))::float8,
    (SELECT count(*) FROM notable)
FROM notable
GROUP BY 1, 2, 3, 4
ORDER BY 5 DESC
LIMIT %(groups)s
