"""Contexts of a real OpenERP in a real PostgreSQL: what the observation reads, and what it may not."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest
from contextserver import Contexts, quoted

from lab.waiting import wait_until
from vigie.naming import key_of
from vigie.observe.openerp.model import Counts, OpenErpSeen
from vigie.observe.openerp.observation import observe_openerp
from vigie.observe.openerp.states import ContextState, PostgresState, ServerState

REAL = "SpecibikeDupont"
HOSTILE = (
    "Specibike\"'`; DROP DATABASE postgres; --",
    "Specibike host=elsewhere dbname=postgres",
    "Specibike\nligne\t{$M}",
    "specibike%s%(role)s",
    "Specibike🚲",
)
MARKERS = """INSERT INTO ir_model_data (name, module, model, date_update)
SELECT name, 'base', 'res.currency', now() at time zone 'UTC' FROM unnest('{XOF,XAF,UGX,HNL,CLP}'::text[]) AS name;"""


@pytest.fixture(scope="module", autouse=True)
def real(contexts: Contexts) -> None:
    """The real one, and copies of it under hostile names."""
    contexts.restore(REAL)
    for name in HOSTILE:
        contexts.copy_of(REAL, name)


def seen(contexts: Contexts, **changes: object) -> OpenErpSeen:
    return observe_openerp(contexts.settings(**changes)).seen


def counts(contexts: Contexts, **changes: object) -> Counts:
    found = seen(contexts, **changes).counts
    assert found is not None
    return found


def state(contexts: Contexts, name: str = REAL, **changes: object) -> ContextState:
    return seen(contexts, **changes).contexts[key_of(name)].state


@pytest.fixture
def scrap(contexts: Contexts) -> Iterator[str]:
    """A context to break, granted."""
    name = "SpecibikeTS1Rebut"
    contexts.copy_of(REAL, name)
    contexts.grant()
    yield name
    contexts.drop(name)


def test_a_new_context_is_not_readable_until_its_right_is_granted(contexts: Contexts) -> None:
    name = "SpecibikeNouveau"
    contexts.grant()
    contexts.restore(name)
    try:
        before = seen(contexts)
        assert before.contexts[name].state == ContextState.NOT_GRANTED
        assert before.counts.not_granted == 1
        done = contexts.grant()
        assert (done.now, done.failed) == (1, {})
        assert state(contexts, name) == ContextState.UPGRADED
        again = contexts.grant()
        assert (again.now, again.before) == (0, again.contexts)
    finally:
        contexts.drop(name)


def test_what_a_real_context_says(contexts: Contexts) -> None:
    contexts.grant()
    found = seen(contexts).contexts[REAL]
    assert (found.state, found.base, found.pending, found.error) == (ContextState.UPGRADED, "6.0.1.3", 0, "")
    assert found.upgraded_at == 1_795_284_274  # 2026-11-21 18:04:34 UTC, the day that its dump was made
    assert 5_000_000 < found.size < 50_000_000
    assert found.cron_late == 0  # nobody serves it


def test_names_that_pupils_chose_are_read_like_any_other(contexts: Contexts) -> None:
    contexts.grant()
    found = seen(contexts)
    assert {found.contexts[key_of(name)].state for name in HOSTILE} == {ContextState.UPGRADED}
    assert found.counts.read == found.counts.contexts == 1 + len(HOSTILE)


def test_a_context_without_the_currencies_of_6_0_4_was_not_upgraded_to_it(contexts: Contexts, scrap: str) -> None:
    assert state(contexts, scrap, version="6.0.3") == ContextState.UPGRADED
    assert state(contexts, scrap, version="6.0.4") == ContextState.NOT_UPGRADED
    contexts.cluster.sql(MARKERS, database=scrap)
    assert state(contexts, scrap, version="6.0.4") == ContextState.UPGRADED


def test_a_module_that_waits_is_an_interrupted_upgrade(contexts: Contexts, scrap: str) -> None:
    contexts.cluster.sql("UPDATE ir_module_module SET state = 'to upgrade'", database=scrap)
    found = seen(contexts).contexts[scrap]
    assert (found.state, found.pending) == (ContextState.INTERRUPTED, 1)


def test_scheduled_actions_are_late_where_their_owner_has_a_session_and_nowhere_else(
    contexts: Contexts, scrap: str
) -> None:
    late = "UPDATE ir_cron SET nextcall = now() at time zone 'UTC' - interval '1 hour'"
    contexts.cluster.sql(late, database=scrap)
    assert seen(contexts).contexts[scrap].cron_late == 0
    cluster = contexts.cluster
    cluster.sql("ALTER ROLE openerp PASSWORD 'of OpenERP'")
    cluster.sql(f"CREATE ROLE stranger LOGIN; GRANT CONNECT ON DATABASE {quoted(scrap)} TO stranger")
    where = {"host": str(cluster.socket), "port": cluster.port, "dbname": scrap}
    with psycopg2.connect(user="stranger", **where):
        assert seen(contexts).contexts[scrap].cron_late == 0
    cluster.sql("CREATE ROLE openerp_a LOGIN IN ROLE openerp; ALTER ROLE openerp_a SET role = openerp")
    with psycopg2.connect(user="openerp_a", **where):  # the password's rotation has two roles log in for the owner
        assert seen(contexts).contexts[scrap].cron_late > 3595
    served = psycopg2.connect(user="openerp", **where)
    try:
        assert 3595 < seen(contexts).contexts[scrap].cron_late < 3660
        for idle in ("SET active = false", "SET active = true, numbercall = 0", "SET nextcall = 'infinity'"):
            cluster.sql(f"UPDATE ir_cron {idle}", database=scrap)
            assert seen(contexts).contexts[scrap].cron_late == 0
    finally:
        served.close()
        cluster.sql(f"REVOKE ALL ON DATABASE {quoted(scrap)} FROM stranger; DROP ROLE stranger; DROP ROLE openerp_a")


def test_a_later_odoo_without_some_of_the_columns_is_read_like_any_other(contexts: Contexts, scrap: str) -> None:
    """Odoo dropped ir_model_data.date_update and, in 18, ir_cron.numbercall."""
    cluster = contexts.cluster
    cluster.sql(
        "ALTER TABLE ir_cron DROP COLUMN numbercall; ALTER TABLE ir_model_data DROP COLUMN date_update;"
        "UPDATE ir_module_module SET latest_version = '18.0.1.3' WHERE name = 'base';"
        "UPDATE ir_cron SET nextcall = now() at time zone 'UTC' - interval '1 hour'",
        database=scrap,
    )
    cluster.sql("ALTER ROLE openerp PASSWORD 'of OpenERP'")
    with closing(psycopg2.connect(host=str(cluster.socket), port=cluster.port, dbname=scrap, user="openerp")):
        found = seen(contexts, version="18.0").contexts[scrap]
    assert (found.state, found.error, found.upgraded_at) == (ContextState.UPGRADED, "", 0)
    assert 3595 < found.cron_late < 3660


def test_an_empty_database_is_no_openerp(contexts: Contexts) -> None:
    contexts.cluster.sql('CREATE DATABASE "SpecibikeVide"')
    try:
        contexts.grant()
        assert state(contexts, "SpecibikeVide") == ContextState.NOT_OPENERP
    finally:
        contexts.drop("SpecibikeVide")


def test_a_context_closed_on_purpose_is_no_failure(contexts: Contexts, scrap: str) -> None:
    contexts.cluster.sql(f"ALTER DATABASE {scrap} ALLOW_CONNECTIONS false".replace(scrap, quoted(scrap)))
    assert state(contexts, scrap) == ContextState.CLOSED


def test_a_context_dropped_while_it_is_read_is_no_error(contexts: Contexts) -> None:
    contexts.grant()
    stop = threading.Event()

    def come_and_go() -> None:
        while not stop.is_set():
            contexts.copy_of(REAL, "SpecibikeEphemere")
            contexts.drop("SpecibikeEphemere")

    pupil = threading.Thread(target=come_and_go)
    pupil.start()
    try:
        for _ in range(12):
            found = seen(contexts)
            assert found.postgres.state == PostgresState.ANSWERS
            assert found.counts.unreadable in (0, 1)
            one = found.contexts.get("SpecibikeEphemere")
            # It may be there, locked by its making or its dropping; once it is gone, nothing is said of it.
            assert one is None or one.state in (
                ContextState.UPGRADED,
                ContextState.UNREADABLE,
                ContextState.NOT_GRANTED,
            )
    finally:
        stop.set()
        pupil.join()


def test_locked_contexts_cost_the_deadline_and_the_answer_says_that_it_is_partial(contexts: Contexts) -> None:
    contexts.grant()
    names = [REAL, *HOSTILE]
    locks = []
    for name in names:
        connection = psycopg2.connect(
            host=str(contexts.cluster.socket), port=contexts.cluster.port, user="postgres", dbname=name
        )
        connection.cursor().execute("LOCK TABLE ir_module_module IN ACCESS EXCLUSIVE MODE")
        locks.append(connection)
    try:
        begun = time.monotonic()
        found = seen(contexts, connections=1, deadline=1.0)
        took = time.monotonic() - begun
    finally:
        for connection in locks:
            connection.close()
    assert took < 1.5
    assert found.counts.missed >= 3
    assert found.counts.read < found.counts.contexts == len(names)
    assert found.counts.error == f"{found.counts.missed} of 6 contexts were not read within 1 s"
    assert set(found.names) == {key_of(name) for name in names}


def test_the_role_reads_its_columns_and_nothing_else(contexts: Contexts) -> None:
    contexts.grant()
    os.environ["PGSERVICEFILE"] = str(contexts.service_file)
    connection = psycopg2.connect(service="contexts", dbname=REAL)
    connection.autocommit = True
    refused = (
        "SELECT * FROM public.res_users",
        "SELECT password FROM public.res_users",
        "SELECT * FROM public.ir_module_module",
        "SELECT res_id FROM public.ir_model_data",
        "SELECT name FROM public.res_partner",
        "UPDATE public.ir_cron SET active = true",
        "CREATE TABLE public.mine (n int)",
    )
    try:
        with connection.cursor() as cursor:
            with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
                cursor.execute(refused[-1])
            cursor.execute("SET default_transaction_read_only = off")  # a default: the rights are what counts
            for statement in refused:
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute(statement)
    finally:
        connection.close()


def test_never_more_connections_than_were_allowed(contexts: Contexts) -> None:
    contexts.grant()
    most = 0
    stop = threading.Event()
    count = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'vigie_contexts'"

    def watch() -> None:
        nonlocal most
        where = {"host": str(contexts.cluster.socket), "port": contexts.cluster.port}
        connection = psycopg2.connect(user="postgres", dbname="postgres", **where)
        with connection.cursor() as cursor:
            while not stop.is_set():
                cursor.execute(count)
                most = max(most, cursor.fetchone()[0])
                connection.rollback()
        connection.close()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for _ in range(8):
            seen(contexts, connections=2)
            # What was closed takes PostgreSQL a moment to end: it is not held against the next one.
            wait_until(lambda: contexts.cluster.sql(count) == "0", what="its connections stay open", deadline=10)
    finally:
        stop.set()
        watcher.join()
    assert 1 <= most <= 3  # one lists


def test_a_role_that_may_not_come_in_is_told_apart_from_a_server_that_is_down(contexts: Contexts) -> None:
    contexts.cluster.sql("ALTER ROLE vigie_contexts NOLOGIN")
    try:
        found = seen(contexts)
    finally:
        contexts.cluster.sql("ALTER ROLE vigie_contexts LOGIN")
    assert found.server.state == ServerState.REFUSED
    assert found.postgres.state == PostgresState.CLOSED_TO_US
    assert "not permitted to log in" in found.postgres.error
    assert found.counts is None


def test_no_password_comes_out(contexts: Contexts) -> None:
    contexts.cluster.sql("ALTER ROLE vigie_contexts PASSWORD 'another'")
    try:
        found = seen(contexts)
    finally:
        contexts.cluster.sql("ALTER ROLE vigie_contexts PASSWORD 'of the test'")
    assert "password authentication failed" in found.postgres.error
    assert "of the test" not in repr(found)
