"""Faults of the rolling re-check."""

import time
from collections.abc import Mapping
from typing import Any, ClassVar

from lab.faults.base import Fault, Problem, Severity
from lab.history import DAY, elsewhen
from lab.school.backup_server import RECHECK
from lab.school.machines import Machines


class RecheckStalled(Fault):
    """The re-check does not run any more."""

    name = "recheck-stalled"
    sentence = "the timer of the re-check is stopped: nobody reads the dumps again"
    expected = (Problem("Backups: Re-check stands still", Severity.WARNING),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.supervisor.stop(RECHECK)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        machines.start_recheck()


class NotVerified(Fault):
    """A dump whose content nobody looked at for longer than promised."""

    name = "not-verified"
    sentence = "the re-check does not come to the oldest dumps: nobody read them for 40 days"
    expected = (Problem("Backups: Dumps not verified for too long", Severity.WARNING),)
    _days: ClassVar[int] = 40

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        """Hold the re-check back, and let dumps of 40 days ago arrive. (Later its standing still is a problem too.)

        Before, every context gets its dump of today: one that was made lately would have nothing newer.
        """
        machines.back_up()
        machines.supervisor.stop(RECHECK)
        command = elsewhen(machines, time.time() - self._days * DAY)
        machines.account.run([*command, "backup", "run", str(machines.places.site)], timeout=240)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """Let the re-check work: it reads the oldest first."""
        machines.start_recheck()
