"""What a source knows of its own log: its rsyslog, its queue, its last canary."""
