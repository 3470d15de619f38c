"""Faults of the passwords on the server with the databases: generations, roles, sessions, and the check itself."""

import json
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from lab.faults.base import Fault, Problem, Severity
from lab.history import DAY, elsewhen
from lab.school import passwords
from lab.school.machines import Machines
from lab.zabbix.login import write_secret

_HOST = "srv-openerp"


class _Fault(Fault):
    subject = "passwords"
    observed_by = "vigie.passwords.seconds"


class _OddRole(_Fault):
    """A role with something wrong about its password; mended by dropping it, as nobody needs it."""

    role: ClassVar[str]
    statement: ClassVar[str]

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.cluster.sql(f"DROP ROLE IF EXISTS {self.role}; {self.statement}")
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        machines.cluster.sql(f"DROP ROLE {self.role};")


class WeakHash(_OddRole):
    """A role of an old server."""

    name = "weak-hash"
    sentence = "a role was brought from an old server with an md5 password"
    expected = (Problem("Passwords: Password is kept by a weak hash", Severity.WARNING, _HOST),)
    role = "old_reports"
    statement = "SET password_encryption = 'md5'; CREATE ROLE old_reports LOGIN PASSWORD 'of the lab';"


class RoleExpires(_OddRole):
    """A role with a date that is near."""

    name = "role-expires"
    sentence = "the password of a trainee's role ends in three days"
    expected = (Problem("Passwords: Role is about to expire", Severity.WARNING, _HOST),)
    role = "trainee"
    statement = (
        "DO $$ BEGIN EXECUTE format('CREATE ROLE trainee LOGIN PASSWORD ''of the lab'' VALID UNTIL %L', "
        "now() + interval '3 days'); END $$;"
    )


class RoleExpired(_OddRole):
    """A role with a date that has passed."""

    name = "role-expired"
    sentence = "the password of a trainee's role ended yesterday"
    expected = (Problem("Passwords: Role has expired", Severity.AVERAGE, _HOST),)
    role = "trainee"
    statement = (
        "DO $$ BEGIN EXECUTE format('CREATE ROLE trainee LOGIN PASSWORD ''of the lab'' VALID UNTIL %L', "
        "now() - interval '1 day'); END $$;"
    )


class PasswordTooOld(_Fault):
    """The last rotation was long ago."""

    name = "password-too-old"
    sentence = "the password of the databases was made two hundred days ago"
    expected = (Problem("Passwords: Password is older than promised", Severity.WARNING, _HOST),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        file = passwords.declared(machines).ledger
        document = json.loads(file.read_bytes())
        for generation in document["generations"]:
            generation["made_at"] -= 200 * DAY
            generation["since"] -= 200 * DAY
        file.write_text(json.dumps(document))
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        passwords.rotate(machines, machines.school.stations())


class RotationDoesNotEnd(_Fault):
    """A rotation was interrupted before it was confirmed."""

    name = "rotation-does-not-end"
    sentence = "a rotation made a new password eight days ago, and nobody went on with it"
    expected = (Problem("Passwords: Rotation does not end", Severity.WARNING, _HOST),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        role, line = passwords.make_password(machines)
        passwords.hold(machines, "rotation", line)
        where = ["--passfile", str(passwords.passfile_of(machines, "rotation")), "--role", role, "--pending"]
        vigie = elsewhen(machines, time.time() - 8 * DAY)
        machines.account.run([*vigie, "credentials", "note", str(machines.places.site), *where], timeout=60)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """Go on with it: hand the password out, confirm it, close the role of before."""
        before = passwords.current_generation(machines)
        for host in machines.school.stations():
            passwords.bring(machines, host)
        machines.run_vigie("credentials", "confirm", str(machines.places.site))
        if before is not None:
            machines.cluster.sql(f"ALTER ROLE {before.role} NOLOGIN;")
        passwords.start_client(machines)


class PreviousRoleUsed(_Fault):
    """A script that nobody told of the rotation."""

    name = "previous-role-used"
    slow = 28
    sentence = "a script on a machine that is no declared station keeps its session through a rotation"
    expected = (Problem("Passwords: Previous role is still used", Severity.WARNING, _HOST),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        line = passwords.passfile_of(machines, "rotation").read_text().rstrip("\n")
        passwords.hold(machines, passwords.ELSEWHERE, line)
        passwords.start_session(machines, passwords.ELSEWHERE, address=machines.cluster.address)
        passwords.wait_for_session(machines, passwords.ELSEWHERE)
        passwords.rotate(machines, machines.school.stations())
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        machines.supervisor.stop(f"client-{passwords.ELSEWHERE}")


class LedgerDamaged(_Fault):
    """The ledger was cut short."""

    name = "ledger-damaged"
    sentence = "the ledger of generations was cut in the middle by a full disk"
    expected = (Problem("Passwords: Check is broken", Severity.HIGH, _HOST),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        file = passwords.declared(machines).ledger
        whole = file.read_text()
        file.write_text(whole[: len(whole) // 2])
        return {"whole": whole}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        passwords.declared(machines).ledger.write_text(notes["whole"])


class FunctionMissing(_Fault):
    """The functions of passwords.sql are gone."""

    name = "function-missing"
    sentence = "PostgreSQL was installed again from its dumps without the functions of passwords.sql"
    expected = (Problem("Passwords: Check is broken", Severity.HIGH, _HOST),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        # The schema holds the functions of the replication too.
        machines.cluster.sql("DROP FUNCTION vigie.login_roles(), vigie.login_sessions(name[]);")
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        machines.cluster.sql((machines.places.hosts / _HOST / "passwords.sql").read_text())


class ObserverRefused(_Fault):
    """PostgreSQL does not let the observation in."""

    name = "observer-refused"
    slow = 33
    sentence = "the password of the observing role was changed, and its passfile on the server was forgotten"
    expected = (Problem("Passwords: PostgreSQL does not answer", Severity.AVERAGE, _HOST),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        passfile = passwords.declared(machines).observation.service_file.with_name("pgpass")
        write_secret(passfile, "*:*:*:vigie_observe:another")
        machines.observer.own(passfile)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        shared = machines.backup.observation.service_file.with_name("pgpass")
        passfile = passwords.declared(machines).observation.service_file.with_name("pgpass")
        write_secret(passfile, shared.read_text().rstrip("\n"))
        machines.observer.own(passfile)


class PasswordsNotAnswered(_Fault):
    """The agent does not know the item any more."""

    name = "passwords-without-parameter"
    sentence = "the agent of the databases' server lost the user parameter of the passwords"
    expected = (Problem("Passwords: No data from the agent", Severity.AVERAGE, _HOST),)
    silent_for = 100

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        host = machines.school.host(_HOST)
        lines = machines.parameters_of(host).splitlines(keepends=True)
        machines.supervisor.stop(machines.agent_name(host))
        machines.start_agent(host, parameters="".join(line for line in lines if "vigie.passwords" not in line))
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        host = machines.school.host(_HOST)
        machines.supervisor.stop(machines.agent_name(host))
        machines.start_agent(host)


FAULTS: tuple[Fault, ...] = (
    WeakHash(),
    RoleExpires(),
    RoleExpired(),
    PasswordTooOld(),
    RotationDoesNotEnd(),
    PreviousRoleUsed(),
    LedgerDamaged(),
    FunctionMissing(),
    ObserverRefused(),
    PasswordsNotAnswered(),
)
