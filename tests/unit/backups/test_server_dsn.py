"""A database's name reaches libpq as a name, whatever it holds."""

import ctypes
import ctypes.util
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from psycopg2.extensions import parse_dsn

from vigie.backups.server import Server

SERVER = Server("vigie-backup", Path("/nonexistent/pg_service.conf"))
HOSTILE = [
    "Specibike host=evil",
    "Specibike' host='evil",
    "Specibike\\' host=evil",
    "Specibike\\",
    "Specibike\n\thost=evil",
    "Specibike$(touch x)",
    "Specibike;`id`",
    "Specibike{#DB}",
    "Specibike../../x",
    "--Specibike",
    "postgresql://evil/Specibike",
    "service=evil",
    "",
    " ",
]
names = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=63)


@given(names)
@example("Specibike host=evil")
@pytest.mark.parametrize("fixed", [None, *HOSTILE])
def test_any_name_comes_back_as_it_was_and_none_becomes_an_option(fixed: str | None, name: str) -> None:
    name = name if fixed is None else fixed
    assert parse_dsn(SERVER.dsn(name)) == {"service": "vigie-backup", "dbname": name}


@given(st.binary(max_size=63).filter(lambda raw: b"\0" not in raw))
@example(b"Specibike\xe9l\xe8ve")
def test_a_name_in_another_encoding_comes_back_byte_for_byte(raw: bytes) -> None:
    dsn = SERVER.dsn(raw.decode("utf-8", "surrogateescape"))
    assert libpq_reads(dsn.encode("utf-8", "surrogateescape")) == {b"service": b"vigie-backup", b"dbname": raw}


def test_without_a_database_the_service_decides() -> None:
    assert parse_dsn(SERVER.dsn()) == {"service": "vigie-backup"}


def test_the_callers_settings_do_not_reach_the_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "evil")
    monkeypatch.setenv("PGPASSWORD", "secret")
    environment = SERVER.environment()
    assert {name for name in environment if name.startswith("PG")} == {
        "PGSERVICEFILE", "PGAPPNAME", "PGCONNECT_TIMEOUT",
    }  # fmt: skip


class _Option(ctypes.Structure):
    _fields_ = [
        ("keyword", ctypes.c_char_p), ("envvar", ctypes.c_char_p), ("compiled", ctypes.c_char_p),
        ("val", ctypes.c_char_p), ("label", ctypes.c_char_p), ("dispchar", ctypes.c_char_p), ("dispsize", ctypes.c_int),
    ]  # fmt: skip


def libpq_reads(dsn: bytes) -> dict[bytes, bytes]:
    """What libpq itself, which takes bytes, understands (psycopg2 refuses what is not UTF-8)."""
    libpq = ctypes.CDLL("libpq.so.5")
    libpq.PQconninfoParse.restype = ctypes.POINTER(_Option)
    options = libpq.PQconninfoParse(dsn, None)
    assert options, "libpq refuses it"
    read = {}
    position = 0
    while options[position].keyword:
        if options[position].val is not None:
            read[options[position].keyword] = options[position].val
        position += 1
    libpq.PQconninfoFree(options)
    return read
