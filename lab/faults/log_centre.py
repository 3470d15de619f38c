"""Faults of the centre of the logs: its rsyslog, its PostgreSQL, its disk, and what comes too much."""

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.accounts import POSTGRES_BIN
from lab.faults.base import Problem, Severity
from lab.faults.disk import Ballast
from lab.faults.log_base import BACKUP, CENTRE, OPENERP, Gone, LogFault, LostItem, Stopped, host, servers
from lab.postgres import SUPERUSER
from lab.processes import Server
from lab.school.chatter import windows_datagrams, windows_flood
from lab.school.logs import DATABASE
from lab.school.machines import Machines

LONG_TAG = "x" * 88
_NARROW = "ALTER TABLE systemevents ALTER COLUMN syslogtag TYPE varchar(60) USING left(syslogtag, 60);"
_AHEAD = """
INSERT INTO systemevents (receivedat, facility, priority, fromhost, syslogtag, message)
SELECT now() AT TIME ZONE 'UTC' + interval '1 hour', 1, 6, 'srv-openerp', 'cron:', ' an hour ahead'
FROM generate_series(1, 5);
"""
_SET_BACK = """
UPDATE systemevents SET receivedat = receivedat - interval '1 hour'
WHERE receivedat > now() AT TIME ZONE 'UTC' + interval '1 minute';
"""
_LOCK = "BEGIN; LOCK TABLE systemevents IN EXCLUSIVE MODE; SELECT pg_sleep(3600);"


class CentreStopped(Stopped):
    """The central rsyslog is stopped."""

    name = "log-centre-stopped"
    slow = 29
    sentence = "the central rsyslog is stopped: messages wait on the sources"
    expected = (Problem("Logs: Central rsyslog is stopped", Severity.HIGH, CENTRE),)
    server = f"rsyslog-{CENTRE}"

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        """Stop it while no Windows machine sends: what is on its way from one is lost, a problem of its own."""
        there = servers(machines)
        for station in there.stations:
            machines.supervisor.stop(f"windows-{station.name}")
        notes = super().break_(machines)
        for station in there.stations:
            there.start_station(station)
        return notes

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        servers(machines).start_centre()


class StoreDown(Stopped):
    """The PostgreSQL of the centre is stopped."""

    name = "log-postgres-down"
    sentence = "the PostgreSQL of the log centre is stopped: messages wait at the centre"
    expected = (Problem("Logs: PostgreSQL does not answer", Severity.HIGH, CENTRE),)
    server = "logs-postgres"

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        servers(machines).start_postgres()


