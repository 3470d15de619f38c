"""What is said of PostgreSQL when it gives no list: that it does not answer is said on evidence alone.

Other subjects keep quiet behind that, so it may not be said of a check that lacks something on its own side.
"""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from rawserver import RawServer, Reply, later, real

from vigie.observe.levels import Level
from vigie.observe.openerp import postgres
from vigie.observe.openerp.model import OpenErpSeen, ServerSeen
from vigie.observe.openerp.observation import observe_openerp
from vigie.observe.openerp.settings import ObserveOpenErp
from vigie.observe.openerp.states import Connected, PostgresState, ServerState, words
from vigie.observe.openerp.verdict import findings
from vigie.observe.postgres import PostgresError

AT = 'connection to server at "192.0.2.7", port 5432 failed: '
STARTING = f"{AT}FATAL:  the database system is starting up"
NO_PASSWORD = f"{AT}fe_sendauth: no password supplied"
DROPPED = f"{AT}server closed the connection unexpectedly"
ABSENT = f"{AT}No route to host"
REFUSED = f"{AT}Connection refused"
NO_SOCKET = 'connection to server on socket "/run/postgresql/.s.PGSQL.5432" failed: No such file or directory'
NO_DRIVER = "psycopg2 is not installed beside Vigie"
NOT_OURS = 'connection to server on socket "/run/postgresql/.s.PGSQL.5432" failed: Permission denied'


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that accepts every connection and never says a word, as what hangs does."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port at which nobody listens."""
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def settings(folder: Path, port: int, postgres_port: int | None) -> ObserveOpenErp:
    """Settings; without a port of PostgreSQL, their service file is missing."""
    file = folder / "pg_service.conf"
    if postgres_port is not None:
        file.write_text(f"[contexts]\nhost=127.0.0.1\nport={postgres_port}\nuser=nobody\ndbname=postgres\n")
    return ObserveOpenErp(
        school="0750001A",
        address="127.0.0.1",
        port=port,
        version="6.0",
        classes=[],
        service="contexts",
        service_file=str(file),
        connections=1,
        deadline=1.0,
    )


def seen(given: ObserveOpenErp) -> OpenErpSeen:
    return observe_openerp(given).seen


def test_a_missing_service_file_does_not_make_postgresql_silent_when_openerp_is_stopped(
    tmp_path: Path, nobody: int
) -> None:
    found = seen(settings(tmp_path, nobody, None))
    assert found.server.state == ServerState.REFUSED
    assert found.postgres.state == PostgresState.CLOSED_TO_US
    assert "pg_service.conf" in found.postgres.error


def test_where_the_check_is_at_fault_openerp_is_the_only_witness(tmp_path: Path) -> None:
    with RawServer(real("6.0.3", down=True)) as server:
        found = seen(settings(tmp_path, server.port, None))
    assert (found.server.connected, found.postgres.state) == (Connected.NO, PostgresState.LOST)


def test_a_machine_that_answers_nothing_is_one_problem(tmp_path: Path, silent: int) -> None:
    given = settings(tmp_path, silent, silent)
    observation = observe_openerp(given)
    assert observation.seen.server.state == ServerState.SILENT
    assert observation.seen.postgres.state == PostgresState.UNREACHABLE
    (told,) = findings(observation, given)
    assert (told.level, told.text.partition(":")[0]) == (Level.PROBLEM, "PostgreSQL does not answer, nor does OpenERP")


def test_a_postgresql_that_gives_no_answer_beside_a_stopped_openerp_is_not_known_to_be_down(
    tmp_path: Path, nobody: int, silent: int
) -> None:
    """A firewall between the check and PostgreSQL looks the same; the machine answers."""
    found = seen(settings(tmp_path, nobody, silent))
    assert (found.server.state, found.postgres.state) == (ServerState.REFUSED, PostgresState.CLOSED_TO_US)


def test_a_postgresql_that_hangs_is_silent_where_openerp_does_not_reach_it_either(tmp_path: Path, silent: int) -> None:
    with RawServer(real("6.0.3", down=True)) as server:
        found = seen(settings(tmp_path, server.port, silent))
    assert (found.postgres.state, found.postgres.error) == (
        PostgresState.SILENT,
        "PostgreSQL does not answer in time",
    )


def test_two_servers_that_are_stopped_are_two_problems(tmp_path: Path, nobody: int) -> None:
    found = seen(settings(tmp_path, nobody, nobody))
    assert (found.server.state, found.postgres.state) == (ServerState.REFUSED, PostgresState.SILENT)


@pytest.mark.parametrize(("reaches_it", "state"), [(True, PostgresState.CLOSED_TO_US), (False, PostgresState.SILENT)])
def test_a_later_odoo_that_hides_its_list_is_a_witness_too(
    tmp_path: Path, silent: int, reaches_it: bool, state: PostgresState
) -> None:
    with RawServer(later_that(reaches_it)) as server:
        found = seen(settings(tmp_path, server.port, silent))
    assert found.postgres.state == state


def later_that(reaches_it: bool) -> Reply:
    return lambda path, method: later(path, method, reaches_postgres=reaches_it)


@pytest.mark.parametrize(
    ("sentence", "asked", "openerp_lost", "openerp_down"),
    [
        # OpenERP answers and cannot tell; it says that it does not reach PostgreSQL; it does not answer.
        (REFUSED, PostgresState.SILENT, PostgresState.SILENT, PostgresState.SILENT),
        (NO_SOCKET, PostgresState.SILENT, PostgresState.SILENT, PostgresState.SILENT),
        (ABSENT, PostgresState.CLOSED_TO_US, PostgresState.SILENT, PostgresState.UNREACHABLE),
        (DROPPED, PostgresState.CLOSED_TO_US, PostgresState.SILENT, PostgresState.UNREACHABLE),
        (STARTING, PostgresState.CLOSED_TO_US, PostgresState.SILENT, PostgresState.CLOSED_TO_US),
        (NO_PASSWORD, PostgresState.CLOSED_TO_US, PostgresState.LOST, PostgresState.CLOSED_TO_US),
        (NOT_OURS, PostgresState.CLOSED_TO_US, PostgresState.LOST, PostgresState.CLOSED_TO_US),
        (NO_DRIVER, PostgresState.CLOSED_TO_US, PostgresState.LOST, PostgresState.CLOSED_TO_US),
    ],
)
def test_what_the_driver_says_and_what_openerp_says_together(
    sentence: str, asked: PostgresState, openerp_lost: PostgresState, openerp_down: PostgresState
) -> None:
    def judged(state: ServerState, connected: Connected) -> PostgresState:
        server = ServerSeen(state, words(state), connected=connected)
        return postgres.without_list(server, PostgresError(sentence)).state

    assert judged(ServerState.ANSWERS, Connected.UNKNOWN) == asked
    assert judged(ServerState.ANSWERS, Connected.NO) == openerp_lost
    assert judged(ServerState.SILENT, Connected.UNKNOWN) == openerp_down
    assert judged(ServerState.ANSWERS, Connected.YES) == PostgresState.CLOSED_TO_US


def test_an_address_that_refuses_does_not_hide_another_of_the_same_name_that_answers() -> None:
    """libpq says a line for each address of a name; the sentence for people is the first."""
    try:
        raise PostgresError(REFUSED) from OSError(f"{REFUSED}\n{STARTING}")
    except PostgresError as error:
        server = ServerSeen(ServerState.REFUSED, "refused")
        assert postgres.without_list(server, error).state == PostgresState.CLOSED_TO_US
