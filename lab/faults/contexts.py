"""Faults of the contexts of OpenERP, and of the right to read them."""

import signal
from collections.abc import Mapping
from typing import Any, ClassVar

from lab.accounts import POSTGRES_BIN
from lab.faults.base import Fault, Severity
from lab.faults.openerp import OpenErpFault, problem
from lab.postgres import SUPERUSER
from lab.processes import Server
from lab.school import contexts, openerp
from lab.school.machines import Machines

_UPGRADE = "fault-upgrade"
_LOCKS = "fault-locks"
_WAITING = "SELECT count(*) FROM ir_module_module WHERE state LIKE 'to %';"
_FORGET_UPGRADE = """DELETE FROM ir_model_data
WHERE module = 'base' AND model = 'res.currency' AND name IN ('XOF', 'XAF', 'UGX', 'HNL', 'CLP');"""
_REVOKE = "REVOKE SELECT ON ir_module_module, ir_model_data, ir_cron FROM vigie_contexts;"
_LET_GO = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}';"
_HELD = (
    "SELECT count(DISTINCT datname) FROM pg_stat_activity WHERE application_name = '{name}' AND wait_event = 'PgSleep';"
)


class InterruptedUpgrade(OpenErpFault):
    """An upgrade is killed half way."""

    name = "upgrade-interrupted"
    sentence = "the upgrade of a student's context is killed with kill -9 half way: its modules still wait"
    database: ClassVar[str] = "SpecibikeLefèvre"
    expected = problem(
        f"OpenERP of [{database}]: Upgrade was interrupted", Severity.AVERAGE, database=database, kind="student"
    )

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        server = Server(
            name=_UPGRADE,
            argv=openerp.upgrade_command(machines, self.database),
            account=machines.account,
            ready=lambda: int(machines.cluster.sql(_WAITING, database=self.database)) > 0,
            stop_signal=signal.SIGKILL,
        )
        machines.supervisor.start(server)
        machines.supervisor.stop(_UPGRADE)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """Upgrade it to the end."""
        machines.account.run(openerp.upgrade_command(machines, self.database), timeout=60)


class NotUpgraded(OpenErpFault):
    """A context is restored as it was before 6.0.4."""

    name = "context-not-upgraded"
    sentence = "a student's context is as it was before the upgrade to 6.0.4: OpenERP runs on it and says nothing"
    database: ClassVar[str] = "SpecibikeN'Diaye"
    expected = problem(f"OpenERP of [{database}]: Not upgraded", Severity.WARNING, database=database, kind="student")

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.cluster.sql(_FORGET_UPGRADE, database=self.database)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """Upgrade it, as every other one was."""
        machines.account.run(openerp.upgrade_command(machines, self.database), timeout=60)


class CronStuck(OpenErpFault):
    """A scheduled action never ends: its row is locked by a session that was left open."""

    name = "cron-stuck"
    slow = 38
    sentence = "a forgotten session holds the row of a scheduled action: OpenERP waits for it for ever"
    database: ClassVar[str] = openerp.SERVED[0]
    expected = problem(
        f"OpenERP of [{database}]: Scheduled actions are late", Severity.WARNING, database=database, kind="class"
    )

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        cluster = machines.cluster
        # Due in a moment, and locked before: what OpenERP does then waits for the lock.
        due = "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' + interval '3 seconds' WHERE id = 1;"
        cluster.sql(due, database=self.database)
        held = "BEGIN; SELECT id FROM ir_cron FOR UPDATE; SELECT pg_sleep(600);"
        machines.supervisor.start(_session(machines, _LOCKS, self.database, held))
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """End the forgotten session; OpenERP runs the action at once."""
        machines.supervisor.stop(_LOCKS)
        machines.cluster.sql(_LET_GO.format(name=_LOCKS))


class EmptyContext(OpenErpFault):
    """A database with a context's name and nothing in it."""

    name = "context-empty"
    sentence = "somebody creates a context with createdb: a login would install OpenERP into it"
    database: ClassVar[str] = "SpecibikeTSTMG1Vide"
    expected = problem(f"OpenERP of [{database}]: Holds no OpenERP", Severity.WARNING, database=database, kind="group")

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        name = contexts.identifier(self.database)
        machines.cluster.sql(f"DROP DATABASE IF EXISTS {name};")
        machines.cluster.sql(f"CREATE DATABASE {name} OWNER {contexts.OWNER} TEMPLATE template0;")
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """Have OpenERP make it, as it should have been."""
        machines.cluster.sql(f"DROP DATABASE {contexts.identifier(self.database)} WITH (FORCE);")
        contexts.make(machines.cluster, self.database)


class RightRevoked(OpenErpFault):
    """The right to read a context is gone, and the timer that grants it is stopped."""

    name = "context-not-granted"
    slow = 65
    sentence = "a context was restored without its rights, and the timer that grants them is stopped"
    database: ClassVar[str] = "SpecibikeÉtienne"
    expected = problem(f"OpenERP of [{database}]: Cannot be read", Severity.WARNING, database=database, kind="student")

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.supervisor.stop(openerp.GRANT)
        machines.cluster.sql(_REVOKE, database=self.database)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        openerp.start_grants(machines)


class CheckLockedOut(OpenErpFault):
    """PostgreSQL serves OpenERP, and does not let the check in."""

    name = "contexts-closed-to-check"
    sentence = "the role of the check may no longer log in: OpenERP works, and nothing is known of the contexts"
    expected = problem("OpenERP: Contexts cannot be listed", Severity.AVERAGE)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.cluster.sql(f"ALTER ROLE {openerp.ROLE} NOLOGIN;")
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        machines.cluster.sql(f"ALTER ROLE {openerp.ROLE} LOGIN;")


class ContextsLocked(OpenErpFault):
    """A maintenance holds a table of every context: the deadline comes before all of them are read."""

    name = "contexts-locked"
    alone = True  # a dump waits for such a lock too
    sentence = "a maintenance locks a table of every context, so that the check cannot read them all in time"
    expected = problem("OpenERP: Contexts were not all read", Severity.WARNING)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        held = "BEGIN; LOCK TABLE ir_model_data IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600);"
        for number, name in enumerate(contexts.CONTEXTS):
            machines.supervisor.start(_session(machines, f"{_LOCKS}-{number}", name, held))
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """End the maintenance."""
        for number in range(len(contexts.CONTEXTS)):
            machines.supervisor.stop(f"{_LOCKS}-{number}")
            machines.cluster.sql(_LET_GO.format(name=f"{_LOCKS}-{number}"))


def _session(machines: Machines, name: str, database: str, statements: str) -> Server:
    """A session of the superuser that holds what its statements lock, until it is ended."""
    cluster = machines.cluster
    quoted = database.replace("\\", "\\\\").replace("'", "\\'")
    where = ["-Xq", "-h", str(cluster.socket), "-p", str(cluster.port), "-U", SUPERUSER, "-d", f"dbname='{quoted}'"]
    return Server(
        name=name,
        argv=[str(POSTGRES_BIN / "psql"), *where, "-c", statements],
        account=machines.account,
        ready=lambda: int(cluster.sql(_HELD.format(name=name))) > 0,
        environment={"PGAPPNAME": name},
    )


FAULTS: tuple[Fault, ...] = (
    InterruptedUpgrade(),
    NotUpgraded(),
    CronStuck(),
    EmptyContext(),
    RightRevoked(),
    CheckLockedOut(),
    ContextsLocked(),
)
