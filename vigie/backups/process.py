"""Running the tools of PostgreSQL and rsync: arguments as lists, a deadline on each, all of them ended on demand."""

import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import IO, Any

_TOLD = 4096
_CHUNK = 1 << 18


class ToolError(Exception):
    """A tool failed; the sentence is the last thing it said."""


class Cancelled(ToolError):  # noqa: N818 - it is an outcome, not a fault
    """The tool was ended because the run was asked to stop."""


class Tools:
    """Starts tools and can end all of those that are running."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._turn = threading.RLock()  # a second signal may come while the first one ends the tools
        self.cancelled = threading.Event()

    def cancel(self) -> None:
        """End every running tool, and refuse to start others."""
        self.cancelled.set()
        with self._turn:
            for process in self._running:
                process.kill()

    def run(
        self,
        command: list[str],
        *,
        timeout: float,
        env: Mapping[str, str] | None = None,
        stdin: bytes | None = None,
        stdout: IO[Any] | None = None,
        consume: Callable[[bytes], None] | None = None,
    ) -> None:
        """Run a tool to its end.

        Args:
            command: program and arguments.
            timeout: seconds after which it is killed.
            env: its whole environment.
            stdin: what it reads; nothing when None.
            stdout: an open file for what it prints; nowhere when None.
            consume: called with what it prints, piece by piece, instead of `stdout`.

        Raises:
            ToolError: when it cannot be started, does not end with 0 or in time.
            Cancelled: when the run was asked to stop.
        """
        name = command[0].rsplit("/", 1)[-1]
        with tempfile.TemporaryFile() as told:
            with self._turn:  # so that `cancel` misses no process
                if self.cancelled.is_set():
                    raise Cancelled(f"{name} was not started: the run was stopped")
                try:
                    process = subprocess.Popen(
                        command,
                        env=dict(env) if env is not None else None,
                        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                        stdout=subprocess.PIPE if consume else (stdout or subprocess.DEVNULL),
                        stderr=told,
                    )
                except OSError as error:
                    raise ToolError(f"{name} cannot be started: {error.strerror}") from error
                self._running.add(process)
            overdue = threading.Event()

            def end_it() -> None:
                overdue.set()
                process.kill()

            alarm = threading.Timer(timeout, end_it)
            alarm.daemon = True
            alarm.start()
            try:
                _exchange(process, stdin, consume)
                code = process.wait()
            finally:
                alarm.cancel()
                if process.poll() is None:
                    process.kill()
                    process.wait()
                with self._turn:
                    self._running.discard(process)
            if overdue.is_set():
                raise ToolError(f"{name} did not end within {timeout:.0f} s and was stopped")
            if code != 0:
                if self.cancelled.is_set():
                    raise Cancelled(f"{name} was ended: the run was stopped")
                raise ToolError(_last_words(told, name, code))


def _exchange(process: subprocess.Popen[bytes], stdin: bytes | None, consume: Callable[[bytes], None] | None) -> None:
    if process.stdin is not None:
        # One that ended early says why by its exit code and its last words.
        with suppress(BrokenPipeError):
            process.stdin.write(stdin or b"")
        with suppress(BrokenPipeError):
            process.stdin.close()
    if process.stdout is not None and consume is not None:
        with process.stdout as stream:
            while piece := os.read(stream.fileno(), _CHUNK):
                consume(piece)


def _last_words(told: IO[bytes], name: str, code: int) -> str:
    """The tool's own sentence: the first line that tells a fault, or the last line."""
    told.seek(0, os.SEEK_END)
    told.seek(max(0, told.tell() - _TOLD))
    lines = [line.strip() for line in told.read().decode("utf-8", "replace").splitlines() if line.strip()]
    # rsync closes with a line that only repeats its exit code.
    lines = [line for line in lines if not line.startswith("rsync error:")] or lines
    faults = [line for line in lines if any(word in line.lower() for word in ("error", "fatal", "failed", "denied"))]
    chosen = (faults or lines[-1:] or [f"{name} ended with code {code} without a word"])[0]
    return "".join(c if c.isprintable() else " " for c in chosen)[:500]
