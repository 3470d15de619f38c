-- Everything that one end knows of replication, as one JSON text. Rows travel whole, so that the columns which changed
-- their names between PostgreSQL 10 and 17 are told apart by who reads them. Functions that exist only in recovery, or
-- only out of it, stand in a CASE: their arguments are volatile, so none is evaluated beforehand.
SELECT json_build_object(
    'in_recovery', pg_is_in_recovery(),
    'now', extract(epoch FROM clock_timestamp()),
    'version', current_setting('server_version_num')::int,
    'system', (SELECT system_identifier::text FROM pg_control_system()),
    'lsn', CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
    'received', CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() END,
    'timeline', CASE
        WHEN pg_is_in_recovery() THEN (SELECT min_recovery_end_timeline FROM pg_control_recovery())
        ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int
    END,
    'checkpoint_timeline', (SELECT timeline_id FROM pg_control_checkpoint()),
    'paused', CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() ELSE false END,
    'last_replay', extract(epoch FROM pg_last_xact_replay_timestamp()),
    'started', extract(epoch FROM pg_postmaster_start_time()),
    'receiver', (
        SELECT to_json(w) FROM (
            SELECT *, extract(epoch FROM clock_timestamp() - last_msg_receipt_time) AS message_age
            FROM pg_stat_wal_receiver
        ) AS w
    ),
    -- How long an idle receiver waits before it asks for a sign of life: half of it.
    'receiver_timeout', extract(epoch FROM current_setting('wal_receiver_timeout')::interval),
    -- reply_time is there from PostgreSQL 12 on.
    'senders', (
        SELECT coalesce(json_agg(to_jsonb(s) || jsonb_build_object(
            'replay_seconds', extract(epoch FROM s.replay_lag),
            'reply_at', extract(epoch FROM (to_jsonb(s) ->> 'reply_time')::timestamptz)
        )), '[]'::json)
        FROM pg_stat_replication AS s
    ),
    'slots', (SELECT coalesce(json_agg(s), '[]'::json) FROM pg_replication_slots AS s),
    'may_list_wal', has_function_privilege('pg_ls_waldir()', 'EXECUTE'),
    'may_read_history', coalesce(
        has_function_privilege(to_regprocedure('vigie.timeline_history(integer)')::oid, 'EXECUTE'), false
    )
)::text
