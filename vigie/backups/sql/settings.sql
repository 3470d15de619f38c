-- What the server was told otherwise than by default, and where. Values and paths come as the hexadecimal of their
-- bytes: they may be in any encoding.
SELECT name, encode(textsend(coalesce(setting, '')), 'hex') AS setting, coalesce(unit, '') AS unit, source,
       encode(textsend(coalesce(sourcefile, '')), 'hex') AS file
  FROM pg_settings
 WHERE source NOT IN ('default', 'override', 'client', 'session')
 ORDER BY name
