"""Back up the databases of a school.

Cures:     a context without a fresh dump on the backup server.
Comes from: the nightly timer; the problems "stale", "missing", "last run failed", "last run was interrupted".
Needs:     the PostgreSQL service `vigie-backup`, the local store, the backup server's rsync.
Exit:      0 everything is on the backup server, 1 something is missing there, 2 nothing was done, 3 a run is going on
already.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from vigie.backups import dump, keep, programs
from vigie.backups.catalogue import GLOBALS_KEY, SERVER_KEYS, SETTINGS_KEY
from vigie.backups.courier import Courier
from vigie.backups.dumping import Task, dump_all
from vigie.backups.journal import Journal
from vigie.backups.manifests import Manifest, Outcome, RunManifest
from vigie.backups.process import ToolError, Tools
from vigie.backups.record import Progress, Record, begin
from vigie.backups.server import Database, Server
from vigie.backups.space import foreseen, readable, room_in
from vigie.backups.store import RUNS_KEPT, initialise, keep_newest, locked, opened, settle
from vigie.backups.transfer import Far, RsyncDaemon, RsyncOverSsh
from vigie.errors import VigieError
from vigie.naming import key_of
from vigie.settings import Store
from vigie.site import Backup, RsyncTransfer, School, Site

_SERVER_ALLOWANCE = 1 << 20


def back_up(site: Site, school: School, progress: Progress) -> RunManifest:
    """The whole run, in the order it is told.

    Args:
        site: the site file.
        school: whose databases.
        progress: called with each database's key and state as it changes.

    Raises:
        VigieError: when nothing can be begun: no backup declared, the store in use (exit code 3) or not usable.
    """
    backup = school.backup
    if backup is None:
        raise VigieError(f"the school {school.uai} has no `backup` section in the site file")
    layout = initialise(backup.directory, school.uai)

    with locked(layout), _stoppable(Tools()) as tools:
        # What a killed run left is put in order: nothing half made is ever seen, nothing finished is lost.
        index = opened(layout.root, school.uai)
        settle(layout, index)
        run, before = begin(layout, school.uai)
        with Journal(layout.journal / f"{run.run}.jsonl") as journal:
            record = Record(layout, index, run, before, journal, progress)
            journal.note("begun", run=run.run, by=run.made_by, resumes=run.resumes)
            server = Server(backup.service, backup.service_file)
            far = _far_end(backup, school, server)
            courier = Courier(far, record, heartbeat=max(1.0, backup.observation.silent_after / 3))
            error = ""
            with courier:
                try:
                    _make_dumps(record, server, backup, tools, courier)
                except VigieError as trouble:
                    error = trouble.sentence
            courier.settle()
            record.finish("the run was stopped" if tools.cancelled.is_set() else error)
            courier.last_word()
            keep.apply(layout, index, _local_store(site, school, backup), journal)
        for folder in (layout.runs, layout.journal, layout.receipts):
            keep_newest(folder, RUNS_KEPT)
    return run


def _make_dumps(record: Record, server: Server, backup: Backup, tools: Tools, courier: Courier) -> None:
    databases = server.databases()
    release, _ = server.settings()
    try:
        found = programs.find(release)
    except ToolError as error:
        raise VigieError(str(error)) from error

    record.expect(SERVER_KEYS | {key_of(database.name): database.name for database in databases})
    _check_room(databases, record)
    record.save()
    for key, state in record.with_outcome(Outcome.PUBLISHED).items():
        courier.take(key, state.stamp, state.size)

    run = record.run
    maker = dump.Maker(
        record.layout, server, tools, run.school, run.run, run.made_by, float(backup.dump_timeout), release, found
    )
    tasks = [
        Task(GLOBALS_KEY, maker.make_globals, _SERVER_ALLOWANCE),
        Task(SETTINGS_KEY, maker.make_settings, _SERVER_ALLOWANCE),
        # The largest first: the last minutes of a night are not spent waiting for one dump.
        *(
            Task(key_of(database.name), partial(maker.make, database.name), foreseen(database, record.index))
            for database in sorted(databases, key=lambda database: -database.size)
        ),
    ]
    todo = [task for task in tasks if task.key in record.with_outcome(Outcome.PENDING)]

    def hand_over(manifest: Manifest) -> None:
        courier.take(manifest.key, manifest.stamp, manifest.size)

    dump_all(todo, maker, record, jobs=backup.jobs, sent_to=hand_over)


def _check_room(databases: list[Database], record: Record) -> None:
    """Refuse to begin what cannot be finished."""
    pending = record.with_outcome(Outcome.PENDING)
    needed = sum(foreseen(database, record.index) for database in databases if key_of(database.name) in pending)
    room = room_in(record.layout.root)
    if needed > room.usable:
        raise VigieError(
            f"not enough room in {record.layout.root}: this run may need {readable(needed)}, "
            f"{readable(room.usable)} can be used; "
            "free some or shorten local_retention"
        )


def _far_end(backup: Backup, school: School, server: Server) -> Far:
    address = school.host(backup.store).address
    environment = server.environment()
    tools = Tools()  # its own: asked to stop, a run still sends what it has and how it ended
    if isinstance(backup.transfer, RsyncTransfer):
        return RsyncDaemon(address, school.uai, backup.transfer, tools, environment)
    return RsyncOverSsh(address, school.uai, backup.transfer, tools, environment)


def _local_store(site: Site, school: School, backup: Backup) -> Store:
    kept = backup.local_retention
    return Store(
        school=school.uai,
        root=str(backup.directory),
        daily=kept.daily,
        weekly=kept.weekly,
        monthly=kept.monthly,
        dropped=kept.dropped,
        time_zone=site.time_zone(school).key,
        recheck_seconds=backup.observation.recheck_seconds,
    )


@contextmanager
def _stoppable(tools: Tools) -> Iterator[Tools]:
    """Asked to stop, a run ends its tools and still says how far it came."""
    before = {number: signal.signal(number, lambda *_: tools.cancel()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield tools
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
