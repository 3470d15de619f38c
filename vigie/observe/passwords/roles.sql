-- The functions are those of passwords.sql, which a superuser runs once: pg_authid is closed to everybody else. They give
-- the kind of hash and never the hash. Names come as the bytes they are, in whatever encoding.
SELECT encode(textsend(role::text), 'hex'), kind, extract(epoch FROM valid_until)::bigint
FROM vigie.login_roles()
