-- What one context says of itself, in one row. Nothing here is a pupil's: the role may read these columns and no others.
-- The currencies are those that the base of OpenERP 6.0.4 brings. Dates are UTC without saying so; one that is infinite
-- is none.
SELECT
    (SELECT left(max(latest_version), 32) FROM public.ir_module_module WHERE name = 'base'),
    (SELECT count(*) FROM public.ir_module_module WHERE state LIKE 'to %'),
    data.markers,
    data.upgraded_at,
    (
        SELECT extract(EPOCH FROM min(nextcall))::float8
        FROM public.ir_cron
        WHERE active AND numbercall <> 0 AND isfinite(nextcall)
    ),
    pg_database_size(current_database())
FROM (
    SELECT
        count(*) FILTER (
            WHERE model = 'res.currency' AND name IN ('XOF', 'XAF', 'UGX', 'HNL', 'CLP')
        ) AS markers,
        extract(EPOCH FROM max(date_update) FILTER (WHERE isfinite(date_update)))::float8 AS upgraded_at
    FROM public.ir_model_data
    WHERE module = 'base'
) AS data
