"""All the dumps of a run: several at once, each verified while the next is made; no failure stops the others."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from vigie.backups.dump import Made, Maker
from vigie.backups.manifests import Manifest
from vigie.backups.process import ToolError
from vigie.backups.record import Record
from vigie.backups.space import readable, room_in
from vigie.errors import VigieError

# What a dump may meet that says nothing against the others.
_Trouble = (ToolError, OSError, VigieError)


@dataclass(frozen=True, slots=True)
class Task:
    """A dump to make: its key, how to make it, and the bytes it may take."""

    key: str
    make: Callable[[], Made]
    foreseen: int


def dump_all(
    tasks: Iterable[Task], maker: Maker, record: Record, *, jobs: int, sent_to: Callable[[Manifest], None]
) -> None:
    """Make, verify and publish dumps.

    Args:
        tasks: what is to be made, in this order.
        maker: what they have in common.
        record: told of each outcome.
        jobs: how many `pg_dump` run at once.
        sent_to: called with the manifest of each published dump.
    """
    # A verification uses a processor while the next dump waits for the server or the disk; never more than two dumps a
    # job stand unverified.
    places = threading.BoundedSemaphore(2 * jobs)
    futures: list[Future[None]] = []
    with ThreadPoolExecutor(jobs, "dump") as dumping, ThreadPoolExecutor(jobs, "verify") as verifying:

        def dump(task: Task) -> None:
            places.acquire()
            try:
                _check_room(maker, task)
                made = task.make()
            except _Trouble as error:
                places.release()
                record.failed(task.key, sentence(error))
                return
            futures.append(verifying.submit(verify, made))

        def verify(made: Made) -> None:
            try:
                manifest, entry = made.published()
            except _Trouble as error:
                record.failed(made.key, sentence(error))
                return
            finally:
                places.release()
            record.published(manifest, entry)
            sent_to(manifest)

        for future in [dumping.submit(dump, task) for task in tasks]:
            future.result()
        for future in futures:
            future.result()


def sentence(error: BaseException) -> str:
    """What a trouble says, in one line."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror} ({error.filename})" if error.filename else error.strerror
    return str(error)


def _check_room(maker: Maker, task: Task) -> None:
    room = room_in(maker.layout.root)
    if room.usable < task.foreseen:
        raise ToolError(
            f"not dumped: {readable(task.foreseen)} may be needed, "
            f"{readable(room.usable)} can be used in {maker.layout.root}"
        )
