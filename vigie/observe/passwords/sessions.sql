SELECT encode(textsend(role::text), 'hex'), coalesce(host(client), ''), sessions
FROM vigie.login_sessions(%(roles)s::text[]::name[])
