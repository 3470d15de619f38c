"""A store of the central rsyslog for tests: a real PostgreSQL with the schema, and messages written by its role."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812

from lab.postgres import SUPERUSER, Cluster
from provisioning.hostfiles.rendering import text
from vigie.observe.logs.model import LogsSeen
from vigie.observe.logs.observation import observe_logs
from vigie.observe.logs.settings import ObserveLogs, Source

SCHEMA = text("logs-schema.sql", {"by_socket": True})
SERIES = "0b4f6f3e-0000-4000-8000-000000000000"
# Debian's rsyslog-pgsql makes these.
STOCK = """
CREATE TABLE SystemEvents (
    ID serial not null primary key, CustomerID bigint, ReceivedAt timestamp without time zone NULL,
    DeviceReportedTime timestamp without time zone NULL, Facility smallint NULL, Priority smallint NULL,
    FromHost varchar(60) NULL, Message text, NTSeverity int NULL, Importance int NULL, EventSource varchar(60),
    EventUser varchar(60) NULL, EventCategory int NULL, EventID int NULL, EventBinaryData text NULL,
    MaxAvailable int NULL, CurrUsage int NULL, MinUsage int NULL, MaxUsage int NULL, InfoUnitID int NULL,
    SysLogTag varchar(60), EventLogType varchar(60), GenericFileName VarChar(60), SystemID int NULL
);
CREATE TABLE SystemEventsProperties (
    ID serial not null primary key, SystemEventID int NULL, ParamName varchar(255) NULL, ParamValue text NULL
);
"""


def figures(at: float, size: int = 0) -> str:
    """A line of rsyslog's figures: so many messages wait in its queue."""
    counters = {"name": "main Q", "origin": "core.queue", "size": size, "discarded.full": 0, "discarded.nf": 0}
    return f"{at:.0f}: {json.dumps(counters)}\n"


@dataclass(frozen=True, slots=True)
class Store:
    """One database of a cluster, and how the observation reaches it."""

    cluster: Cluster
    database: str
    folder: Path

    def create(self, schema: str = SCHEMA) -> None:
        """Make the database anew."""
        self.cluster.sql(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE);')
        self.cluster.sql(f"""CREATE DATABASE "{self.database}" ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0;""")
        self.apply(schema)

    def apply(self, sql: str = SCHEMA) -> str:
        """Run a schema, as the administrator does with psql."""
        return self.cluster.sql(sql, database=self.database)

    @contextmanager
    def connected(self, user: str = SUPERUSER) -> Iterator[Connection]:
        """A connection by the socket, each statement on its own."""
        options = {"host": str(self.cluster.socket), "port": self.cluster.port, "dbname": self.database}
        with closing(psycopg2.connect(user=user, client_encoding="SQL_ASCII", connect_timeout=5, **options)) as made:
            made.autocommit = True
            yield made

    def write(self, ago: float, host: bytes | str, tag: str, message: bytes | str, **more: Any) -> None:
        """One message, received some seconds ago, by the role of rsyslog."""
        given = {"fromhost": host, "syslogtag": tag, "message": message, "facility": 1, "priority": 6} | more
        # The database has no encoding: texts are the bytes that they are.
        values = {name: value.encode() if isinstance(value, str) else value for name, value in given.items()}
        columns = ", ".join(values)
        places = ", ".join("convert_from(%s, 'SQL_ASCII')" if isinstance(v, bytes) else "%s" for v in values.values())
        with self.connected("vigie_rsyslog") as connection, connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO systemevents (receivedat, {columns})"
                f" VALUES ((now() AT TIME ZONE 'UTC') - %s * interval '1 second', {places})",
                (ago, *values.values()),
            )

    def canary(self, number: int, ago: float, host: str = "srv-openerp", *, now: float, latency: float = 0.0) -> None:
        """One canary of a source, received some seconds ago."""
        self.write(ago, host, "vigie-canary:", f" n={number} t={now - ago - latency:.3f} id={SERIES}")

    def settings(self, **changed: Any) -> ObserveLogs:
        """Settings of an observation that reaches this store; two Linux sources and a Windows one."""
        service_file = self.folder / "pg_service.conf"
        where = f"host={self.cluster.socket}\nport={self.cluster.port}\ndbname={self.database}\n"
        service_file.write_text(f"[logs]\n{where}user=vigie_observe\n")
        impstats = self.folder / "impstats.json"
        if not impstats.exists():
            impstats.write_text(figures(1795299637))
        values: dict[str, Any] = {
            "school": "9990001X",
            "centre": "srv-logs",
            "sources": [
                Source("srv-openerp", "linux", ["srv-openerp"], 600),
                Source("srv-backup", "linux", ["srv-backup", "backup.old"], 600),
                Source("poste-01", "windows", ["PC-B12-01"], 600),
            ],
            "service": "logs",
            "service_file": str(service_file),
            "deadline": 10.0,
            "window": 3600,
            "impstats": str(impstats),
            "silent_after": 60,
            "store": str(self.folder),
            "files": str(self.folder),
            "canary_late": 300,
            "latency_max": 60,
            "skew_max": 30,
            "flood": 500,
            "queue_max": 5000,
            "free_min_percent": 10.0,
        }
        return ObserveLogs(**(values | changed))


def observe(store: Store, **changed: Any) -> LogsSeen:
    """One observation that answered, with some of the store's settings changed."""
    observation = observe_logs(store.settings(**changed))
    assert observation.error == ""
    assert observation.seen is not None
    assert observation.seen.store.reachable, observation.seen.store.error
    return observation.seen
