"""The passwords of the school's PostgreSQL: generations, roles, sessions; never a password nor a hash."""
