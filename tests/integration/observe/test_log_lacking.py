"""A store in which rsyslog's role cannot add messages: they are all lost, and leave no hole in the numbers."""

from collections.abc import Iterator

import psycopg2
import pytest
from logstore import STOCK, Store, observe

from vigie.observe.levels import Finding, Level
from vigie.observe.logs.observation import observe_logs
from vigie.observe.logs.states import SourceState
from vigie.observe.logs.verdict import findings

REVOKED = "REVOKE INSERT ON systemevents FROM vigie_rsyslog"


@pytest.fixture(autouse=True)
def _roles_as_they_were(store: Store) -> Iterator[None]:
    """Roles are those of the whole PostgreSQL."""
    yield
    store.apply("ALTER ROLE vigie_rsyslog LOGIN")


def test_a_store_as_the_schema_makes_it_lacks_nothing(store: Store) -> None:
    seen = observe(store)
    assert (seen.store.writable, seen.store.lacking) == (1, "")


@pytest.mark.parametrize(
    ("statement", "lacking"),
    [
        (REVOKED, "INSERT on systemevents"),
        (f"{REVOKED}; GRANT INSERT (message) ON systemevents TO vigie_rsyslog", "INSERT on the column counter, "),
        ("REVOKE ALL ON SEQUENCE systemevents_id_seq FROM vigie_rsyslog", "USAGE on the sequence of systemevents.id"),
        ("ALTER TABLE systemevents DROP COLUMN counter", "the column counter"),
        ("ALTER TABLE systemevents ADD COLUMN pupil text NOT NULL", "a default of the column pupil"),
        (
            "REVOKE USAGE ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO vigie_observe",
            "USAGE on the schema",
        ),
    ],
)
def test_what_rsyslog_lacks_to_write_is_named(store: Store, statement: str, lacking: str) -> None:
    store.apply(statement)
    with pytest.raises(psycopg2.Error):
        store.write(0, "srv-openerp", "t:", "x", counter=1)
    seen = observe(store)
    assert seen.store.writable == 0
    assert seen.store.lacking is not None
    assert seen.store.lacking.startswith(lacking)


@pytest.mark.parametrize(
    ("statement", "lacking"),
    [
        ("""REVOKE CONNECT ON DATABASE "Syslog" FROM PUBLIC, vigie_rsyslog""", "CONNECT on the database"),
        ("ALTER ROLE vigie_rsyslog NOLOGIN", "LOGIN"),
    ],
)
def test_what_rsyslog_lacks_to_connect_again_is_named(store: Store, statement: str, lacking: str) -> None:
    store.apply(statement)
    assert observe(store).store.lacking == lacking


def test_the_stock_schema_lacks_a_column_and_the_rights_until_the_schema_is_run(store: Store) -> None:
    store.create(STOCK)
    store.apply("GRANT SELECT ON systemevents TO vigie_observe")
    assert observe(store).store.lacking == (
        "INSERT on systemevents, USAGE on the sequence of systemevents.id, the column counter"
    )
    store.apply()
    assert observe(store).store.lacking == ""


def test_it_is_one_problem_and_no_source_is_blamed(store: Store) -> None:
    store.apply(REVOKED)
    settings = store.settings()
    observation = observe_logs(settings)
    assert observation.seen is not None
    assert {row.state for row in observation.seen.sources.values()} == {SourceState.UNKNOWN}
    assert {row.silent for row in observation.seen.sources.values()} == {None}
    said = "messages cannot be stored: the role of the central rsyslog lacks INSERT on systemevents"
    assert findings(observation, settings) == [Finding(Level.PROBLEM, said)]
