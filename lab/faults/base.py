"""What a fault is: something that breaks in a school, the problem that Zabbix must raise for it, how it is mended."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any, ClassVar

from lab.school.machines import Machines
from vigie.backups.catalogue import DumpEntry, Layout, read_index
from vigie.errors import VigieError


class Severity(IntEnum):
    """Zabbix's severities."""

    INFORMATION = 1
    WARNING = 2
    AVERAGE = 3
    HIGH = 4


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem that Zabbix must raise.

    Args:
        name: the beginning of its name.
        severity: its severity.
        host: the machine it stands on, as the site file names it.
        tags: tags that it must carry, among others.
    """

    name: str
    severity: Severity
    host: str = "srv-backup"
    tags: Mapping[str, str] = field(default_factory=dict)


class Fault(ABC):
    """A fault of the catalogue.

    What `break_` must remember for `mend` stands in a file of the lab, so that another command can mend.
    """

    name: ClassVar[str]
    sentence: ClassVar[str]
    expected: ClassVar[tuple[Problem, ...]]
    # Faults of different subjects may be broken at the same time, unless one of them shakes other subjects too.
    subject: ClassVar[str] = "backups"
    alone: ClassVar[bool] = False
    # The item whose new values tell that Zabbix has looked at what is broken.
    observed_by: ClassVar[str] = "vigie.backups.seconds"
    # Seconds until its problem is raised, where it takes long: slow faults share a round with slow ones.
    slow: ClassVar[float] = 0
    # Seconds of silence after which "no data" would come too, for a fault that silences the agent.
    silent_for: ClassVar[float] = 0

    @abstractmethod
    def break_(self, machines: Machines) -> Mapping[str, Any]:
        """Break it, by real means; what `mend` must know."""

    @abstractmethod
    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """Mend it as an administrator would."""


class Bench:
    """The faults of one lab that are broken now.

    Args:
        machines: the lab's school.
        folder: where what must be remembered is.
    """

    def __init__(self, machines: Machines, folder: Path) -> None:
        self._machines = machines
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def is_broken(self, fault: Fault) -> bool:
        return self._file(fault).exists()

    def break_(self, fault: Fault) -> None:
        """Break a fault.

        Raises:
            VigieError: when it is broken already, or cannot be made here.
        """
        if self.is_broken(fault):
            raise VigieError(f"{fault.name} is broken already: mend it with `vigie lab mend {fault.name}`")
        notes = fault.break_(self._machines)
        self._file(fault).write_text(json.dumps(dict(notes)) + "\n")

    def mend(self, fault: Fault) -> None:
        """Mend a fault.

        Raises:
            VigieError: when it is not broken.
        """
        if not self.is_broken(fault):
            raise VigieError(f"{fault.name} is not broken; `vigie lab faults` shows what is")
        fault.mend(self._machines, json.loads(self._file(fault).read_bytes()))
        if fault.subject == "backups":
            # Its faults make runs that no night would: without the retention they would fill the disk.
            self._machines.keep()
        self._file(fault).unlink()

    def _file(self, fault: Fault) -> Path:
        return self._folder / f"{fault.name}.json"


def dumps_of(machines: Machines, key: str) -> list[DumpEntry]:
    """The dumps of a database on the backup server, oldest first."""
    return read_index(Layout(machines.places.store).index).databases[key].dumps


def dump_file(machines: Machines, key: str, stamp: str) -> Path:
    """Where a dump's content is on the backup server."""
    return Layout(machines.places.store).dump_folder(key, stamp) / "dump"


def forget(machines: Machines, key: str, stamp: str) -> None:
    """Have the product forget a dump, as an administrator who judged it."""
    machines.run_vigie("backup", "forget", str(machines.store_settings), key, stamp)
