"""Files for a school's hosts, rendered from the site file: settings, rsync daemon, service units, PostgreSQL roles."""
