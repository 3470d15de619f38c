"""Faults of Vigie's own parts."""

import os
import shutil
import time
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from lab import site
from lab.faults.base import Fault, Problem, Severity
from lab.school import itself
from lab.school.machines import Machines
from lab.zabbix.api import Api
from vigie import stamps

_DAY = 86_400


class _Fault(Fault):
    subject = "vigie"
    observed_by = "vigie.self.seconds"


class TimerLate(_Fault):
    """The retention did not succeed for two days."""

    name = "timer-late"
    sentence = "the retention last succeeded two days ago: its program fails each night"
    expected = (Problem("Vigie timer [vigie-keep]: Late or stopped", Severity.AVERAGE, "srv-backup"),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        file = _stamp(machines)
        stamps.leave(file, time.time() - 2 * _DAY)
        machines.account.own(file)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        itself.succeed(machines)


class StampUnreadable(_Fault):
    """The stamp is there, and the monitoring user may not read it."""

    name = "stamp-unreadable"
    sentence = "the rights of a stamp were changed: the monitoring user cannot read it"
    expected = (Problem("Vigie: Check is broken", Severity.AVERAGE, "srv-backup"),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        _stamp(machines).chmod(0)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        _stamp(machines).chmod(0o644)


class ServiceDead(_Fault):
    """A declared service is stopped."""

    name = "service-dead"
    sentence = "a service that the site file declares is stopped: its port answers no more"
    expected = (Problem("Vigie service [page]: Not seen alive", Severity.HIGH, "srv-zabbix"),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.supervisor.stop(itself.PAGE)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        itself.start_page(machines)


class QueueStuck(_Fault):
    """Nobody takes the requests."""

    name = "queue-stuck"
    sentence = "a request was written half an hour ago, and nobody took it"
    expected = (Problem("Vigie: Requests wait too long", Severity.HIGH, "srv-zabbix"),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        file = machines.school.vigie.requests / "forgotten.json"
        file.write_text("{}\n")
        os.utime(file, (time.time() - 1800, time.time() - 1800))
        machines.account.own(file)
        return {"file": str(file)}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        Path(notes["file"]).unlink()


class _Certificate(_Fault):
    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """Renew it."""
        itself.make_certificate(machines, days=365)


class CertificateEnds(_Certificate):
    """The certificate was not renewed."""

    name = "certificate-ends"
    sentence = "a certificate ends in ten days, and nobody renewed it"
    expected = (Problem("Vigie certificate [page]: Ends soon", Severity.WARNING, "srv-zabbix"),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        itself.make_certificate(machines, days=10)
        return {}


class CertificateDamaged(_Certificate):
    """The file holds no certificate any more."""

    name = "certificate-damaged"
    sentence = "a renewal left half a certificate in its file"
    expected = (Problem("Vigie certificate [page]: Not valid", Severity.HIGH, "srv-zabbix"),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        file = itself.certificate(machines)
        os.truncate(file, file.stat().st_size // 2)
        return {}


class CertificateHangs(_Certificate):
    """The file is not read to its end."""

    name = "certificate-hangs"
    sentence = "the disk of a certificate hangs: whoever opens the file waits"
    expected = (Problem("Vigie certificate [page]: Not valid", Severity.HIGH, "srv-zabbix"),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        """A pipe that nobody writes to stands for such a disk: its opening does not return."""
        file = itself.certificate(machines)
        file.unlink()
        os.mkfifo(file)
        machines.account.own(file)
        file.chmod(0o644)
        return {}


class TokenEnds(_Fault):
    """The token of provisioning has a date at which it expires."""

    name = "token-ends"
    sentence = "the API token that Vigie is provisioned with ends in three days"
    expected = (Problem("Vigie: API token expires soon", Severity.WARNING, "srv-zabbix"),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        _expire(machines, int(time.time()) + 3 * _DAY)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        _expire(machines, 0)


class _OtherAgent(_Fault):
    """The agent of Zabbix's machine runs with other user parameters than its files bring."""

    host: ClassVar[str] = "srv-zabbix"

    @abstractmethod
    def parameters(self, machines: Machines, text: str) -> str:
        """The user parameters, from those of the host's files."""

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        host = machines.school.host(self.host)
        machines.supervisor.stop(machines.agent_name(host))
        machines.start_agent(host, parameters=self.parameters(machines, machines.parameters_of(host)))
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        host = machines.school.host(self.host)
        machines.supervisor.stop(machines.agent_name(host))
        machines.start_agent(host)


class VersionDiffers(_OtherAgent):
    """One machine was left behind by an update."""

    name = "version-differs"
    sentence = "Vigie was updated everywhere but on one machine"
    expected = (Problem("Vigie: Version differs", Severity.WARNING, "srv-zabbix"),)

    def parameters(self, machines: Machines, text: str) -> str:
        prefix, older = machines.places.prefix, machines.places.prefix.with_name("vigie-older")
        shutil.rmtree(older, ignore_errors=True)
        shutil.copytree(prefix, older, symlinks=True, copy_function=os.link)
        (module,) = older.glob("lib/python3*/site-packages/vigie/__init__.py")
        module.unlink()  # a link: the other prefix keeps its own
        module.write_text('__version__ = "0.0.1"\n')
        return text.replace(f"{prefix}/", f"{older}/")

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        super().mend(machines, notes)
        shutil.rmtree(machines.places.prefix.with_name("vigie-older"))


class OlderParameters(_OtherAgent):
    """The agent does not know the item of Vigie itself."""

    name = "older-parameters"
    slow = 147
    sentence = "an agent was left with the user parameters of a Vigie that did not watch itself yet"
    expected = (Problem("Vigie: No data from the agent", Severity.AVERAGE, "srv-zabbix"),)

    def parameters(self, machines: Machines, text: str) -> str:
        return "".join(line for line in text.splitlines(keepends=True) if "=vigie.self." not in line)


def _stamp(machines: Machines) -> Path:
    return Path(stamps.stamp_file(machines.school.vigie.stamps, itself.TIMER, machines.school.uai))


def _expire(machines: Machines, moment: int) -> None:
    """Give the token of provisioning its end (0: none), and provision with it."""
    token, whole = machines.places.token.read_text().strip(), site.read(machines.places)[0]
    api = Api(str(whole.zabbix.url).rstrip("/"), token)
    try:
        (own,) = api.call("token.get", token=token, output=["tokenid"])
        api.call("token.update", tokenid=own["tokenid"], expires_at=moment)
    finally:
        api.close()
    machines.provision()


FAULTS = (
    TimerLate(),
    ServiceDead(),
    QueueStuck(),
    CertificateEnds(),
    CertificateDamaged(),
    CertificateHangs(),
    VersionDiffers(),
    TokenEnds(),
    StampUnreadable(),
    OlderParameters(),
)
