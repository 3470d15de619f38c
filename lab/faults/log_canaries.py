"""Faults that only numbers show: messages that never came, or came twice."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.faults.base import Problem, Severity
from lab.faults.log_base import BACKUP, CENTRE, LogFault, host, servers
from lab.school.machines import Machines


class _Shifted(LogFault):
    """The number of the backup server's canary is moved, once; the window of the observation forgets it."""

    by: int

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        file = servers(machines).places_of(host(machines, BACKUP)).state / "series.json"
        series = json.loads(file.read_bytes())
        partial = file.with_suffix(".moved")
        partial.write_text(json.dumps(series | {"number": max(0, series["number"] + self.by)}) + "\n")
        machines.observer.own(partial)
        partial.rename(file)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """What was lost stays lost: the problem closes when the window has passed."""


class CanariesLost(_Shifted):
    """Canaries of a source never arrive."""

    name = "log-canaries-lost"
    sentence = "three canaries of the backup server never arrive"
    expected = (Problem(f"Logs of [{BACKUP}]: Messages are lost", Severity.HIGH, CENTRE),)
    by = 3


class CanariesTwice(_Shifted):
    """Canaries of a source come again."""

    name = "log-canaries-twice"
    sentence = "the number of the backup server's canary is set back, as a restored machine's is"
    expected = (Problem(f"Logs of [{BACKUP}]: Messages come twice", Severity.INFORMATION, CENTRE),)
    by = -3


class SnareGap(LogFault):
    """Events of a Windows machine never arrive."""

    name = "log-snare-gap"
    sentence = "seven events of a Windows machine never arrive: Snare's own counter shows it"
    expected = (Problem("Logs of [poste-01]: Messages are lost", Severity.HIGH, CENTRE),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.supervisor.stop("windows-poste-01")
        file = _counter(machines)
        file.write_text(str(int(file.read_text()) + 7))
        servers(machines).start_station(host(machines, "poste-01"))
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """What was lost stays lost: the problem closes when the window has passed."""


def _counter(machines: Machines) -> Path:
    return machines.places.root / "logs/poste-01.counter"
