"""What an observation of passwords comes to for whoever has no Zabbix. Stations are Zabbix's to compare."""

from collections.abc import Iterator

from vigie.observe.levels import Finding, Level
from vigie.observe.passwords.model import PasswordsObservation, PasswordsSeen, RolesSeen
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
    if seen.sessions is not None and seen.sessions.elsewhere:
        where = f"{seen.sessions.elsewhere} sessions, from {seen.sessions.elsewhere_names}"
        yield Finding(Level.WARNING, f"the previous login role is still used elsewhere than on stations: {where}")
    if seen.pending.number:
        yield Finding(Level.WELL, f"generation {seen.pending.number} is being handed out")


def _of_roles(roles: RolesSeen) -> Iterator[Finding]:
    if roles.expired:
        yield Finding(Level.PROBLEM, f"the password has expired of {roles.expired_names}")
    if roles.expiring:
        yield Finding(Level.WARNING, f"the password expires soon of {roles.expiring_names}")
    if roles.weak:
        yield Finding(Level.WARNING, f"the password is kept by a hash weaker than SCRAM of {roles.weak_names}")
