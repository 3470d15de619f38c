"""Deliveries: what has no receipt was not delivered, whatever the transfer said."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from dumpbuilder import run_of, stand, store_in

import vigie.backups.courier
from vigie.backups.catalogue import Layout, read_index
from vigie.backups.courier import Courier
from vigie.backups.journal import Journal
from vigie.backups.manifests import DatabaseRun, Outcome, Receipt
from vigie.backups.process import ToolError, Tools
from vigie.backups.record import Record
from vigie.backups.store import entry_of
from vigie.backups.transfer import Far

NAMES = ("SpecibikeA", "SpecibikeB", "SpecibikeC")


class Backup(Far):
    """A backup server that takes, refuses or forgets what it is told to."""

    def __init__(self) -> None:
        super().__init__("127.0.0.1", "9990001X", Tools(), {})
        self.sent: list[list[str]] = []
        self.refuses: dict[str, str] = {}
        self.forgets: set[str] = set()
        self.unreachable: BaseException | None = None

    def place(self, what: str) -> str:
        return what

    def options(self) -> list[str]:
        return []

    def send(self, layout: Layout, files: Iterable[str], *, timeout: float) -> None:
        if self.unreachable:
            raise self.unreachable
        self.sent.append(list(files))

    def receipt(self, layout: Layout, run: str) -> Receipt:
        if self.unreachable:
            raise self.unreachable
        came = {
            Path(name).parent.relative_to("dumps") for files in self.sent for name in files if name.endswith("/dump")
        }
        names = {str(label) for label in came if label.parts[0] not in self.forgets}
        refused = {label: self.refuses[label.split("/")[0]] for label in names if label.split("/")[0] in self.refuses}
        return Receipt(frozenset(names - refused.keys()), refused)


@pytest.fixture
def record(tmp_path: Path) -> Iterable[Record]:
    layout = store_in(tmp_path)
    run = run_of(databases={name: DatabaseRun(name) for name in NAMES})
    with Journal(layout.journal / "run.jsonl") as journal:
        yield Record(layout, read_index(layout.index), run, None, journal, lambda *_: None)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vigie.backups.courier, "_PAUSE", 0.001)
    monkeypatch.setattr(vigie.backups.courier, "_GATHER", 0.01)
    monkeypatch.setattr(vigie.backups.courier, "_LEAST_SECONDS", 0.05)


def carried(record: Record, far: Backup) -> Courier:
    courier = Courier(far, record, heartbeat=60)
    with courier:
        for name in NAMES:
            manifest = stand(record.layout, name, name.encode())
            record.published(manifest, entry_of(manifest))
            courier.take(manifest.key, manifest.stamp, manifest.size)
    courier.settle()
    return courier


def ends(record: Record) -> dict[str, Any]:
    return {key: database.outcome for key, database in record.run.databases.items()}


def test_what_has_its_receipt_is_delivered(record: Record) -> None:
    far = Backup()
    carried(record, far)
    assert ends(record) == dict.fromkeys(NAMES, Outcome.DELIVERED)
    assert all(f"runs/{record.run.run}.json" in files for files in far.sent)


def test_what_the_backup_server_forgets_is_not_delivered_and_the_others_are(record: Record) -> None:
    far = Backup()
    far.forgets = {"SpecibikeB"}
    carried(record, far)
    assert ends(record) == dict.fromkeys(NAMES, Outcome.DELIVERED) | {"SpecibikeB": Outcome.PUBLISHED}
    assert "did not confirm it in time" in record.run.databases["SpecibikeB"].error


def test_a_refused_dump_failed_so_that_the_next_run_makes_a_new_one(record: Record) -> None:
    far = Backup()
    far.refuses = {"SpecibikeB": "its content is not what its manifest says (SHA-256)"}
    carried(record, far)
    assert ends(record) == dict.fromkeys(NAMES, Outcome.DELIVERED) | {"SpecibikeB": Outcome.FAILED}
    assert record.run.databases["SpecibikeB"].error == (
        "refused by the backup server: its content is not what its manifest says (SHA-256)"
    )


@pytest.mark.parametrize("trouble", [ToolError("Connection refused"), OSError(28, "No space left on device")])
def test_a_backup_server_out_of_reach_is_one_sentence_for_each(record: Record, trouble: Exception) -> None:
    far = Backup()
    far.unreachable = trouble
    courier = carried(record, far)
    assert ends(record) == dict.fromkeys(NAMES, Outcome.PUBLISHED)
    said = {database.error for database in record.run.databases.values()}
    assert len(said) == 1
    assert said.pop().startswith("not delivered: ")
    courier.last_word()


def test_a_transfer_that_fails_once_is_tried_again(record: Record) -> None:
    far = Backup()
    failures = [ToolError("connection reset"), ToolError("connection reset")]
    real = far.send

    def send(layout: Layout, files: Iterable[str], *, timeout: float) -> None:
        if failures:
            raise failures.pop()
        real(layout, files, timeout=timeout)

    far.send = send  # type: ignore[method-assign]
    carried(record, far)
    assert ends(record) == dict.fromkeys(NAMES, Outcome.DELIVERED)
    events = [json.loads(line)["event"] for line in (record.layout.journal / "run.jsonl").read_text().splitlines()]
    assert events.count("not sent") == 2


def test_a_receipt_that_is_none_is_no_promise(record: Record) -> None:
    far = Backup()
    far.receipt = Damaged().receipt  # type: ignore[method-assign]
    carried(record, far)
    assert ends(record) == dict.fromkeys(NAMES, Outcome.PUBLISHED)


class Damaged(Backup):
    def receipt(self, layout: Layout, run: str) -> Receipt:
        raise ToolError("the receipt of the backup server is not a receipt")
