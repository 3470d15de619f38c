"""The rendered roles.sql in a real PostgreSQL: what each role can do, and what it cannot."""

import os
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from lab.accounts import POSTGRES_BIN, clean_environment, lab_account
from lab.postgres import Cluster
from lab.processes import Supervisor
from provisioning.hostfiles.places import Places
from provisioning.hostfiles.render import files_for
from provisioning.subjects import Order
from vigie import site as sites

EXAMPLE = Path(__file__).parents[2] / "examples" / "lab.yaml"
PASSWORDS = {"vigie_backup": "one of the test", "vigie_observe": "another of the test"}


def _roles_sql() -> str:
    site = sites.load(EXAMPLE)
    school = site.schools[0]
    host = school.host("srv-openerp")
    files = files_for(Order(site, school, host, "", Places(), date(2026, 11, 21)))
    return next(file.text for file in files if file.name == "roles.sql")


def _access_asked_for(text: str) -> str:
    """The lines of pg_hba.conf that the file's header asks for; here every client comes from 127.0.0.1."""
    lines = [line.removeprefix("--").strip() for line in text.splitlines() if line.startswith("--   ")]
    asked = [line for line in lines if line.split()[0] in ("local", "host")]
    assert len(asked) == 4
    return "\n".join(asked).replace("127.0.10.12/32", "127.0.0.0/8") + "\n"


@pytest.fixture(scope="module")
def cluster(block: int, scratch: Path) -> Iterator[Cluster]:
    account = lab_account()
    directory = scratch / "roles"
    directory.mkdir()
    supervisor = Supervisor(directory / "run", directory / "log")
    cluster = Cluster("roles", directory / "postgres", account, f"127.0.{block}.45", 15432)
    cluster.create()
    hba = cluster.data / "pg_hba.conf"
    hba.write_text(_access_asked_for(_roles_sql()) + hba.read_text())
    supervisor.start(cluster.server())
    try:
        for _ in range(2):  # harmless to run again
            cluster.sql(_roles_sql())
        for role, password in PASSWORDS.items():
            cluster.sql(f"ALTER ROLE {role} PASSWORD '{password}'")
        cluster.sql('CREATE DATABASE "SpecibikeTS"')
        cluster.sql(
            "CREATE ROLE openerp; CREATE TABLE account (name text); ALTER TABLE account OWNER TO openerp;"
            "INSERT INTO account VALUES ('shown'), ('hidden');"
            "ALTER TABLE account ENABLE ROW LEVEL SECURITY; ALTER TABLE account FORCE ROW LEVEL SECURITY;"
            "CREATE POLICY half ON account USING (name = 'shown');"
            "SELECT lo_from_bytea(4242, 'attachment');",
            database="SpecibikeTS",
        )
        yield cluster
    finally:
        supervisor.stop_all()


def _ask(cluster: Cluster, role: str, program: list[str], *, socket: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a PostgreSQL tool as a role, by the network or by the socket."""
    host = str(cluster.socket) if socket else cluster.address
    environment = clean_environment() | {
        "PGHOST": host,
        "PGPORT": str(cluster.port),
        "PGUSER": role,
        "PGPASSWORD": PASSWORDS[role],
        "PGCONNECT_TIMEOUT": "5",
    }
    command = [str(POSTGRES_BIN / program[0]), *program[1:]]
    arguments = cluster.account.popen_arguments() if os.geteuid() == 0 else {}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False, cwd="/", **arguments
    )


def _sql(
    cluster: Cluster, role: str, text: str, *, database: str = "postgres", socket: bool = False
) -> subprocess.CompletedProcess[str]:
    return _ask(cluster, role, ["psql", "-XqAt", "-d", database, "-c", text], socket=socket)


def test_the_backup_role_dumps_rows_that_row_security_hides_and_large_objects(cluster: Cluster) -> None:
    done = _ask(cluster, "vigie_backup", ["pg_dump", "SpecibikeTS"], socket=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "shown\nhidden\n" in done.stdout
    assert "lo_create('4242')" in done.stdout


def test_the_backup_role_lists_the_roles_without_their_passwords(cluster: Cluster) -> None:
    done = _ask(cluster, "vigie_backup", ["pg_dumpall", "--globals-only", "--no-role-passwords"], socket=True)
    assert done.returncode == 0
    assert "CREATE ROLE vigie_observe" in done.stdout
    assert "SCRAM" not in done.stdout


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO account VALUES ('x')",
        "SET default_transaction_read_only = off; INSERT INTO account VALUES ('x')",
        "SET default_transaction_read_only = off; DROP TABLE account",
        "SET default_transaction_read_only = off; CREATE ROLE other",
        "SET default_transaction_read_only = off; CREATE DATABASE other",
    ],
)
def test_the_backup_role_writes_nothing(cluster: Cluster, text: str) -> None:
    done = _sql(cluster, "vigie_backup", text, database="SpecibikeTS", socket=True)
    assert done.returncode != 0
    assert any(words in done.stderr for words in ("permission denied", "must be owner", "read-only transaction"))


def test_the_observing_role_sees_the_list_of_databases(cluster: Cluster) -> None:
    done = _sql(cluster, "vigie_observe", "SELECT datname FROM pg_database WHERE datname LIKE 'Specibike%'")
    assert (done.returncode, done.stdout) == (0, "SpecibikeTS\n")


def test_the_observing_role_enters_no_other_database(cluster: Cluster) -> None:
    done = _sql(cluster, "vigie_observe", "SELECT 1", database="SpecibikeTS")
    assert done.returncode != 0
    assert "rejects connection" in done.stderr


def test_the_observing_role_does_not_come_by_the_socket(cluster: Cluster) -> None:
    assert "rejects connection" in _sql(cluster, "vigie_observe", "SELECT 1", socket=True).stderr


def test_the_observing_role_reads_no_secret(cluster: Cluster) -> None:
    assert "permission denied" in _sql(cluster, "vigie_observe", "SELECT rolpassword FROM pg_authid").stderr
    assert "permission denied" in _sql(cluster, "vigie_observe", "SELECT pg_read_file('pg_hba.conf')").stderr
