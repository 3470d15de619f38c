"""What an observation of passwords comes to for whoever has no Zabbix. Stations are Zabbix's to compare."""

from collections.abc import Iterator

from vigie.observe.levels import Finding, Level
from vigie.observe.passwords.model import PasswordsObservation, PasswordsSeen, RolesSeen, SessionsSeen
from vigie.observe.passwords.settings import ObservePasswords

_DAY = 86_400


def findings(observation: PasswordsObservation, settings: ObservePasswords) -> list[Finding]:
    """Everything that is not as promised, worst first."""
    if observation.seen is None:
        return [Finding(Level.UNKNOWN, observation.error)]
    return sorted(_found(observation.seen, settings), key=lambda finding: -finding.level)


def _found(seen: PasswordsSeen, settings: ObservePasswords) -> Iterator[Finding]:
    if not seen.postgres.reachable:
        yield Finding(Level.PROBLEM, f"PostgreSQL does not answer: {seen.postgres.error}")
    if seen.current.age > settings.max_age:
        days = f"{seen.current.age // _DAY} days old, promised {settings.max_age // _DAY} at most"
        yield Finding(Level.WARNING, f"the password of {seen.current.role} is {days}")
    if seen.roles is not None:
        yield from _of_roles(seen.roles)
    if seen.sessions is not None:
        yield from of_sessions(seen.sessions)
    if seen.pending.number:
        yield Finding(Level.WELL, f"generation {seen.pending.number} is being handed out")


def _of_roles(roles: RolesSeen) -> Iterator[Finding]:
    if roles.expired:
        yield Finding(Level.PROBLEM, f"the password has expired of {roles.expired_names}")
    if roles.expiring:
        yield Finding(Level.WARNING, f"the password expires soon of {roles.expiring_names}")
    if roles.weak:
        yield Finding(Level.WARNING, f"the password is kept by a hash weaker than SCRAM of {roles.weak_names}")


def of_sessions(sessions: SessionsSeen) -> Iterator[Finding]:
    """What the sessions of the previous login role come to."""
    if sessions.elsewhere:
        where = f"{sessions.elsewhere} sessions, from {sessions.elsewhere_names}"
        yield Finding(Level.WARNING, f"the previous login role is still used elsewhere than on stations: {where}")
    if sessions.unresolved:
        theirs = f"; {sessions.unplaced} sessions of the previous login role may be theirs" if sessions.unplaced else ""
        yield Finding(Level.WARNING, f"stations whose name has no address now: {sessions.unresolved_names}{theirs}")
