"""The services of XML-RPC that need no login: those that a check may ask, and the faults of all the others."""

from collections.abc import Callable
from typing import Any

import psycopg2

from lab.openerp import log
from lab.openerp.configuration import Configuration

_OWN = """SELECT datname FROM pg_database
WHERE datdba = (SELECT oid FROM pg_roles WHERE rolname = current_user) AND datallowconn AND NOT datistemplate
ORDER BY datname"""
# They need the password of the super administrator, which the lab does not give away.
_FOR_THE_ADMINISTRATOR = ("create", "drop", "dump", "restore", "rename", "migrate_databases", "change_admin_password")


class Services:
    """`db` and `common`, as `/xmlrpc/...` reaches them.

    Args:
        configuration: the server's.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._methods: dict[str, dict[str, Callable[..., Any]]] = {
            "db": {
                "server_version": lambda: configuration.release,
                "list": self._list,
                "db_exist": lambda name: name in self._list(),
                **dict.fromkeys(_FOR_THE_ADMINISTRATOR, _denied),
            },
            "common": {
                "check_connectivity": self._check_connectivity,
                "get_server_environment": lambda: f"Lab's stand-in for OpenERP {configuration.release}",
                "get_stats": lambda: "OpenERP server: 0 requests",
                "login": lambda *_: False,
            },
        }

    def __contains__(self, service: str) -> bool:
        return service in self._methods

    def call(self, service: str, method: str, parameters: tuple[Any, ...]) -> Any:
        """Call a method; whatever it raises becomes a fault whose code is the text of what was raised."""
        known = self._methods[service].get(method)
        if known is None:
            raise RuntimeError(f"Method not found: {method}")
        return known(*parameters)

    def _list(self) -> list[str]:
        if not self._configuration.list_db:
            raise RuntimeError("AccessDenied")
        connection = self._connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(_OWN)
                return [row[0] for row in cursor.fetchall()]
        finally:
            connection.close()

    def _check_connectivity(self) -> bool:
        try:
            self._connect().close()
        except psycopg2.Error:
            return False
        return True

    def _connect(self) -> Any:
        try:
            return self._configuration.connect("template1")
        except psycopg2.Error:
            log.error("db.connection_pool", "Connection to the database failed", "template1")
            raise


def _denied(*_: Any) -> Any:
    raise PermissionError("AccessDenied: Invalid super administrator password.")
