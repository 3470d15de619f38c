-- What one context says of itself, in one row. Nothing here is a pupil's: the role may read these columns and no others.
-- The currencies are those that the base of OpenERP 6.0.4 brings. Dates are UTC without saying so; one that is infinite
-- is none. Columns that later releases dropped are taken from `absent` there: a name is looked for in the table first.
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
FROM (VALUES (-1, NULL::timestamp)) AS absent (numbercall, date_update)
CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (
            WHERE model = 'res.currency' AND name IN ('XOF', 'XAF', 'UGX', 'HNL', 'CLP')
        ) AS markers,
        extract(EPOCH FROM max(updated) FILTER (WHERE isfinite(updated)))::float8 AS upgraded_at
    -- In a query of its own: max() of what `absent` gives would be taken for one over `absent`.
    FROM (SELECT model, name, date_update AS updated FROM public.ir_model_data WHERE module = 'base') AS known
) AS data
