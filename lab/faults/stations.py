"""Faults of the client stations: what they hold, how they keep it, and whether they say so."""

import secrets
from collections.abc import Mapping
from typing import Any

from lab.faults.base import Fault, Problem, Severity
from lab.school import passwords
from lab.school.machines import Machines
from vigie.site import Host

_FIRST, _SECOND = "poste-01", "poste-02"


class _Fault(Fault):
    # In the lane of the passwords: a rotation changes what every station holds.
    subject = "passwords"
    observed_by = "vigie.station.seconds"


def _second(machines: Machines) -> Host:
    return machines.school.host(_SECOND)


class StationBehind(_Fault):
    """A station that was off when the password changed."""

    name = "station-behind"
    slow = 24
    sentence = "a station was off during a rotation, and still holds the password of before"
    expected = (Problem("Station password: Holds an older generation", Severity.AVERAGE, _SECOND),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        passwords.rotate(machines, [host for host in machines.school.stations() if host.name != _SECOND])
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        passwords.bring(machines, _second(machines))


class ForeignPassword(_Fault):
    """Somebody typed another password."""

    name = "station-foreign-password"
    slow = 32
    sentence = "somebody typed another password into the passfile of a station"
    expected = (Problem("Station password: Holds a password that no rotation made", Severity.AVERAGE, _SECOND),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        role = passwords.declared(machines).roles[0]
        passwords.hold(machines, _SECOND, f"*:*:*:{role}:{secrets.token_urlsafe(24)}")
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        passwords.bring(machines, _second(machines))


class PassfileGone(_Fault):
    """The passfile was removed."""

    name = "station-passfile-gone"
    sentence = "the passfile of a station was removed with the profile of its account"
    expected = (Problem("Station password: Passfile holds no password", Severity.AVERAGE, _SECOND),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        passwords.passfile_of(machines, _SECOND).unlink()
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        passwords.bring(machines, _second(machines))


class PassfileOpen(_Fault):
    """The passfile may be read by every pupil."""

    name = "station-passfile-open"
    sentence = "the passfile of a station was copied without its rights: every pupil may read it"
    expected = (Problem("Station password: Passfile can be read by others", Severity.WARNING, _SECOND),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        passwords.passfile_of(machines, _SECOND).chmod(0o644)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        passwords.passfile_of(machines, _SECOND).chmod(0o600)


class KeyGone(_Fault):
    """The key of the fingerprints is missing."""

    name = "station-key-gone"
    sentence = "the key of the fingerprints is missing on a station that was installed again"
    expected = (Problem("Station password: Check is broken", Severity.WARNING, _SECOND),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        key = passwords.key_of(machines, _second(machines))
        key.rename(key.with_suffix(".gone"))
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        key = passwords.key_of(machines, _second(machines))
        key.with_suffix(".gone").rename(key)


class StationsWithoutParameter(_Fault):
    """The agents answer and do not know the item."""

    name = "stations-without-parameter"
    sentence = "the agents of the stations were installed again without Vigie's user parameter"
    expected = (
        Problem("Station password: No data from the agent", Severity.WARNING, _FIRST),
        Problem("Station password: No data from the agent", Severity.WARNING, _SECOND),
    )
    silent_for = 100

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        for host in machines.school.stations():
            lines = machines.parameters_of(host).splitlines(keepends=True)
            machines.supervisor.stop(machines.agent_name(host))
            machines.start_agent(host, parameters="".join(line for line in lines if "vigie.station" not in line))
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        for host in machines.school.stations():
            machines.supervisor.stop(machines.agent_name(host))
            machines.start_agent(host)


class StationsOff(_Fault):
    """The stations are switched off: Zabbix's own trigger says so, and nothing else does."""

    name = "stations-off"
    sentence = "the stations are switched off: one problem for each, and none about its password"
    expected = (
        Problem("Zabbix agent is not available", Severity.AVERAGE, _FIRST),
        Problem("Zabbix agent is not available", Severity.AVERAGE, _SECOND),
    )
    silent_for = 135

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        for host in machines.school.stations():
            machines.supervisor.stop(machines.agent_name(host))
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        for host in machines.school.stations():
            machines.start_agent(host)


FAULTS: tuple[Fault, ...] = (
    StationBehind(),
    ForeignPassword(),
    PassfileGone(),
    PassfileOpen(),
    KeyGone(),
    StationsWithoutParameter(),
    StationsOff(),
)
