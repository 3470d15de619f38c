"""Starting, watching and stopping the lab's servers.

Each one leaves a record in `run/NAME.json`: its process id, and when that process started, so that an id given again
to another
program by the system is never mistaken for it. Only what such a record names is ever stopped.
"""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from lab.accounts import Account, clean_environment
from lab.waiting import wait_until
from vigie.errors import Exit, VigieError

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# The launcher's text is constant: it says which process it became, then becomes the program, whose output goes to the
# log.
_LAUNCHER = 'echo $$; exec "$@" >&2'


@dataclass(frozen=True, slots=True)
class Server:
    """A program that runs until it is stopped.

    Args:
        name: its name in `status` and of its log.
        argv: the program and its arguments; never a secret.
        account: who it runs as.
        ready: whether it answers.
        deadline: seconds it may take to be ready.
        stop_signal: how it is asked to end.
        whole_group: whether its children must be asked too, because it leaves them behind.
        where: what `status` shows of it: an address, a port.
    """

    name: str
    argv: list[str]
    account: Account
    ready: Callable[[], bool]
    deadline: float = 60.0
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: int = signal.SIGTERM
    whole_group: bool = False
    where: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A process that was started: `started` is in clock ticks since `boot`."""

    name: str
    pid: int
    started: int
    boot: str
    stop_signal: int
    whole_group: bool
    where: str

    def is_alive(self) -> bool:
        """Whether that very process still runs (a zombie does not)."""
        return self.boot == _boot() and _started(self.pid) == self.started


class Supervisor:
    """The servers of one lab directory.

    Args:
        records: folder of the records; made when absent.
        logs: folder of the logs; made when absent.
    """

    def __init__(self, records: Path, logs: Path) -> None:
        self._records = records
        self.logs = logs
        for folder in (records, logs):
            folder.mkdir(parents=True, exist_ok=True)

    def log_of(self, name: str) -> Path:
        """Where a server's output goes."""
        return self.logs / f"{name}.log"

    def start(self, server: Server) -> None:
        """Start a server unless it runs already, and wait until it is ready.

        Raises:
            VigieError: when it ends at once or is not ready in time; the sentence names its log. It is stopped then.
        """
        known = self.record_of(server.name)
        if known is None or not known.is_alive():
            known = self._launch(server)
        record = known

        def ready() -> bool:
            if not record.is_alive():
                raise VigieError(
                    f"{server.name} ended as soon as it was started: {self._last_words(server.name)}", Exit.FAILED
                )
            return server.ready()

        try:
            wait_until(ready, what=f"{server.name} is not ready", deadline=server.deadline)
        except VigieError as error:
            self.stop(server.name)
            raise VigieError(f"{error.sentence}; its log is {self.log_of(server.name)}", Exit.FAILED) from None

    def record_of(self, name: str) -> Record | None:
        """What is known of a server, or None when it was never started."""
        try:
            return Record(**json.loads((self._records / f"{name}.json").read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def records(self) -> list[Record]:
        """Every server that was started here, oldest first."""
        found = [self.record_of(path.stem) for path in self._records.glob("*.json")]
        return sorted((record for record in found if record), key=lambda record: record.started)

    def is_alive(self, name: str) -> bool:
        record = self.record_of(name)
        return record is not None and record.is_alive()

    def stop(self, name: str, *, patience: float = 20.0) -> None:
        """Stop a server if it runs: asked first, killed when it does not listen; then forget it."""
        record = self.record_of(name)
        if record is not None and record.is_alive():
            _signal(record, record.stop_signal, whole_group=record.whole_group)
            with suppress(VigieError):
                wait_until(lambda: not record.is_alive(), what=f"{name} does not end", deadline=patience)
            if record.is_alive():
                _signal(record, signal.SIGKILL, whole_group=True)
                wait_until(lambda: not record.is_alive(), what=f"{name} cannot be killed", deadline=patience)
        (self._records / f"{name}.json").unlink(missing_ok=True)

    def stop_all(self) -> list[str]:
        """Stop every server, the last started first; the names of those that ran."""
        alive = [record.name for record in reversed(self.records()) if record.is_alive()]
        for record in reversed(self.records()):
            self.stop(record.name)
        return alive

    def _launch(self, server: Server) -> Record:
        with self.log_of(server.name).open("ab") as log:
            try:
                launched = subprocess.run(
                    ["setsid", "--fork", "sh", "-c", _LAUNCHER, "sh", *server.argv],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env=clean_environment() | dict(server.environment),
                    cwd="/",
                    timeout=20,
                    check=True,
                    **server.account.popen_arguments(),  # type: ignore[call-overload]
                )
                pid = int(launched.stdout)
            except (OSError, subprocess.SubprocessError, ValueError) as error:
                raise VigieError(f"{server.name} cannot be started: {error}", Exit.FAILED) from error
        record = Record(
            name=server.name,
            pid=pid,
            started=_started(pid) or 0,
            boot=_boot(),
            stop_signal=int(server.stop_signal),
            whole_group=server.whole_group,
            where=server.where,
        )
        file = self._records / f"{server.name}.json"
        file.write_text(json.dumps(asdict(record)) + "\n")
        return record

    def _last_words(self, name: str) -> str:
        lines = self.log_of(name).read_text(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "it said nothing"


def _signal(record: Record, number: int, *, whole_group: bool) -> None:
    """Signal a record's process, or its group: each server leads its own session, so the group is its own too."""
    with suppress(ProcessLookupError):
        if whole_group:
            os.killpg(record.pid, number)
        else:
            os.kill(record.pid, number)


def _started(pid: int) -> int | None:
    """When a process started, in clock ticks since the system did; None when it is gone or a zombie."""
    try:
        # The program's name may hold spaces and parentheses: fields are counted after the last one.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def _boot() -> str:
    return _BOOT_ID.read_text().strip()
