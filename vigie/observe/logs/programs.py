"""What each program of each declared source wrote last."""

from collections.abc import Mapping

from vigie.naming import key_of
from vigie.observe import texts
from vigie.observe.logs.model import ProgramSeen
from vigie.observe.logs.settings import ObserveLogs
from vigie.observe.logs.store import Program, Stored

MOST_PROGRAMS = 100


def programs_seen(settings: ObserveLogs, stored: Stored) -> Mapping[str, ProgramSeen]:
    """Key and row of the programs that wrote most in the last hour.

    Their names come from the messages: whoever writes one may invent them, so only so many are kept.
    """
    known = {name: source.host for source in settings.sources for name in source.names}
    own = [each for each in stored.programs if each.host in known and each.program and not _is_canary(each)]
    return {
        key_of(f"{program.host} {program.program}"): ProgramSeen(
            name=texts.short_name(program.program, ""),
            source=known[program.host],
            last_at=int(program.last_at),
            messages=program.messages,
        )
        for program in sorted(own, key=lambda program: -program.messages)[:MOST_PROGRAMS]
    }


def _is_canary(program: Program) -> bool:
    return program.program.startswith("vigie-canary")
