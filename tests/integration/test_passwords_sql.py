"""The rendered passwords.sql in a real PostgreSQL: what the observing role learns by it, and what it never does."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg2
import psycopg2.errors
import psycopg2.extensions
import pytest

from lab.accounts import lab_account
from lab.postgres import SUPERUSER, Cluster
from lab.processes import Supervisor
from provisioning.hostfiles.places import Places
from provisioning.hostfiles.render import files_for
from provisioning.subjects import Order
from provisioning.subjects.passwords import canonical
from vigie import site as sites
from vigie.credentials.generations import Generation, Ledger
from vigie.observe.passwords.observation import observe_passwords
from vigie.observe.passwords.server import LoginRole, NotInstalledError, ask
from vigie.observe.passwords.settings import ObservePasswords

EXAMPLE = Path(__file__).parents[2] / "examples" / "lab.yaml"
SCHOOL = "9990001X"
ROLES = ["openerp_a", "openerp_b"]
# What PostgreSQL itself makes of md5 and of SCRAM, and a plain password, as a catalogue of before release 10 holds it.
ODD = """
SET password_encryption = 'md5';
CREATE ROLE of_md5 LOGIN PASSWORD 'of the test';
SET password_encryption = 'scram-sha-256';
CREATE ROLE of_scram LOGIN PASSWORD 'of the test' VALID UNTIL '2030-01-01 00:00:00+00';
CREATE ROLE for_ever LOGIN PASSWORD 'of the test' VALID UNTIL 'infinity';
CREATE ROLE of_the_epoch LOGIN PASSWORD 'of the test' VALID UNTIL '1970-01-01 00:00:00+00';
CREATE ROLE of_never LOGIN PASSWORD 'of the test' VALID UNTIL '-infinity';
CREATE ROLE of_1950 LOGIN PASSWORD 'of the test' VALID UNTIL '1950-01-01 00:00:00+00';
CREATE ROLE never_in PASSWORD 'of the test' NOLOGIN;
CREATE ROLE "o'dd {#DB} ""name"" $" LOGIN;
UPDATE pg_authid SET rolpassword = 'of the test' WHERE rolname = 'for_ever';
"""


def sql_of(name: str) -> str:
    site = sites.load(EXAMPLE)
    school = site.schools[0]
    order = Order(site, school, school.host("srv-openerp"), site_text="", places=Places(), today=date(2026, 11, 21))
    return next(file.text for file in files_for(order) if file.name == name)


@pytest.fixture(scope="module")
def cluster(block: int, scratch: Path) -> Iterator[Cluster]:
    """A PostgreSQL where roles.sql and passwords.sql were run, twice."""
    directory = scratch / "passwords"
    directory.mkdir()
    supervisor = Supervisor(directory / "run", directory / "log")
    access = "host all all 127.0.0.0/8 trust\n"
    made = Cluster("passwords", directory / "postgres", lab_account(), f"127.0.{block}.46", 15432, access=access)
    made.create()
    supervisor.start(made.server())
    try:
        for _ in range(2):  # harmless to run again
            made.sql(sql_of("roles.sql"))
            made.sql(sql_of("passwords.sql"))
        made.sql("SET allow_system_table_mods = on; " + ODD)
        yield made
    finally:
        supervisor.stop_all()


def connect(cluster: Cluster, role: str, **options: str) -> psycopg2.extensions.connection:
    connection = psycopg2.connect(
        host=cluster.address, port=cluster.port, user=role, dbname="postgres", connect_timeout=5, **options
    )
    connection.autocommit = True
    return connection


@pytest.fixture
def service_file(cluster: Cluster, tmp_path: Path) -> str:
    file = tmp_path / "pg_service.conf"
    where = f"host={cluster.address}\nport={cluster.port}\ndbname=postgres\n"
    file.write_text(f"[observe]\n{where}user=vigie_observe\n[stranger]\n{where}user=of_scram\n")
    return str(file)


@pytest.fixture
def settings(service_file: str, tmp_path: Path) -> ObservePasswords:
    made = (Generation(1, ROLES[0], 2**48 + 1, 1, 1), Generation(2, ROLES[1], 2**48 + 2, 2, 2))
    (tmp_path / "ledger.json").write_text(Ledger(SCHOOL, made).to_json())
    return ObservePasswords(
        school=SCHOOL,
        ledger=str(tmp_path / "ledger.json"),
        service="observe",
        service_file=service_file,
        roles=ROLES,
        stations=["poste-01"],
        addresses=["127.0.0.1"],
        names=[""],
        max_age=10**10,
        expiry_warning=0,
        deadline=5.0,
    )


def test_the_kind_of_hash_and_the_end_of_each_login_role_are_told(service_file: str) -> None:
    known, _ = ask("observe", service_file, 5.0, ROLES)
    told = {role.name: role for role in known}
    assert told["of_md5"] == LoginRole("of_md5", "md5", None)
    assert told["of_scram"] == LoginRole("of_scram", "scram-sha-256", 1_893_456_000)
    assert told["for_ever"] == LoginRole("for_ever", "other", None)
    assert [told[name].valid_until for name in ("of_the_epoch", "of_never", "of_1950")] == [0, 0, 0]
    assert told['o\'dd {#DB} "name" $'].kind == "none"
    assert "never_in" not in told


def test_no_answer_of_postgresql_holds_a_hash(cluster: Cluster) -> None:
    connection = connect(cluster, "vigie_observe")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM vigie.login_roles()")
        assert [column.name for column in cursor.description or ()] == ["role", "kind", "valid_until"]
        for row in cursor.fetchall():
            assert "of the test" not in str(row)
            assert "$" not in str(row[1])
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("SELECT rolpassword FROM pg_authid")
    connection.close()


def test_the_functions_trust_nothing_that_the_caller_sets(cluster: Cluster) -> None:
    """A caller's own pg_authid, in front of the real one on its path, is never looked at by a superuser's function."""
    connection = connect(cluster, "vigie_observe", options="-c default_transaction_read_only=off")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY VIEW pg_authid AS SELECT 'mine'::name AS rolname, 'x' AS rolpassword")
        cursor.execute("SET search_path = pg_temp, pg_catalog")
        cursor.execute("SELECT count(*) FROM vigie.login_roles() WHERE role = 'mine'")
        assert cursor.fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize("call", ["vigie.login_roles()", "vigie.login_sessions('{openerp_a}')"])
def test_nobody_else_may_call_them(cluster: Cluster, call: str) -> None:
    connection = connect(cluster, "of_scram")
    with connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(f"SELECT * FROM {call}")
    connection.close()


def test_sessions_are_told_by_role_and_address_to_a_role_that_sees_no_other_session(
    cluster: Cluster, settings: ObservePasswords
) -> None:
    cluster.sql("ALTER ROLE openerp_a LOGIN; ALTER ROLE openerp_b LOGIN;")
    kept = [connect(cluster, "openerp_a"), connect(cluster, "openerp_b"), connect(cluster, "openerp_b")]
    try:
        seen = observe_passwords(settings).seen
        assert seen is not None
        assert seen.sessions is not None
        assert (seen.sessions.current, seen.sessions.previous, seen.sessions.elsewhere) == (2, 1, 0)
        assert (seen.stations["poste-01"].current, seen.stations["poste-01"].previous) == (2, 1)
    finally:
        for connection in kept:
            connection.close()


@pytest.mark.parametrize(
    "address",
    ["10.1.5.21", "2001:DB8:0:0::0042", "2001:db8:0:1:0:0:0:42", "2001:db8:1:1:0:1:1:42", "FE80::1", "::1", "fd00::"],
)
def test_an_address_of_the_site_file_is_compared_as_postgresql_writes_it(cluster: Cluster, address: str) -> None:
    assert cluster.sql(f"SELECT host('{address}'::inet)") == canonical(address)


def test_the_two_login_roles_act_as_the_owner(cluster: Cluster) -> None:
    cluster.sql("ALTER ROLE openerp_a LOGIN;")
    connection = connect(cluster, "openerp_a")
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user::text, current_user::text")
        assert cursor.fetchone() == ("openerp_a", "openerp")
    connection.close()


def test_a_postgresql_without_the_functions_breaks_the_check_and_says_what_to_run(
    cluster: Cluster, settings: ObservePasswords
) -> None:
    cluster.sql("ALTER SCHEMA vigie RENAME TO vigie_gone")
    try:
        observation = observe_passwords(settings)
        assert observation.seen is None
        assert "a superuser must run passwords.sql" in observation.error
    finally:
        cluster.sql("ALTER SCHEMA vigie_gone RENAME TO vigie")


def test_a_role_without_the_right_is_told_so_too(service_file: str) -> None:
    with pytest.raises(NotInstalledError, match="permission denied"):
        ask("stranger", service_file, 5.0, ROLES)


def test_a_function_that_somebody_made_first_does_not_stay_theirs(cluster: Cluster) -> None:
    cluster.sql(
        "DROP FUNCTION vigie.login_roles(); CREATE FUNCTION vigie.login_roles() "
        "RETURNS TABLE (role name, kind text, valid_until timestamptz) LANGUAGE sql AS "
        "$$ SELECT 'lie'::name, 'lie', now() $$; ALTER FUNCTION vigie.login_roles() OWNER TO of_md5;"
    )
    cluster.sql(sql_of("passwords.sql"))
    owner = cluster.sql("SELECT proowner::regrole FROM pg_proc WHERE proname = 'login_roles'")
    assert owner == SUPERUSER
