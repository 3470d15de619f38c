"""The observation of a school's backups, on the backup server."""
