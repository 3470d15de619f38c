"""Faults that come from the databases: those that cannot be dumped, that change too much, or that have odd names."""

import time
from collections.abc import Mapping
from typing import Any, ClassVar

from lab.faults.base import Fault, Problem, Severity, dumps_of, forget
from lab.school import contexts
from lab.school.machines import Machines
from vigie.naming import key_of

_HOUR = 3600


class _CannotBeDumped(Fault):
    """A database that is closed: its backup fails, whoever asks."""

    database: ClassVar[str]

    def close(self, machines: Machines) -> None:
        self._allow_connections(machines, "false")

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        self._allow_connections(machines, "true")
        machines.back_up()

    def _allow_connections(self, machines: Machines, answer: str) -> None:
        name = contexts.identifier(self.database)
        machines.cluster.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {answer};")


class StaleBackup(_CannotBeDumped):
    """One database is not dumped any more, night after night."""

    name = "stale-backup"
    sentence = "a student's database can no longer be dumped, and its last dump is two nights old"
    database: ClassVar[str] = "SpecibikeGarcia-Lopez"
    expected = (
        Problem(f"Backup of [{database}]: Stale", Severity.AVERAGE, tags={"database": database, "kind": "student"}),
    )

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        self.close(machines)
        young = time.time() - machines.backup.max_age - _HOUR
        for entry in dumps_of(machines, key_of(self.database)):
            if entry.finished_at > young:
                forget(machines, key_of(self.database), entry.stamp)
        machines.back_up(check=False)
        return {}


class MissingDatabase(_CannotBeDumped):
    """A database that never was dumped."""

    name = "missing-database"
    sentence = "a new context is there, and its first dump fails"
    database: ClassVar[str] = "SpecibikeTSTMG1Tandem"
    expected = (
        Problem(f"Backup of [{database}]: Missing", Severity.HIGH, tags={"database": database, "kind": "group"}),
    )

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        contexts.make(machines.cluster, self.database)
        self.close(machines)
        machines.back_up(check=False)
        return {}


class AtRisk(_CannotBeDumped):
    """The last attempt failed; yesterday's dump is still good."""

    name = "at-risk"
    sentence = "tonight's dump of a class fails; the one before is still fresh"
    database: ClassVar[str] = "SpecibikeBTS CG1"
    expected = (Problem("Backups: Databases at risk", Severity.WARNING),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        self.close(machines)
        machines.back_up(check=False)
        return {}


class SizeCollapsed(Fault):
    """A dump that is sound and nearly empty."""

    name = "size-collapsed"
    sentence = "a group's pictures are gone: its dump is sound and many times smaller than the one before"
    expected = (
        Problem(
            f"Backup of [{contexts.LARGE}]: Size changed much", Severity.WARNING, tags={"database": contexts.LARGE}
        ),
    )

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        contexts.remove_pictures(machines.cluster, contexts.LARGE)
        machines.back_up()
        return {"stamp": dumps_of(machines, key_of(contexts.LARGE))[-1].stamp}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """Put the pictures back, make another dump, forget the one without them."""
        contexts.add_pictures(machines.cluster, contexts.LARGE)
        machines.back_up()
        forget(machines, key_of(contexts.LARGE), notes["stamp"])


class HostileNames(Fault):
    """Everything that a pupil can call a database."""

    name = "hostile-names"
    sentence = "pupils name databases with quotes, $(...), newlines, {#DB}, .., and 63 bytes of UTF-8"
    names: ClassVar[tuple[str, ...]] = (
        'Specibike"; DROP DATABASE postgres; --',
        "Specibike$(touch /tmp/vigie-lab-was-here)",
        "Specibike`touch /tmp/vigie-lab-was-here`",
        "Specibike'\nline two\ttab",
        "Specibike{#DB}{$MACRO}{HOST.IP}",
        "Specibike../../../etc/passwd",
        "Specibike-rf --all",
        "Specibike host=127.0.0.1 user=postgres",
        "Specibike%s%n\\x27",
        "Specibike" + "é" * 27,
    )
    expected = (Problem("Backups: Databases with unrecognised names", Severity.INFORMATION),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        for name in self.names:
            contexts.make(machines.cluster, name)
        machines.back_up()
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """Drop them, and forget their dumps, which would stay for the period of dropped databases."""
        for name in self.names:
            contexts.drop(machines.cluster, name)
        machines.back_up()
        for name in self.names:
            for entry in dumps_of(machines, key_of(name)):
                forget(machines, key_of(name), entry.stamp)
