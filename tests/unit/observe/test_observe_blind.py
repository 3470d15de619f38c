"""What the observation says when it cannot see: so, and nothing that it saw before."""

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import pytest
from storebuilder import HOUR, Store

import vigie.observe.backups.observation
from vigie.observe.backups.document import of_backups
from vigie.observe.backups.states import DatabaseState

Lists = Callable[[Iterable[str]], None]


def assert_blind(store: Store, reason: str, **changes: object) -> None:
    """The document has an error that names the reason, and no figure at all."""
    document = of_backups(vigie.observe.backups.observation.observe_backups(store.settings(**changes)))
    assert reason in document["error"]
    assert set(document) == {"observed_at", "seconds", "error"}


@pytest.fixture(autouse=True)
def written_store(store: Store) -> Store:
    """A store in which all is well."""
    store.dump("SpecibikeDupont", ages=(HOUR,))
    store.write()
    return store


def test_a_missing_catalogue(store: Store) -> None:
    store.layout.index.unlink()
    assert_blind(store, "catalogue.json cannot be read: No such file or directory")


def ledger(databases: str, *, version: int = 1) -> str:
    return f'{{"format": {version}, "school": "x", "written_at": 1, "rechecked_at": 1, "databases": {databases}}}'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not JSON",
        "[]",
        "{}",
        '{"format": 1}',
        "\udcff",
        ledger("{}", version=2),
        ledger("[]"),
        ledger('{"a": {"name": "a", "dumps": [[1]]}}'),
        ledger('{"a": {"name": "a", "dumps": [["20261118T010000Z", "big", 1, 1, 0]]}}'),
        ledger('{"../../x": {"name": "a", "dumps": []}}'),
    ],
)
def test_a_damaged_catalogue(store: Store, text: str) -> None:
    store.layout.index.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert_blind(store, "is damaged")


def test_a_catalogue_cut_in_the_middle(store: Store) -> None:
    text = store.layout.index.read_bytes()
    store.layout.index.write_bytes(text[: len(text) // 2])
    assert_blind(store, "is damaged")


def test_a_damaged_run(store: Store) -> None:
    next(store.layout.runs.iterdir()).write_text("{")
    assert_blind(store, "is damaged")


def test_a_disk_that_is_not_mounted(store: Store) -> None:
    shutil.rmtree(store.layout.root)
    store.layout.root.mkdir()
    assert_blind(store, "cannot be read")


def test_the_folder_of_dumps_gone_is_not_a_thousand_vanished_dumps(store: Store) -> None:
    store.layout.dumps.rename(store.layout.root / "elsewhere")
    assert_blind(store, "is their disk mounted?")


def test_dumps_that_may_not_be_looked_at_did_not_vanish(store: Store) -> None:
    key = store.layout.dumps / "SpecibikeDupont"
    shutil.rmtree(key)
    key.symlink_to(key)  # a loop fails like a missing right does, for root too
    assert_blind(store, "cannot be looked at")


def test_a_disk_that_hangs_is_not_waited_for_beyond_the_deadline(store: Store) -> None:
    store.layout.index.unlink()
    os.mkfifo(store.layout.index)
    begun = time.monotonic()
    assert_blind(store, "cut off after 0.5 s", deadline=0.5)
    assert time.monotonic() - begun < 1.5


def test_the_deadline_is_kept_between_two_databases(store: Store) -> None:
    assert_blind(store, "cut off after 0 s", deadline=0.0)


def test_postgresql_down_is_said_and_the_dumps_are_still_judged(store: Store) -> None:
    seen = store.seen()
    assert (seen.postgres.reachable, seen.postgres.expected) == (0, -1)
    assert "no-such-service-file" in seen.postgres.error
    assert seen.databases["SpecibikeDupont"].state == DatabaseState.FRESH


def test_without_postgresql_the_last_runs_list_is_expected(store: Store) -> None:
    store.saw("SpecibikeNeverDumped", outcome="failed", error="no")
    store.dump("SpecibikeDropped", ages=(HOUR,))
    assert store.run is not None
    del store.run.databases["SpecibikeDropped"]
    seen = store.seen()
    assert seen.databases["SpecibikeNeverDumped"].state == DatabaseState.MISSING
    assert seen.databases["SpecibikeDropped"].state == DatabaseState.ORPHANED


def test_without_postgresql_a_run_that_saw_nothing_makes_no_orphans(store: Store) -> None:
    assert store.run is not None
    store.run.databases.clear()
    store.run.phase = "failed"
    assert store.seen().counts.orphaned == 0


def test_postgresql_that_hangs_is_not_waited_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vigie.observe.backups.observation, "list_contexts", lambda *_: time.sleep(30))
    begun = time.monotonic()
    seen = store.seen(deadline=0.5)
    assert time.monotonic() - begun < 1.0
    assert seen.postgres.error == "PostgreSQL does not answer in time"


@contextmanager
def server(answer: bytes | None) -> Iterator[int]:
    """A server on the loopback that answers one connection with these bytes, or with silence; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                if answer is None:
                    connection.recv(1)
                else:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(5)


def test_a_receiver_that_greets(store: Store) -> None:
    with server(b"@RSYNCD: 31.0 sha512 sha256\n") as port:
        assert store.seen(receiver_address="127.0.0.1", receiver_port=port).receiver.answers == 1


def test_something_else_on_the_receivers_port(store: Store) -> None:
    with server(b"SSH-2.0-OpenSSH_9.2\r\n") as port:
        receiver = store.seen(receiver_address="127.0.0.1", receiver_port=port).receiver
    assert receiver.answers == 0
    assert "is not an rsync daemon" in receiver.error


def test_a_receiver_that_says_nothing(store: Store) -> None:
    with server(None) as port:
        receiver = store.seen(receiver_address="127.0.0.1", receiver_port=port, deadline=0.5).receiver
    assert receiver.answers == 0
    assert "in time" in receiver.error


def test_a_closed_port(store: Store) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    receiver = store.seen(receiver_address="127.0.0.1", receiver_port=port).receiver
    assert receiver.answers == 0
    assert "Connection refused" in receiver.error


def test_where_ssh_carries_the_dumps_no_receiver_is_asked(store: Store) -> None:
    receiver = store.seen(receiver_port=0).receiver
    assert (receiver.answers, receiver.error) == (2, "")
