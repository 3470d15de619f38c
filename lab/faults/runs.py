"""Faults of the nightly run: killed, failed, late, never."""

import signal
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from lab.accounts import POSTGRES_BIN
from lab.faults.base import Fault, Problem, Severity
from lab.postgres import SUPERUSER
from lab.processes import Server
from lab.school.machines import Machines
from lab.waiting import wait_until
from vigie.backups.catalogue import Layout, read_last_run
from vigie.backups.manifests import RunPhase

_RUN = "fault-run"
_LOCK = "fault-lock"
# The name that the session gives itself by PGAPPNAME is the server's name here.
_IS_HELD = """SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE application_name = 'fault-lock' AND mode = 'AccessExclusiveLock' AND granted AND relation IS NOT NULL;"""
_LET_GO = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fault-lock';"


class KilledRun(Fault):
    """The run is killed in the middle of a dump."""

    name = "killed-run"
    sentence = "the nightly run is killed with kill -9 half way"
    expected = (Problem("Backups: Last run was interrupted", Severity.HIGH),)
    database: ClassVar[str] = "SpecibikeTSarah"

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        """Hold a table so that one dump waits, kill the run once the backup server has heard of it, let go."""
        layout = Layout(machines.places.store)
        before = read_last_run(layout.runs)
        supervisor = machines.supervisor
        supervisor.start(self._table_lock(machines))
        try:
            supervisor.start(self._run(machines))

            def is_half_way() -> bool:
                run = read_last_run(layout.runs)
                if run is None or (before is not None and run.run == before.run):
                    return False
                return run.phase == RunPhase.RUNNING and bool(run.databases)

            wait_until(is_half_way, what="the backup server does not hear of the run", deadline=60)
        finally:
            supervisor.stop(_RUN)
            supervisor.stop(_LOCK)
            # Its session sleeps on the server, and would hold the table until it wakes.
            machines.cluster.sql(_LET_GO)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """Run again: it goes on with what is missing."""
        machines.back_up()

    def _table_lock(self, machines: Machines) -> Server:
        cluster = machines.cluster
        arguments = ["-Xq", "-h", str(cluster.socket), "-p", str(cluster.port), "-U", SUPERUSER, "-d", self.database]
        held = "BEGIN; LOCK TABLE wkf_workitem IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600);"
        return Server(
            name=_LOCK,
            argv=[str(POSTGRES_BIN / "psql"), *arguments, "-c", held],
            account=machines.account,
            ready=lambda: int(cluster.sql(_IS_HELD)) > 0,
            environment={"PGAPPNAME": _LOCK},
        )

    @staticmethod
    def _run(machines: Machines) -> Server:
        return Server(
            name=_RUN,
            argv=[str(machines.vigie), "backup", "run", str(machines.places.site)],
            account=machines.account,
            ready=lambda: True,
            stop_signal=signal.SIGKILL,
            whole_group=True,
        )


class FailedRun(Fault):
    """Nothing at all is dumped."""

    name = "failed-run"
    sentence = "the role of the backup may no longer log in: the run ends without any dump"
    expected = (Problem("Backups: Last run failed", Severity.HIGH),)

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        machines.cluster.sql("ALTER ROLE vigie_backup NOLOGIN;")
        machines.back_up(check=False)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        machines.cluster.sql("ALTER ROLE vigie_backup LOGIN;")
        machines.back_up()


class _OtherStore(Fault):
    """The backup server has another store than it should, made by the product too."""

    @abstractmethod
    def put_other(self, machines: Machines) -> None:
        """Put another store in the place of the one that was set aside."""

    def break_(self, machines: Machines) -> Mapping[str, Any]:
        with machines.store_at_rest():
            machines.places.store.rename(_aside(machines))
            self.put_other(machines)
        return {}

    def mend(self, machines: Machines, notes: Mapping[str, Any]) -> None:
        """Put the store back in its place."""
        places = machines.places
        with machines.store_at_rest():
            machines.account.run(["rm", "-rf", "--", str(places.store)], timeout=60)
            _aside(machines).rename(places.store)


class LateRun(_OtherStore):
    """The last run is two days old."""

    name = "late-run"
    sentence = "the timer was stopped two nights ago: no run since"
    expected = (Problem("Backups: No run for too long", Severity.HIGH),)

    def put_other(self, machines: Machines) -> None:
        """The store as it was two nights ago."""
        places = machines.places
        machines.account.run(["cp", "-a", "--", str(places.past), str(places.store)], timeout=60)


class NeverRun(_OtherStore):
    """The backup server never heard of a run."""

    name = "never-run"
    sentence = "the backup server has a new, empty store: no run ever reached it"
    expected = (Problem("Backups: No run was ever seen", Severity.HIGH),)

    def put_other(self, machines: Machines) -> None:
        """A store that was just made."""
        machines.make_store()


def _aside(machines: Machines) -> Path:
    return machines.places.disk / "store-aside"
