"""What a person sees of a backup: a bar on a terminal, plain lines in a journal."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from vigie.backups.catalogue import Index
from vigie.backups.manifests import DatabaseRun, Outcome, RunManifest
from vigie.backups.space import readable
from vigie.naming import shown


class RunProgress:
    """Shows a run as it goes; failures are printed where they happen."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, soft_wrap=True)
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            console=self._console, disable=not self._console.is_terminal,
        )  # fmt: skip
        self._states: dict[str, str] = {}
        self._task = self._bar.add_task("dumping", total=None)

    def changed(self, key: str, database: DatabaseRun) -> None:
        """A database came further."""
        self._states[key] = database.outcome
        delivered = sum(state == Outcome.DELIVERED for state in self._states.values())
        self._bar.update(
            self._task,
            completed=len(self._states),
            description=f"dumped [bold]{len(self._states)}[/bold], on the backup server [bold]{delivered}[/bold]",
        )
        if database.outcome == Outcome.FAILED:
            self._console.print(f"{shown(database.name)}: {database.error}", style="red", markup=False, highlight=False)

    def summary(self, run: RunManifest) -> None:
        """One closing line."""
        outcomes = [database.outcome for database in run.databases.values()]
        size = sum(database.size for database in run.databases.values() if database.outcome == Outcome.DELIVERED)
        line = (
            f"run {run.run}: {run.phase}; {outcomes.count(Outcome.DELIVERED)} of {len(outcomes)} on the backup server "
            f"({readable(size)}) in {run.finished_at - run.started_at:.1f} s"
        )
        if run.resumes:
            line += f", going on with {run.resumes}"
        self._console.print(line, markup=False, highlight=False)
        if run.error:
            self._console.print(run.error, style="red", markup=False, highlight=False)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()


def print_dumps(index: Index) -> None:
    """A table of the dumps of a store."""
    table = Table("database", "key", "dump", "size", "verified", "state")
    for key, held in sorted(index.databases.items()):
        for entry in held.dumps:
            verified = (
                time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.verified_at)) if entry.verified_at else "never"
            )
            table.add_row(
                Text(shown(held.name)),  # not rich's markup, where [brackets] have a meaning
                key,
                entry.stamp,
                readable(entry.size),
                verified,
                "corrupt" if entry.state else "sound",
            )
    Console().print(table)
