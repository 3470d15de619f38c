"""`vigie check passwords`: the generations, the roles and the sessions as a table for people."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from vigie.check.subject import AsJson, Subject, check
from vigie.check.texts import ago
from vigie.observe.passwords import verdict
from vigie.observe.passwords.document import of_passwords
from vigie.observe.passwords.model import PasswordsObservation, PasswordsSeen
from vigie.observe.passwords.observation import observe_passwords
from vigie.observe.passwords.settings import ObservePasswords


def tables(observation: PasswordsObservation) -> list[RenderableType]:
    """The facts, then the sessions of each declared station."""
    seen = observation.seen
    if seen is None:
        return []
    facts = Table.grid(padding=(0, 2))
    for label, text in _facts(seen):
        facts.add_row(Text(label, style="bold"), Text(text))
    if not seen.stations:
        return [facts]
    stations = Table("Station", box=None, pad_edge=False, header_style="bold")
    for heading in ("Sessions", "of the previous role"):
        stations.add_column(heading, justify="right")
    for name, station in seen.stations.items():
        stations.add_row(Text(name), str(station.current), str(station.previous))
    return [facts, Text(), stations]


SUBJECT = Subject("the passwords are", ObservePasswords, observe_passwords, of_passwords, verdict.findings, tables)


def command(
    settings: Annotated[Path, typer.Argument(metavar="SETTINGS.json", help="As /etc/vigie/passwords-<UAI>.json.")],
    as_json: AsJson = False,
) -> None:
    """Show the state of a school's passwords. Exit code 0 well, 1 warning, 2 problem, 3 cannot tell."""
    check(SUBJECT, settings, as_json=as_json)


def _facts(seen: PasswordsSeen) -> Iterator[tuple[str, str]]:
    current, pending = seen.current, seen.pending
    if current.number:
        yield "Generation", f"{current.number}, role {current.role}, password made {ago(current.age)} ago"
    else:
        yield "Generation", "none yet"
    if pending.number:
        yield "Being handed out", f"{pending.number}, role {pending.role}, for {ago(pending.age)}"
    if seen.roles is None or seen.sessions is None:
        yield "PostgreSQL", "does not answer"
        return
    roles, sessions = seen.roles, seen.sessions
    hashes = f"{roles.scram} by SCRAM, {roles.weak} by a weaker hash, {roles.without} without a password"
    yield "Roles", f"{roles.login} may log in: {hashes}"
    yield "Sessions", f"{sessions.current} of the current role, {sessions.previous} of the previous one"
