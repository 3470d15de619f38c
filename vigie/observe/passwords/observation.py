"""The observation of a school's passwords, on the server with the databases: the ledger's generations, then PostgreSQL.

Stations tell themselves what they hold; Zabbix compares that with the marks seen here.
"""

import time
from collections.abc import Callable, Iterable
from functools import partial

from vigie.credentials.generations import Ledger, LedgerError, read_ledger
from vigie.observe import texts
from vigie.observe.asking import Asked, TooLateError
from vigie.observe.passwords.model import (
    CurrentSeen,
    Marks,
    PasswordsObservation,
    PasswordsSeen,
    PendingSeen,
    PostgresSeen,
    Promise,
    RolesSeen,
    SessionsSeen,
    StationSeen,
)
from vigie.observe.passwords.places import Names, Places
from vigie.observe.passwords.server import LoginRole, NotInstalledError, Sessions, ask
from vigie.observe.passwords.settings import ObservePasswords
from vigie.observe.postgres import PostgresError

# What is left of the deadline is for judging and writing.
_FOR_POSTGRES = 0.8
_SCRAM = "scram-sha-256"
_NO_HASH = "none"
_ITSELF = "the server itself"


def observe_passwords(settings: ObservePasswords, *, clock: Callable[[], float] = time.time) -> PasswordsObservation:
    """Observe the passwords of a school.

    Args:
        settings: where things are and what was promised.
        clock: the time of day, epoch seconds.

    Returns:
        What was seen. When the ledger cannot be read, or PostgreSQL has not Vigie's functions, `error` says so and
        there is nothing else. When PostgreSQL cannot be asked, the ledger's part is there all the same.
    """
    begun = time.monotonic()
    now = clock()

    def ended(error: str = "", seen: PasswordsSeen | None = None) -> PasswordsObservation:
        return PasswordsObservation(int(now), round(time.monotonic() - begun, 3), texts.sentence(error), seen)

    until = begun + settings.deadline * _FOR_POSTGRES
    asked = Asked(
        partial(ask, settings.service, settings.service_file, settings.deadline * _FOR_POSTGRES, settings.roles)
    )
    names = Names(settings)
    try:
        ledger = read_ledger(settings.ledger, settings.school)
        return ended(seen=_seen(settings, ledger, asked, names, until, now))
    except (LedgerError, NotInstalledError) as error:
        return ended(str(error))


def _seen(
    settings: ObservePasswords,
    ledger: Ledger,
    asked: Asked[tuple[list[LoginRole], list[Sessions]]],
    names: Names,
    until: float,
    now: float,
) -> PasswordsSeen:
    roles: RolesSeen | None = None
    sessions: SessionsSeen | None = None
    stations: dict[str, StationSeen] = {}
    try:
        known, open_now = asked.answer(until)
        postgres = PostgresSeen(1)
        roles = roles_seen(known, now, settings.expiry_warning)
        sessions, stations = sessions_seen(settings, ledger, open_now, names.places(until))
    except PostgresError as error:
        postgres = PostgresSeen(0, texts.sentence(str(error)))
    except TooLateError:
        postgres = PostgresSeen(0, "PostgreSQL does not answer in time")
    return PasswordsSeen(
        promise=Promise(settings.max_age, settings.expiry_warning),
        current=_current(ledger, now),
        pending=_pending(ledger, now),
        marks=marks_of(ledger),
        postgres=postgres,
        roles=roles,
        sessions=sessions,
        declared=len(settings.stations),
        stations=stations,
    )


def _current(ledger: Ledger, now: float) -> CurrentSeen:
    known = ledger.current
    if known is None:
        return CurrentSeen()
    return CurrentSeen(known.number, known.role, known.since, max(0, int(now) - known.made_at))


def _pending(ledger: Ledger, now: float) -> PendingSeen:
    known = ledger.pending
    return PendingSeen() if known is None else PendingSeen(known.number, known.role, max(0, int(now) - known.made_at))


def marks_of(ledger: Ledger) -> Marks:
    """What stations are compared with."""
    named = {f"older{place}": each.mark for place, each in enumerate(ledger.older, start=1)}
    if ledger.current is not None:
        named["current"] = ledger.current.mark
    if ledger.pending is not None:
        named["next"] = ledger.pending.mark
    return Marks(**named)


def roles_seen(known: Iterable[LoginRole], now: float, expiry_warning: int) -> RolesSeen:
    """The roles that may log in, counted.

    Args:
        known: as PostgreSQL tells them.
        now: epoch seconds.
        expiry_warning: seconds before its end from which a password is called expiring.
    """
    roles = sorted(known, key=lambda role: role.name)
    weak = [role.name for role in roles if role.kind not in (_SCRAM, _NO_HASH)]
    # Without a password there is none to expire: such a role comes by its system user or by a certificate.
    ends = {role.name: role.valid_until for role in roles if role.valid_until is not None and role.kind != _NO_HASH}
    expired = [name for name, end in ends.items() if end <= now]
    expiring = [name for name, end in ends.items() if now < end <= now + expiry_warning]
    return RolesSeen(
        login=len(roles),
        scram=sum(role.kind == _SCRAM for role in roles),
        without=sum(role.kind == _NO_HASH for role in roles),
        weak=len(weak),
        weak_names=_some(weak),
        expiring=len(expiring),
        expiring_names=_some(expiring),
        expired=len(expired),
        expired_names=_some(expired),
    )


def sessions_seen(
    settings: ObservePasswords, ledger: Ledger, open_now: Iterable[Sessions], places: Places
) -> tuple[SessionsSeen, dict[str, StationSeen]]:
    """The sessions of the two login roles, as a whole and by declared station."""
    in_use = {each.role for each in (ledger.current, ledger.pending) if each is not None}
    current = dict.fromkeys(settings.stations, 0)
    previous = dict.fromkeys(settings.stations, 0)
    totals = {True: 0, False: 0}
    strange: dict[str, int] = {}
    for each in open_now:
        is_current = not in_use or each.role in in_use  # before the first generation, nothing is previous
        totals[is_current] += each.count
        station = places.stations.get(each.address)
        if station is not None:
            (current if is_current else previous)[station] += each.count
        elif not is_current:
            strange[each.address] = strange.get(each.address, 0) + each.count
    # The server's own socket is no station's, whatever its name resolves to.
    unplaced = {address for address in strange if address and places.unresolved}
    elsewhere = [address or _ITSELF for address in strange if address not in unplaced]
    seen = SessionsSeen(
        current=totals[True],
        previous=totals[False],
        elsewhere=sum(count for address, count in strange.items() if address not in unplaced),
        elsewhere_names=_some(sorted(elsewhere)),
        unplaced=sum(strange[address] for address in unplaced),
        unresolved=len(places.unresolved),
        unresolved_names=_some(list(places.unresolved)),
    )
    return seen, {name: StationSeen(current[name], previous[name]) for name in settings.stations}


def _some(names: list[str]) -> str:
    return texts.some_of([texts.short_name(name, name) for name in names])
