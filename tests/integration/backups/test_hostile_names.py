"""Whatever a pupil calls a database is dumped, delivered and restorable, and harms nothing."""

from pathlib import Path

import pytest
from schoolserver import TEMPLATE, SchoolServer, by_name

from vigie.naming import key_of, shown

# In a database without encoding, a name may be any bytes: here they are Latin-1.
RAW = "rawnames"
NOT_UTF8 = "Specibike\udce9l\udce8ve"
STRANGER = "caf\udce9"
HOSTILE = [
    "Specibike'quote\"double",
    "Specibike$(touch /tmp/vigie-was-here)",
    "Specibike`id`;id|id&&id",
    "Specibike\nline",
    "Specibike" + "é" * 27,  # 63 bytes
    "Specibike{#DB}{$MACRO}{HOST.IP}",
    "Specibike/../../../x",
    "Specibike..",
    "Specibike-rf --help",
    "Specibike host=evil",
    "Specibike\\",
    "Specibike[/red]%s%n",
    "SPECIBIKE *",
    "Specibike",
    "Specibike\u202eexe",
    NOT_UTF8,
]


@pytest.fixture
def hostile(school: SchoolServer) -> SchoolServer:
    assert len("Specibike" + "é" * 27) + 27 == 63
    school.cluster.sql(f"CREATE DATABASE {RAW} ENCODING SQL_ASCII LOCALE 'C' TEMPLATE template0")
    try:
        for name in (*HOSTILE, STRANGER):
            school.make(name, by=RAW)
        school.cluster.sql("CREATE TABLE only_here (id integer)", database=HOSTILE[0])
        yield school  # type: ignore[misc]
    finally:
        school.drop(*HOSTILE, STRANGER, by=RAW)
        school.drop(RAW)


def test_hostile_names_are_dumped_delivered_and_restorable(hostile: SchoolServer, contexts: list[str]) -> None:
    done = hostile.back_up(code=0)
    dumps = by_name(hostile.store)
    assert set(dumps) == {*HOSTILE, *contexts, "(roles)", "(settings)"}
    assert not Path("/tmp/vigie-was-here").exists()
    template = hostile.rows(TEMPLATE)
    for name in HOSTILE:
        (manifest,) = dumps[name]
        assert manifest.key == key_of(name)
        rows, tables = template
        assert (manifest.rows, manifest.tables) == (rows, tables + (name == HOSTILE[0]))
    for name in (HOSTILE[0], NOT_UTF8, "Specibike host=evil"):
        (manifest,) = dumps[name]
        dump = hostile.store.dump_folder(manifest.key, manifest.stamp) / "dump"
        assert hostile.restored(dump) == (manifest.rows, manifest.tables)
    assert f"{len(dumps)} of {len(dumps)} on the backup server" in done.stderr
    listed = hostile.vigie("backup", "list", str(hostile.store_file), code=0).stdout
    assert "[/red]" in listed
    assert "\u202e" not in listed
    assert shown(NOT_UTF8)[:14] in listed
