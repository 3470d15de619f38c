"""A pupil may name a database anything: it goes through as data and leaves the others alone."""

import json
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from storebuilder import HOUR, Store

import vigie.observe.backups.observation
from vigie.naming import Kind, key_of
from vigie.observe.backups.document import of_backups
from vigie.observe.backups.model import (
    BackupsObservation,
    BackupsSeen,
    Counts,
    DatabaseSeen,
    PostgresSeen,
    Promise,
    ReceiverSeen,
    Recheck,
    RunSeen,
    Space,
)
from vigie.observe.backups.states import DatabaseState, Overdue, RunState
from vigie.observe.document import written
from vigie.observe.texts import short_name

Lists = Callable[[Iterable[str]], None]
HOSTILE = [
    "Specibike\"'`",
    "Specibike$(reboot)",
    "Specibike\n\r\t",
    "Specibike{#DB}{$M}{HOST.IP}",
    "Specibike/../..",
    "Specibike -rf",
    "Specibike$1",
    "Specibike'].state",
    "Specibike" + "é" * 27,
    "Specibike\udcff\udc80",
    "Specibike\u202e\u2028\ufeff",
    "specibike🚲🚲",
]
# Whatever fits in PostgreSQL's 63 bytes and has no zero byte.
tails = st.one_of(
    st.binary(max_size=54).map(lambda raw: raw.replace(b"\0", b"").decode("utf-8", "surrogateescape")),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=13),
    st.sampled_from([name[len("Specibike") :] for name in HOSTILE]),
)
names = st.lists(tails.map(lambda tail: "Specibike" + tail), min_size=1, max_size=6, unique=True)


@given(names)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_names_go_through_and_a_plain_one_beside_them_is_untouched(hostile: list[str]) -> None:
    listed = ["SpecibikeDupont", *(name for name in hostile if name != "SpecibikeDupont")]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder, "store"))
        for name in listed:
            store.dump(name, ages=(HOUR,))
        listing = vigie.observe.backups.observation.list_contexts
        vigie.observe.backups.observation.list_contexts = lambda *_: listed
        try:
            text = written(of_backups(store.observed()))
        finally:
            vigie.observe.backups.observation.list_contexts = listing
    assert text.count(b"\n") == 1
    categories = {unicodedata.category(character) for character in text.decode("utf-8").rstrip("\n")}
    assert not categories & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    document = json.loads(text)
    assert document["error"] == ""
    assert set(document["databases"]) == {key_of(name) for name in listed} | {"_globals", "_settings"}
    assert len(document["discovery"]) == len(listed) + 2
    assert document["databases"]["SpecibikeDupont"]["name"] == "SpecibikeDupont"
    assert {row["state"] for row in document["databases"].values()} == {DatabaseState.FRESH}
    for row in document["discovery"]:
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,63}", row["{#KEY}"])
        assert not re.search(r"[{}$]", row["{#DB}"])
        assert len(row["{#DB}"]) <= 64


@given(tails, tails)
def test_two_names_stay_two_names_however_they_are_cut(first: str, second: str) -> None:
    one, other = "Specibike" + first, "Specibike" + second
    if one != other:
        assert short_name(one, key_of(one)) != short_name(other, key_of(other))


def test_errors_that_quote_a_name_cannot_write_a_macro(store: Store, postgres_lists: Lists) -> None:
    postgres_lists(["SpecibikeDupont"])
    store.saw("SpecibikeDupont", outcome="failed", error='pg_dump: error: "{$SECRET}"\n$1 \udcff' + "x" * 5000)
    error = store.seen().databases["SpecibikeDupont"].error
    assert len(error) <= 300
    assert not re.search(r"[{}$\n\udcff]", error)


def test_a_thousand_databases_at_their_worst_fit_in_what_zabbix_takes() -> None:
    rows = {}
    for number in range(1000):
        name = f"Specibike{number:04d}" + "\udcff" * 50
        key = key_of(name)
        rows[key] = DatabaseSeen(
            name=short_name(name, key), kind=Kind.UNRECOGNISED, state=DatabaseState.STALE,
            overdue=Overdue.STALE, at=1_795_000_000, age=10_000_000, size=10**12, change=-99.9,
            verified_at=1_795_000_000, verified_age=10_000_000, dumps=100, bad=0, error="",
        )  # fmt: skip
    seen = BackupsSeen(
        promise=Promise(1, 1),
        postgres=PostgresSeen(1, 1000),
        receiver=ReceiverSeen(1),
        run=RunSeen(RunState.DONE, "done"),
        space=Space(1, 1, 1, 1.0, 1, 1),
        recheck=Recheck(1, 1, 1, 1, 1),
        counts=Counts(1, 1, 1, 1, 1, 1, 1, 1, 1, "", 1, 1, 1, 1),
        databases=rows,
    )
    assert len(written(of_backups(BackupsObservation(1, 1.0, seen=seen)))) < 512 * 1024
