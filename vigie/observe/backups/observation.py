"""The observation of a school's backups, on the backup server: what is expected, what is there, what it is worth.

It changes nothing and reads no dump. The far side is what counts: a dump that never reached this store is missing.
"""

import os
import time
from collections.abc import Callable
from functools import partial

from vigie.backups.catalogue import RUNS, CatalogueError, read_last_run
from vigie.backups.manifests import RunManifest
from vigie.observe import texts
from vigie.observe.asking import Asked, TooLateError
from vigie.observe.backups.databases import counted, databases_seen
from vigie.observe.backups.dumps import CutOffError, Standing, look
from vigie.observe.backups.model import BackupsObservation, BackupsSeen, PostgresSeen, Promise, ReceiverSeen
from vigie.observe.backups.receiver import ReceiverError, hear_greeting
from vigie.observe.backups.runs import recheck_seen, run_seen
from vigie.observe.backups.settings import ObserveBackups
from vigie.observe.backups.space import space_of
from vigie.observe.contexts import list_contexts
from vigie.observe.postgres import PostgresError

# Shares of the deadline: the servers first, then the disk; what is left is for judging and writing.
_FOR_SERVERS = 0.75
_FOR_DISK = 0.85


def observe_backups(settings: ObserveBackups, *, clock: Callable[[], float] = time.time) -> BackupsObservation:
    """Observe the backups of a school.

    Args:
        settings: where things are and what was promised.
        clock: the time of day, epoch seconds.

    Returns:
        What was seen. When the catalogue or the disk cannot be seen, or the deadline comes first, `error` says so and
        there is nothing else. When PostgreSQL cannot be asked, the list is the last run's and dumps are still reported.
    """
    begun = time.monotonic()
    now = clock()
    try:
        seen = _seen(settings, begun, now)
    except CatalogueError as error:
        return BackupsObservation(int(now), _since(begun), error=texts.sentence(str(error)))
    except (TooLateError, CutOffError):
        return BackupsObservation(
            int(now), _since(begun), error=f"cut off after {settings.deadline:g} s while looking at the dumps"
        )
    except OSError as error:
        sentence = f"the store {settings.store} cannot be looked at: {error.strerror or error}"
        return BackupsObservation(int(now), _since(begun), error=texts.sentence(sentence))
    return BackupsObservation(int(now), _since(begun), seen=seen)


def _since(begun: float) -> float:
    return round(time.monotonic() - begun, 3)


def _seen(settings: ObserveBackups, begun: float, now: float) -> BackupsSeen:
    servers_until = begun + settings.deadline * _FOR_SERVERS
    disk_until = begun + settings.deadline * _FOR_DISK
    listing = Asked(
        partial(list_contexts, settings.service, settings.service_file, settings.deadline * _FOR_SERVERS),
    )
    greeting = Asked(partial(_greeting, settings, servers_until))
    standing, run, room = Asked(partial(_on_disk, settings.store, disk_until)).answer(disk_until)
    names, postgres = _listed(listing, servers_until)
    receiver = _heard(greeting, servers_until, settings)
    databases = databases_seen(settings, standing, run, names, now)
    return BackupsSeen(
        promise=Promise(settings.max_age, settings.verify_age),
        postgres=postgres,
        receiver=receiver,
        run=run_seen(run, settings, standing, databases, now),
        space=space_of(room, standing.index),
        recheck=recheck_seen(standing, settings, now),
        counts=counted(databases, standing),
        databases=databases,
    )


def _on_disk(store: str, until: float) -> tuple[Standing, RunManifest | None, os.statvfs_result]:
    # The run is read first: a dump it says was delivered is then in the ledger that is read after it.
    run = read_last_run(f"{store}/{RUNS}")
    return look(store, until), run, os.statvfs(store)


def _greeting(settings: ObserveBackups, until: float) -> None:
    if settings.receiver_port:
        hear_greeting(settings.receiver_address, settings.receiver_port, until)


def _listed(listing: Asked[list[str]], until: float) -> tuple[list[str] | None, PostgresSeen]:
    try:
        names = listing.answer(until)
    except PostgresError as error:
        return None, PostgresSeen(0, -1, texts.sentence(str(error)))
    except TooLateError:
        return None, PostgresSeen(0, -1, "PostgreSQL does not answer in time")
    return names, PostgresSeen(1, len(names))


def _heard(greeting: Asked[None], until: float, settings: ObserveBackups) -> ReceiverSeen:
    try:
        greeting.answer(until)
    except ReceiverError as error:
        return ReceiverSeen(0, texts.sentence(str(error)))
    except TooLateError:
        return ReceiverSeen(0, f"nothing greets at {settings.receiver_address}:{settings.receiver_port} in time")
    return ReceiverSeen(1 if settings.receiver_port else 2)
