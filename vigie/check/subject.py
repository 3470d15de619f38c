"""What every `vigie check SUBJECT` does: read the settings, observe, show, end with the verdict's exit code."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, NoReturn, TypeVar

import typer
from rich.console import Console, RenderableType
from rich.text import Text

from vigie.observe.levels import Finding, Level, level_of
from vigie.settings import Settings, SettingsError

AsJson = Annotated[bool, typer.Option("--json", help="Print the document that Zabbix gets.")]

_COLOURS = {Level.WELL: "green", Level.WARNING: "yellow", Level.PROBLEM: "red", Level.UNKNOWN: "magenta"}
_VERDICTS = {
    Level.WELL: "{} as promised",
    Level.WARNING: "{} as promised, with a warning",
    Level.PROBLEM: "{} not as promised",
    Level.UNKNOWN: "nothing can be said of {}",
}

S = TypeVar("S", bound=Settings)
O = TypeVar("O")  # noqa: E741 -- an observation


@dataclass(frozen=True, slots=True)
class Subject(Generic[S, O]):
    """A subject that can be checked by hand.

    Args:
        title: what the verdict speaks of, with its verb: `the backups are`; without it for what cannot be told.
        settings: the model of its settings file.
        observe: the observation.
        document: its document, as plain data.
        findings: what a person must know of it.
        tables: the facts as tables; nothing when it could not see.
    """

    title: str
    settings: type[S]
    observe: Callable[[S], O]
    document: Callable[[O], dict[str, Any]]
    findings: Callable[[O, S], list[Finding]]
    tables: Callable[[O], list[RenderableType]]


def check(subject: Subject[S, O], file: Path, *, as_json: bool) -> NoReturn:
    """Check a subject and end with its level as exit code: 0 well, 1 warning, 2 problem, 3 cannot tell."""
    from vigie.observe.document import written

    try:
        known = subject.settings.read(file)
    except SettingsError as error:
        sys.stderr.write(f"vigie: {error}\n")
        raise typer.Exit(Level.UNKNOWN) from None
    observation = subject.observe(known)
    found = subject.findings(observation, known)
    if as_json:
        sys.stdout.buffer.write(written(subject.document(observation)))
        sys.stdout.buffer.flush()
    else:
        # In a file or a mail there is no width to keep to.
        console = Console(highlight=False, width=None if sys.stdout.isatty() else 110)
        show(console, subject, known.school, found, subject.tables(observation))
    raise typer.Exit(level_of(found))


def show(
    console: Console, subject: Subject[Any, Any], school: str, found: list[Finding], tables: list[RenderableType]
) -> None:
    """Print the verdict, the findings, worst first, and the facts."""
    level = level_of(found)
    title = subject.title.rsplit(" ", 1)[0] if level == Level.UNKNOWN else subject.title
    console.print(Text(f"{school}: {_VERDICTS[level].format(title)}", style=f"bold {_COLOURS[level]}"))
    for finding in found:
        console.print(Text(f"  {finding.text}", style=_COLOURS[finding.level]), soft_wrap=True)
    if tables:
        console.print()
    for table in tables:
        console.print(table, soft_wrap=isinstance(table, Text))
