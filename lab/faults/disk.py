"""Faults of disks. They are only made on a small file system of the lab's own."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.faults.base import Fault, Problem, Severity
from lab.school.machines import Machines
from vigie.errors import VigieError

_BALLAST = "ballast"


class Ballast(Fault):
    """A file takes the room of the disk."""

    free_percent: float

    def disk(self, machines: Machines) -> Path:
        """The disk that is filled."""
        return machines.places.disk

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        disk = self.disk(machines)
        if not os.path.ismount(disk):
            raise VigieError(
                f"{self.name} cannot be made: {disk} is not a file system of its own, because mounting was refused; "
                "start the lab as root, or as a user who may use sudo without a password"
            )
        room = os.statvfs(disk)
        wanted = int(room.f_blocks * room.f_frsize * self.free_percent / 100)
        taken = room.f_bavail * room.f_frsize - wanted
        if taken <= 0:
            raise VigieError(f"{self.name} cannot be made: {disk} has less than {self.free_percent:.0f} % free already")
        machines.account.run(["fallocate", "--length", str(taken), str(disk / _BALLAST)], timeout=30)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        (self.disk(machines) / _BALLAST).unlink(missing_ok=True)


class DiskNearlyFull(Ballast):
    """Little room is left."""

    name = "disk-nearly-full"
    sentence = "the backup server's disk has 5 % left"
    expected = (Problem("Backups: Free space is low", Severity.HIGH),)
    free_percent = 5


class DiskFilling(Ballast):
    """There is room, and not for long."""

    name = "disk-filling"
    sentence = "the backup server's disk has 15 % left, which the present growth takes in some days"
    expected = (Problem("Backups: Disk will be full soon", Severity.WARNING),)
    free_percent = 15