class LongTag(LogFault):
    """The tables have the stock widths again, and a tag of 88 characters comes."""

    name = "log-long-tag"
    sentence = "the table has rsyslog's stock widths again, and messages with a tag of 88 characters come"
    expected = (Problem("Logs: PostgreSQL refuses messages", Severity.HIGH, CENTRE),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        there = servers(machines)
        there.cluster.sql(_NARROW, database=DATABASE)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as syslog:
            syslog.connect(str(there.places_of(host(machines, OPENERP)).socket))
            for number in range(3):
                syslog.send(f"<14>Nov 21 22:00:00 {LONG_TAG}: {number}".encode())
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        servers(machines).make_tables()


class StoreClosed(LogFault):
    """rsyslog's role may not connect any more; what it writes by the connection that it has is not lost."""

    name = "log-store-closed"
    sentence = "rsyslog's role lost the right to connect to its store: it writes until its connection ends"
    expected = (Problem("Logs: Messages cannot be stored", Severity.HIGH, CENTRE),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        servers(machines).cluster.sql(f'REVOKE CONNECT ON DATABASE "{DATABASE}" FROM PUBLIC, vigie_rsyslog;')
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        servers(machines).make_tables()


class StoredAhead(LogFault):
    """Messages stand in the table with the time of a clock that was an hour ahead."""

    name = "log-stored-ahead"
    sentence = "messages were stored while the clock of the log centre was an hour ahead"
    expected = (Problem("Logs: Messages of the future", Severity.WARNING, CENTRE),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        servers(machines).cluster.sql(_AHEAD, database=DATABASE)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        servers(machines).cluster.sql(_SET_BACK, database=DATABASE)


class LogDiskFull(Ballast, LogFault):
    """The disk of the centre is nearly full."""

    name = "log-disk-full"
    sentence = "the disk of the log centre has 5 % left"
    expected = (Problem("Logs: Free space is low", Severity.HIGH, CENTRE),)
    subject = "logs"
    observed_by = "vigie.logs.seconds"
    free_percent = 5

    def disk(self, machines: Machines) -> Path:
        return servers(machines).disk


class QueueGrows(LogFault):
    """Somebody holds the table locked."""

    name = "log-queue-grows"
    sentence = "a long transaction holds the table of the logs locked: messages wait at the centre"
    expected = (Problem("Logs: Queue grows", Severity.WARNING, CENTRE),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        _hold_table(machines)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as syslog:
            syslog.connect(str(servers(machines).places_of(host(machines, BACKUP)).socket))
            for number in range(600):
                syslog.send(f"<14>Nov 21 22:00:00 batch: {number}".encode())
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        _let_table_go(machines)


class CentreDiscards(LogFault):
    """What a Windows machine sends by UDP no longer fits into the queue of the centre."""

    name = "log-centre-discards"
    slow = 45
    sentence = (
        "the table of the logs is locked, and a Windows machine floods by UDP until the queue of the centre is full"
    )
    expected = (
        Problem("Logs: Messages are discarded", Severity.HIGH, CENTRE),
        Problem("Logs: Queue grows", Severity.WARNING, CENTRE),
    )

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        _hold_table(machines)
        there = servers(machines)
        to, station = (str(there.centre.address), there.logs.windows_port), host(machines, "poste-01")
        machines.supervisor.start(windows_datagrams(machines, station, to, size=14_000, every=0.004))
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        machines.supervisor.stop("flood")
        _let_table_go(machines)


class Flood(LogFault):
    """A program in a loop writes into the log of a Windows machine."""

    name = "log-flood"
    slow = 33
    sentence = "a program in a loop writes hundreds of messages a second into the log of a Windows machine"
    expected = (Problem("Logs: Flood", Severity.WARNING, CENTRE),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        there = servers(machines)
        to = (str(there.centre.address), there.logs.windows_port)
        machines.supervisor.start(windows_flood(machines, host(machines, "poste-01"), to, every=1 / 400))
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        machines.supervisor.stop("flood")


class Stranger(LogFault):
    """A machine that nobody declared sends messages."""

    name = "log-stranger"
    sentence = "a machine that the site file does not know sends messages to the centre"
    expected = (Problem("Logs: Undeclared sources", Severity.INFORMATION, CENTRE),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        there = servers(machines)
        with socket.create_connection((str(there.centre.address), there.logs.windows_port), 5) as syslog:
            syslog.sendall(b"<13>intrus program: hello\n")
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """It does not come again: the window of the observation forgets it."""


class CentreSettingsGone(Gone):
    """The settings of the centre's observation are gone."""

    name = "log-settings-gone"
    sentence = "the settings of the observation of the logs are gone"
    expected = (Problem("Logs: Check is broken", Severity.HIGH, CENTRE),)

    def file(self, machines: Machines) -> Path:
        return machines.settings_of(host(machines, CENTRE)) / f"logs-{machines.school.uai}.json"


class CentreWithoutVigie(LostItem):
    """The agent of the centre does not know the item."""

    name = "log-centre-without-vigie"
    slow = 110
    sentence = "the agent of the log centre lost its user parameter"
    expected = (Problem("Logs: No data from the agent", Severity.AVERAGE, CENTRE),)
    observed_by = "vigie.canary.seconds"
    machine = CENTRE
    key = "vigie.logs.get"


class DeliverySlow(LogFault):
    """A source sends more slowly than it is written to."""

    name = "log-delivery-slow"
    slow = 41
    sentence = "the rsyslog of OpenERP's server sends one message every 4 s, fewer than come: later and later"
    expected = (Problem(f"Logs of [{OPENERP}]: Delivery is slow", Severity.WARNING, CENTRE),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        # It is stopped at once when it is mended: given its 10 s, it would be silent for as long.
        slow = 'queue.dequeueSlowDown="4000000" queue.timeoutShutdown="10"'
        servers(machines).start_changed(host(machines, OPENERP), 'queue.timeoutShutdown="10000"', slow)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        servers(machines).start_changed(host(machines, OPENERP))


def _hold_table(machines: Machines) -> None:
    """Lock the table of the messages, as a long transaction does: it is read, and nothing comes into it."""
    cluster = servers(machines).cluster
    arguments = ["-XqAt", "-h", str(cluster.socket), "-U", SUPERUSER, "-d", DATABASE, "-c", _LOCK]
    machines.supervisor.start(
        Server("long-transaction", [str(POSTGRES_BIN / "psql"), *arguments], machines.account, ready=lambda: True)
    )


def _let_table_go(machines: Machines) -> None:
    machines.supervisor.stop("long-transaction")
    servers(machines).cluster.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'BEGIN; LOCK TABLE%';"
    )


FAULTS = (
    CentreStopped(),
    StoreDown(),
    LongTag(),
    StoreClosed(),
    StoredAhead(),
    LogDiskFull(),
    QueueGrows(),
    CentreDiscards(),
    Flood(),
    Stranger(),
    CentreSettingsGone(),
    CentreWithoutVigie(),
    DeliverySlow(),
)
