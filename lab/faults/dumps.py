"""Faults of the dumps themselves, on the backup server's disk."""

from collections.abc import Mapping
from typing import Any, ClassVar

from lab.faults.base import Fault, Problem, Severity, dump_file, dumps_of, forget
from lab.school.machines import Machines
from vigie.backups.catalogue import Layout
from vigie.naming import key_of


def _bad_dump(database: str) -> tuple[Problem, ...]:
    return (Problem(f"Backup of [{database}]: Bad dump", Severity.HIGH, tags={"database": database}),)


class TruncatedDump(Fault):
    """The newest dump of a student lost its second half."""

    name = "truncated-dump"
    sentence = "the newest dump of a student is cut in half on the backup server"
    database: ClassVar[str] = "SpecibikeMartin"
    expected = _bad_dump(database)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        newest = dumps_of(machines, key_of(self.database))[-1]
        file = dump_file(machines, key_of(self.database), newest.stamp)
        machines.account.run(["truncate", "--size", str(newest.size // 2), str(file)], timeout=10)
        return {"stamp": newest.stamp}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """Make another dump, forget the bad one."""
        machines.back_up()
        forget(machines, key_of(self.database), notes["stamp"])


class FlippedByte(Fault):
    """One byte of an old dump changed: its size is still right."""

    name = "flipped-byte"
    sentence = "one byte of an old dump changes on the disk; only the rolling re-check can see it"
    database: ClassVar[str] = "SpecibikeTSTMG1"
    expected = _bad_dump(database)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        oldest = dumps_of(machines, key_of(self.database))[0]
        file = dump_file(machines, key_of(self.database), oldest.stamp)
        with file.open("r+b") as stream:
            stream.seek(oldest.size // 2)
            byte = stream.read(1)[0]
            stream.seek(oldest.size // 2)
            stream.write(bytes([byte ^ 0x10]))
        return {"stamp": oldest.stamp}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """Forget the bad dump: there are newer ones."""
        forget(machines, key_of(self.database), notes["stamp"])


class VanishedFile(Fault):
    """A dump is in the catalogue and no longer on the disk."""

    name = "vanished-file"
    sentence = "the newest dump of a class is removed behind Vigie's back"
    database: ClassVar[str] = "SpecibikeTSTMG2"
    expected = _bad_dump(database)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        newest = dumps_of(machines, key_of(self.database))[-1]
        dump_file(machines, key_of(self.database), newest.stamp).unlink()
        return {"stamp": newest.stamp}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """Make another dump, forget the one that is gone."""
        machines.back_up()
        forget(machines, key_of(self.database), notes["stamp"])


class StrayDump(Fault):
    """A dump is on the disk and not in the catalogue."""

    name = "stray-dump"
    sentence = "somebody copies a dump into the store by hand: the catalogue does not know it"
    database: ClassVar[str] = "SpecibikeMartin"
    expected = (Problem("Backups: Dumps that the catalogue does not know", Severity.INFORMATION),)
    _stamp: ClassVar[str] = "20260901T003000Z"

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        layout, key = Layout(machines.places.store), key_of(self.database)
        newest = layout.dump_folder(key, dumps_of(machines, key)[-1].stamp)
        machines.account.run(["cp", "-a", "--", str(newest), str(layout.dump_folder(key, self._stamp))], timeout=20)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """Remove the copy."""
        stray = Layout(machines.places.store).dump_folder(key_of(self.database), self._stamp)
        machines.account.run(["rm", "-rf", "--", str(stray)], timeout=20)
