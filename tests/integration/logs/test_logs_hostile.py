"""What people and machines write can spoil neither the store nor its neighbours."""

import pytest
from pipeline import Pipeline

from lab.waiting import wait_until

LONG_TAG = "x" * 88
STOCK = "ALTER TABLE systemevents ALTER COLUMN syslogtag TYPE varchar(60);"
WIDE = "ALTER TABLE systemevents ALTER COLUMN syslogtag TYPE text;"


@pytest.fixture(autouse=True)
def empty(pipeline: Pipeline) -> None:
    pipeline.sql("TRUNCATE systemevents;")


def test_a_tag_of_88_characters_is_stored_with_its_neighbours(pipeline: Pipeline) -> None:
    for number in range(20):
        pipeline.log(f"number {number}", tag=LONG_TAG if number == 10 else "app")
    pipeline.wait_for(20)
    assert sorted(pipeline.numbers()) == list(range(20))
    assert pipeline.count(f"syslogtag = '{LONG_TAG}:'") == 1


def refused(pipeline: Pipeline) -> int:
    """Transactions that PostgreSQL rolled back: rsyslog says nothing of a message that is refused."""
    return int(pipeline.sql("SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()"))


def test_with_the_stock_width_it_takes_no_neighbour_with_it_and_is_counted(pipeline: Pipeline) -> None:
    before = refused(pipeline)
    pipeline.sql(STOCK)
    try:
        for number in range(20):
            pipeline.log(f"number {number}", tag=LONG_TAG if number == 10 else "app")
        pipeline.wait_for(19, "syslogtag = 'app:'")
        wait_until(lambda: refused(pipeline) > before, what="it is not counted", deadline=20)
        assert 10 not in pipeline.numbers()
        # A refused row has taken its number: the observation of the centre counts these holes.
        assert int(pipeline.sql("SELECT max(id) - min(id) + 1 - count(*) FROM systemevents")) > 0
    finally:
        pipeline.sql(WIDE)


@pytest.mark.parametrize(
    "line",
    [
        b"<13>Feb 31 10:00:00 poste tag: a day that does not exist",
        b"<13>1 2026-02-30T00:00:00Z poste a - - - another one",
        b"<13>1 1900-01-31T23:59:60Z poste a - - - a leap second of long ago",
        b"<13>1 9999-12-31T23:59:60Z poste a - - - the end of time",
        b"<999>Feb 3 10:00:00 poste tag: a priority that does not exist",
        b"<13>Nov 21 22:00:00 poste t: nothing \0 and \xff\xfe bytes \xe9",
        b"<13>Nov 21 22:00:00 poste t: '; DROP TABLE systemevents; --\\",
        b"<13>Nov 21 22:00:00 poste t'\\: $1 %s %msg% {{ }}",
        b"<13>Nov 21 22:00:00 poste " + b"t" * 600 + b": a long tag",
        b"<13>Nov 21 22:00:00 " + b"h" * 400 + b" t: a long host name",
        b"<13>Nov 21 22:00:00 poste t: " + b"y" * 40_000,
        b"\tMSWinEventLog\t99999\tS\t99999999999999999999\td\t99999999999\ts\tu\tn\tt\tc\tg\t\ttext",
        b"MSWinEventLog\tx\t\t\t\t\t\t\t\t\t\t\t",
        b"MSWinEventLog\t" + b"#" * 2000 + b"\t" * 200,
        b"",
        b"<",
        b"\xff" * 3000,
    ],
)
def test_a_hostile_line_harms_nobody(pipeline: Pipeline, line: bytes) -> None:
    before = refused(pipeline)
    pipeline.send_windows(b"<13>Nov 21 22:00:00 poste t: before", line, b"<13>Nov 21 22:00:00 poste t: after")
    pipeline.wait_for(2, "message IN (' before', ' after')")
    assert pipeline.count() >= 2 + bool(line)
    assert refused(pipeline) == before
    assert max(len(row[0]) for row in pipeline.rows("fromhost")) <= 255
    assert max(int(row[0]) for row in pipeline.rows("length(message)")) <= 16 * 1024


def test_whoever_calls_himself_anything_gets_no_folder_of_his_own(pipeline: Pipeline) -> None:
    pipeline.send_windows(b"<13>Nov 21 22:00:00 poste t: seen")
    pipeline.wait_for(1)
    assert {folder.name for folder in pipeline.files.iterdir()} <= {"source", "centre", "poste", "others"}


@pytest.mark.parametrize("name", ["Specibike]x", "x]", "x]]", "]", "a] b", "a][b", "[2026-11-21]", "É] à", "a:b"])
def test_no_bracket_in_the_name_of_a_database_hides_its_errors(pipeline: Pipeline, name: str) -> None:
    pipeline.log(f"[2026-11-21 18:18:53,368][{name}] ERROR:web-services:it broke] INFO:sql:x", tag="openerp")
    pipeline.wait_for(1)
    assert pipeline.rows("priority, genericfilename, eventsource") == [["3", name, "web-services"]]


def test_what_a_message_says_is_not_taken_for_its_level(pipeline: Pipeline) -> None:
    pipeline.log("[2026-11-21 18:18:53,368][SpecibikeX] INFO:sql:it said] ERROR:sql:x", tag="openerp")
    pipeline.log("[2026-11-21 18:18:53,368][" + "]" * 7000 + "[" * 7000, tag="openerp")
    pipeline.wait_for(2)
    assert pipeline.rows("genericfilename", "eventlogtype = 'openerp'") == [["SpecibikeX"]]
    assert pipeline.count("priority = 3") == 0


def test_rsyslog_may_add_rows_and_nothing_else(pipeline: Pipeline) -> None:
    rights = pipeline.sql(
        "SELECT string_agg(privilege_type, ' ' ORDER BY privilege_type) FROM information_schema.role_table_grants "
        "WHERE grantee = 'vigie_rsyslog'"
    )
    assert rights == "INSERT"
