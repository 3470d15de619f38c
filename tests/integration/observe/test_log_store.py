"""The schema of the store: it takes whatever people write, widens a stock database in place, removes old messages."""

import threading

import psycopg2
import pytest
from logstore import SCHEMA, STOCK, Store

NAMES = "SELECT column_name FROM information_schema.columns WHERE table_name = 'systemevents' ORDER BY ordinal_position"
COLUMNS = NAMES.replace("column_name ", "column_name, data_type ")
INDEXES = "SELECT relname, relfilenode FROM pg_class WHERE relname LIKE 'vigie%' OR relname = 'systemevents' ORDER BY 1"


def test_a_tag_of_88_characters_is_stored_whole(store: Store) -> None:
    store.write(0, "srv-openerp", "t" * 88 + ":", "hello")
    assert store.apply("SELECT length(syslogtag) FROM systemevents") == "89"


def test_the_stock_schema_refuses_it_and_no_longer_once_it_is_widened(store: Store) -> None:
    store.create(STOCK)
    store.apply("GRANT ALL ON systemevents, systemevents_id_seq TO vigie_rsyslog")
    with pytest.raises(psycopg2.errors.StringDataRightTruncation):
        store.write(0, "srv-openerp", "t" * 88, "hello")
    store.apply()
    store.write(0, "srv-openerp", "t" * 88, "hello")


@pytest.mark.parametrize(
    "message", [b"\xff\xfe\xe9", "é🚲".encode(), b"'; DROP TABLE systemevents; --", b"%s %(x)s {}"]
)
def test_bytes_of_any_encoding_are_stored_as_they_came(store: Store, message: bytes) -> None:
    store.write(0, "srv-openerp", "t:", message)
    assert store.apply("SELECT encode(textsend(message), 'hex') FROM systemevents") == message.hex()


def test_running_it_again_changes_and_rewrites_nothing(store: Store) -> None:
    before = store.apply(COLUMNS), store.apply(INDEXES)
    store.apply()
    assert (store.apply(COLUMNS), store.apply(INDEXES)) == before


def test_a_stock_database_keeps_its_messages_names_and_order_and_is_not_rewritten(store: Store) -> None:
    store.create(STOCK)
    store.apply("INSERT INTO systemevents (receivedat, fromhost, message) VALUES (now(), 'old', 'kept')")
    names = store.apply(NAMES).splitlines()
    file = store.apply("SELECT relfilenode FROM pg_class WHERE relname = 'systemevents'")
    store.apply()
    assert store.apply("SELECT message FROM systemevents") == "kept"
    assert store.apply(NAMES).splitlines() == [*names, "counter"]
    assert "character varying" not in store.apply(COLUMNS)
    assert store.apply("SELECT relfilenode FROM pg_class WHERE relname = 'systemevents'") == file


def test_a_new_store_and_a_widened_one_are_alike(store: Store) -> None:
    made = store.apply(COLUMNS).splitlines()
    store.create(STOCK)
    store.apply()
    assert [line for line in store.apply(COLUMNS).splitlines() if not line.startswith("id|")] == made[1:]


def test_writers_go_on_while_a_stock_database_is_indexed(store: Store) -> None:
    """Each write has a second: one that waited for the building of an index would fail."""
    store.create(STOCK)
    store.apply(
        "INSERT INTO systemevents (receivedat, fromhost, message, syslogtag)"
        " SELECT now(), 'srv-' || n % 20, repeat('x', 100), 't' FROM generate_series(1, 100000) AS n"
    )
    over, failures, count = threading.Event(), [], 0

    def write() -> None:
        nonlocal count
        with store.connected() as connection, connection.cursor() as cursor:
            cursor.execute("SET statement_timeout TO '3s'")
            while not over.is_set():
                try:
                    cursor.execute("INSERT INTO systemevents (fromhost, message) VALUES ('w', 'beside')")
                    count += 1
                except psycopg2.Error as error:
                    failures.append(str(error))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        store.apply()
    finally:
        over.set()
        writer.join()
    assert (failures, count > 10) == ([], True)


def test_rsyslog_is_never_refused_while_it_is_run_again(store: Store) -> None:
    """The moment between what is taken away and what is given again is made long enough to write in it."""
    taken_away = "FROM PUBLIC, vigie_rsyslog, vigie_observe;\n"
    stretched = SCHEMA.replace(taken_away, f"{taken_away}SELECT pg_sleep(0.5);\n")
    assert stretched.count("pg_sleep") == 1
    over, refused, count = threading.Event(), [], 0

    def write() -> None:
        nonlocal count
        with store.connected("vigie_rsyslog") as connection, connection.cursor() as cursor:
            while not over.is_set():
                try:
                    cursor.execute("INSERT INTO systemevents (fromhost, message) VALUES ('w', 'beside')")
                    count += 1
                except psycopg2.Error as error:
                    refused.append(str(error))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        store.apply(stretched)
    finally:
        over.set()
        writer.join()
    assert (refused[:3], count > 10) == ([], True)


def test_an_index_that_was_interrupted_is_made_again(store: Store) -> None:
    store.apply("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'vigie_received'::regclass")
    store.apply()
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'vigie_received'::regclass"
    assert store.apply(valid) == "t"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM systemevents",
        "DELETE FROM systemevents",
        "UPDATE systemevents SET message = ''",
        "CALL vigie_purge('30 days')",
    ],
)
def test_rsyslog_may_add_and_nothing_else(store: Store, statement: str) -> None:
    refused = pytest.raises(psycopg2.errors.InsufficientPrivilege)
    with store.connected("vigie_rsyslog") as connection, connection.cursor() as cursor, refused:
        cursor.execute(statement)


def test_the_observing_role_may_read_and_nothing_else(store: Store) -> None:
    with store.connected("vigie_observe") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM systemevents")
        cursor.execute("SET default_transaction_read_only TO off")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("INSERT INTO systemevents (message) VALUES ('x')")


def test_what_is_older_than_the_retention_is_removed_and_nothing_else(store: Store) -> None:
    day = 86_400
    for age in (0, 29, 30.5, 31, 400):
        store.write(age * day, "srv-openerp", "t:", str(age))
    removed = store.apply("CALL vigie_purge('30 days', 0, 2)")
    assert removed == "3"
    assert store.apply("SELECT message FROM systemevents ORDER BY id").splitlines() == ["0", "29"]


def test_a_retention_of_nothing_is_refused(store: Store) -> None:
    store.write(7200, "srv-openerp", "t:", "kept")
    refused = pytest.raises(psycopg2.errors.RaiseException, match="one day at least")
    with store.connected() as connection, connection.cursor() as cursor, refused:
        cursor.execute("CALL vigie_purge('1 hour')")
    assert store.apply("SELECT message FROM systemevents") == "kept"
