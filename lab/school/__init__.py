"""The lab's school: its PostgreSQL and contexts, its agents, its backup server."""
