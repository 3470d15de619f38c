"""The list of databases, asked of a real PostgreSQL by a role that may do nothing else."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import psycopg2.extensions
import pytest

from lab.accounts import lab_account
from lab.postgres import SUPERUSER, Cluster
from lab.processes import Supervisor
from vigie.observe.contexts import list_contexts
from vigie.observe.postgres import PostgresError

HOSTILE = [
    "Specibike\"'`; DROP DATABASE postgres; --",
    "Specibike$(reboot)",
    "Specibike\nligne\t",
    "Specibike{#DB}{$M}",
    "Specibike../..",
    "specibike -rf",
    "SPECIBIKE%s%(prefix)s",
    "Specibike" + "é" * 27,
    "Specibike🚲",
]
BYTES = b"Specibike\xff\xe9l\xe8ve"


@pytest.fixture(scope="module")
def cluster(block: int, scratch: Path) -> Iterator[Cluster]:
    """A PostgreSQL with databases of every name, and a role that may only connect."""
    directory = scratch / "observe"
    directory.mkdir()
    supervisor = Supervisor(directory / "run", directory / "log")
    address = f"127.0.{block}.30"
    access = "host all observer 127.0.0.0/8 scram-sha-256\nhost all postgres 127.0.0.0/8 trust\n"
    made = Cluster("observe", directory / "postgres", lab_account(), address, 15432, access)
    made.create()
    supervisor.start(made.server())
    try:
        connection = connect(made, "postgres")
        with connection.cursor() as cursor:
            for name in HOSTILE:
                cursor.execute(f"CREATE DATABASE {psycopg2.extensions.quote_ident(name, connection)}")
            cursor.execute("CREATE DATABASE raw TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
            cursor.execute("""CREATE DATABASE "SpecibikeTemplate" IS_TEMPLATE true""")
            cursor.execute("""CREATE DATABASE "Autre Specibike" """)
            cursor.execute("CREATE ROLE observer LOGIN PASSWORD 'of the test'")
        connection.close()
        connection = connect(made, "raw", client_encoding="SQL_ASCII")
        with connection.cursor() as cursor:
            cursor.execute(b'CREATE DATABASE "' + BYTES + b'"')
            cursor.execute(b'CREATE DATABASE "\xe9\xff autre"')
        connection.close()
        yield made
    finally:
        supervisor.stop_all()


def connect(cluster: Cluster, database: str, **options: str) -> psycopg2.extensions.connection:
    """The superuser's connection, without transactions."""
    connection = psycopg2.connect(
        host=cluster.address, port=cluster.port, user=SUPERUSER, dbname=database, connect_timeout=5, **options
    )
    connection.autocommit = True
    return connection


@pytest.fixture
def service_file(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The observing role's service, with its password in a passfile."""
    passfile = tmp_path / "passfile"
    passfile.write_text("*:*:*:observer:of the test\n*:*:*:wrong:another\n")
    passfile.chmod(0o600)
    where = f"host={cluster.address}\nport={cluster.port}\npassfile={passfile}\n"
    file = tmp_path / "pg_service.conf"
    file.write_text(
        f"[observe]\n{where}user=observer\ndbname=postgres\n"
        f"[raw]\n{where}user=observer\ndbname=raw\n"
        f"[wrong]\n{where}user=wrong\ndbname=postgres\n"
        f"[closed]\nhost={cluster.address}\nport=1\nuser=observer\ndbname=postgres\n"
    )
    monkeypatch.delenv("PGSERVICEFILE", raising=False)
    return file


@pytest.mark.parametrize("service", ["observe", "raw"])
def test_every_name_comes_as_it_is_whatever_the_encoding(service_file: Path, service: str) -> None:
    names = list_contexts(service, str(service_file), 5.0)
    assert sorted(map(os.fsencode, names)) == sorted([*map(os.fsencode, HOSTILE), BYTES])


@pytest.mark.parametrize(
    ("service", "reason"),
    [("wrong", "wrong"), ("closed", "refused"), ("unknown", 'definition of service "unknown" not found')],
)
def test_what_cannot_be_asked_is_one_sentence_without_a_secret(service_file: Path, service: str, reason: str) -> None:
    with pytest.raises(PostgresError) as caught:
        list_contexts(service, str(service_file), 5.0)
    text = str(caught.value)
    assert reason in text
    assert "\n" not in text
    assert "another" not in text


def test_a_server_that_accepts_and_says_nothing_is_given_up(
    cluster: Cluster, service_file: Path, tmp_path: Path
) -> None:
    """Stopped in its tracks, as by a machine that swaps: the kernel still accepts for it."""
    postmaster = int((cluster.data / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGSTOP)
    begun = time.monotonic()
    try:
        with pytest.raises(PostgresError, match="timeout expired"):
            list_contexts("observe", str(service_file), 1.0)
    finally:
        os.kill(postmaster, signal.SIGCONT)
    assert time.monotonic() - begun < 4
