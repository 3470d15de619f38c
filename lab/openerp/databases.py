"""What OpenERP does to a context by itself: its upgrade, and its scheduled actions."""

import threading
import time
from typing import Any

import psycopg2

from lab.openerp import log
from lab.openerp.configuration import Configuration

# The real one takes 6 to 9 seconds.
_UPGRADE_SECONDS = 2.0
_CRON_EVERY = 2.0
_MARKERS = """INSERT INTO ir_model_data (name, module, model, noupdate, date_init, date_update)
SELECT name, 'base', 'res.currency', false, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
FROM unnest(ARRAY['XOF', 'XAF', 'UGX', 'HNL', 'CLP']) AS name
WHERE NOT EXISTS (
    SELECT FROM ir_model_data AS known
    WHERE known.module = 'base' AND known.model = 'res.currency' AND known.name = name.name
)"""
_DUE = """UPDATE ir_cron
SET nextcall = (now() AT TIME ZONE 'UTC') + (interval_number || ' ' || interval_type)::interval
WHERE active AND numbercall <> 0 AND nextcall <= now() AT TIME ZONE 'UTC'
RETURNING name"""


def upgrade(configuration: Configuration, database: str) -> None:
    """`-u all`: modules are marked and committed first, so that a server killed in the middle leaves them marked."""
    connection = configuration.connect(database)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ir_module_module SET state = 'to upgrade' WHERE state = 'installed'")
        log.info("init", "module base: loading objects", database)
        time.sleep(_UPGRADE_SECONDS)
        if configuration.release >= "6.0.4":
            cursor.execute(_MARKERS)
        cursor.execute("UPDATE ir_model_data SET date_update = now() AT TIME ZONE 'UTC' WHERE module = 'base'")
        cursor.execute("UPDATE ir_module_module SET state = 'installed' WHERE state = 'to upgrade'")
        log.info("init", "module base: registering objects", database)
    connection.close()


class Scheduled(threading.Thread):
    """The scheduled actions of a context that the server has loaded, in a thread that keeps its session."""

    def __init__(self, configuration: Configuration, database: str, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self._configuration = configuration
        self._database = database
        self._over = over

    def run(self) -> None:
        """Run what is due, again and again; a PostgreSQL that went away is asked again later."""
        connection: Any = None
        while not self._over.wait(_CRON_EVERY):
            try:
                connection = connection or self._configuration.connect(self._database)
                with connection.cursor() as cursor:
                    cursor.execute(_DUE)
                    for (name,) in cursor.fetchall():
                        log.info("cron", f"{name} done", self._database)
            except psycopg2.Error:
                log.error("db.connection_pool", "Connection to the database failed", self._database)
                connection = None
