-- What the server was told otherwise than by default, and where.
SELECT name, setting, coalesce(unit, '') AS unit, source, coalesce(sourcefile, '') AS file
  FROM pg_settings
 WHERE source NOT IN ('default', 'override', 'client', 'session')
 ORDER BY name
