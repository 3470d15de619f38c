"""`vigie check logs`: what an observation comes to, and its tables for people."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from vigie.check.logs import SUBJECT
from vigie.check.subject import show
from vigie.observe.levels import Level, level_of
from vigie.observe.logs.document import of_logs
from vigie.observe.logs.model import (
    ActivitySeen,
    CentreSeen,
    ContextSeen,
    DisksSeen,
    HourSeen,
    LogsObservation,
    LogsSeen,
    RecentSeen,
    SourceSeen,
    StoreSeen,
    StrangersSeen,
)
from vigie.observe.logs.settings import ObserveLogs
from vigie.observe.logs.states import SourceState, System
from vigie.observe.logs.verdict import findings

SETTINGS = ObserveLogs(
    school="9990001X",
    centre="srv-logs",
    sources=[],
    service="logs",
    service_file="/none",
    deadline=2.0,
    window=3600,
    impstats="/none",
    silent_after=60,
    store="/",
    files="/",
    canary_late=300,
    latency_max=60,
    skew_max=30,
    flood=500,
    queue_max=5000,
    free_min_percent=10.0,
)
ROW = SourceSeen(
    name="srv-openerp",
    system=System.LINUX,
    state=SourceState.HEARD,
    state_text="heard",
    silent=0,
    quiet=0,
    canary_number=12,
    canary_age=20,
    latency=0.1,
    skew=0.2,
    lost=0,
    doubled=0,
    last_at=1_795_299_600,
    last_age=37,
    rate=0.5,
    errors=0,
    failed_logins=0,
)
WELL = LogsSeen(
    store=StoreSeen(1, refused=0, writable=1, lacking="", future=0, future_seconds=0),
    centre=CentreSeen(1, 3, queue=0, longest="", discarded=0, failed=0, suspended=0),
    disks=DisksSeen(60.0, "/srv", 10**9, 60.0, 10**9, 70.0),
    sources={"srv-openerp": ROW},
    recent=RecentSeen(0.5, "srv-openerp 0.5 a second"),
    strangers=StrangersSeen(),
    activity=ActivitySeen(),
    programs={},
    contexts={},
)


def of(seen: LogsSeen) -> LogsObservation:
    return LogsObservation(1_795_299_637, 0.03, seen=seen)


def said(seen: LogsSeen) -> tuple[Level, list[str]]:
    found = findings(of(seen), SETTINGS)
    return level_of(found), [finding.text for finding in found]


def test_all_is_well() -> None:
    assert said(WELL) == (Level.WELL, [])


@pytest.mark.parametrize(
    ("changes", "level", "words"),
    [
        ({"state": SourceState.SILENT, "silent": 1}, Level.PROBLEM, "srv-openerp is silent"),
        ({"state": SourceState.NEVER, "silent": 1}, Level.PROBLEM, "was never heard"),
        ({"state": SourceState.UNPROVEN}, Level.WARNING, "its messages come, and no canary"),
        ({"lost": 3}, Level.PROBLEM, "3 messages were lost"),
        ({"state": SourceState.QUIET, "quiet": 1}, Level.WARNING, "nothing of its own"),
        ({"latency": 61.0}, Level.WARNING, "take 61 s"),
        ({"skew": -31.0}, Level.WARNING, "31 s behind"),
        ({"skew": 31.0}, Level.WARNING, "31 s ahead"),
        ({"doubled": 2}, Level.WELL, "2 messages came twice"),
    ],
)
def test_each_fault_of_a_source_is_said_once(changes: dict[str, object], level: Level, words: str) -> None:
    found = said(replace(WELL, sources={"srv-openerp": replace(ROW, **changes)}))
    assert found[0] == level
    (text,) = found[1]
    assert words in text


@pytest.mark.parametrize(
    ("changes", "level", "words"),
    [
        (
            {"store": StoreSeen(0, "connection refused")},
            Level.PROBLEM,
            "PostgreSQL does not answer: connection refused",
        ),
        ({"store": StoreSeen(1, writable=0, lacking="INSERT")}, Level.PROBLEM, "central rsyslog lacks INSERT"),
        (
            {"store": StoreSeen(1, future=2, future_seconds=9)},
            Level.WARNING,
            "has not come, up to 9 s ahead",
        ),
        ({"store": StoreSeen(1, refused=4)}, Level.PROBLEM, "refused 4 messages"),
        ({"centre": CentreSeen(0, 90, error="it hangs")}, Level.PROBLEM, "the central rsyslog is stopped: it hangs"),
        ({"centre": replace(WELL.centre, queue=5001)}, Level.WARNING, "5001 messages wait"),
        ({"centre": replace(WELL.centre, discarded=7)}, Level.WARNING, "7 messages discarded"),
        ({"disks": replace(WELL.disks, lowest=9.9)}, Level.PROBLEM, "9.9 % free in /srv"),
        ({"recent": RecentSeen(501.0, "intru 500 a second")}, Level.WARNING, "a flood: 501 messages a second, intru"),
        ({"strangers": StrangersSeen(1, "intru")}, Level.WELL, "1 sources that nobody declared: intru"),
    ],
)
def test_each_fault_of_the_centre_is_said_once(changes: dict[str, object], level: Level, words: str) -> None:
    found = said(replace(WELL, **changes))
    assert found[0] == level
    (text,) = found[1]
    assert words in text


UNHEARD = {"srv-openerp": SourceSeen("srv-openerp", System.LINUX, SourceState.UNKNOWN, "unknown")}


def test_sources_that_the_centre_has_not_listened_to_for_long_enough_are_no_promise_kept() -> None:
    level, (text,) = said(replace(WELL, sources=UNHEARD))
    assert level == Level.UNKNOWN
    assert "srv-openerp: whether they are silent cannot be told" in text
    assert "listened for 300 s" in text


@pytest.mark.parametrize("cause", [{"store": StoreSeen(0, "no")}, {"centre": CentreSeen(0, 90, error="it hangs")}])
def test_what_makes_the_centre_deaf_is_said_once(cause: dict[str, object]) -> None:
    level, texts = said(replace(WELL, sources=UNHEARD, **cause))
    assert (level, len(texts)) == (Level.PROBLEM, 1)


def test_beside_a_problem_the_verdict_is_that_problem() -> None:
    level, texts = said(replace(WELL, sources=UNHEARD, disks=replace(WELL.disks, lowest=1.0)))
    assert (level, len(texts)) == (Level.PROBLEM, 2)


def test_what_could_not_be_observed_is_no_verdict() -> None:
    (finding,) = findings(LogsObservation(1, 0.1, error="/srv cannot be looked at"), SETTINGS)
    assert (finding.level, finding.text) == (Level.UNKNOWN, "/srv cannot be looked at")


def shown(observation: LogsObservation) -> str:
    console = Console(width=110, highlight=False, file=io.StringIO())
    show(console, SUBJECT, "9990001X", findings(observation, SETTINGS), SUBJECT.tables(observation))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_tables_show_each_source_and_what_happened_by_hour_and_context() -> None:
    seen = replace(
        WELL,
        hours=(HourSeen(1_795_298_400, "srv-openerp", 5, 2, 3),),
        contexts={"SpecibikeX": ContextSeen("Specibike[red]É", 1, 3)},
    )
    text = shown(of(seen))
    for words in ("the logs are as promised", "srv-openerp", "+0.2 s", "Specibike[red]É", "OpenERP errors", "0.5/s"):
        assert words in text


def test_a_store_that_cannot_be_asked_leaves_the_rest_to_be_shown() -> None:
    unknown = SourceSeen("srv-openerp", System.LINUX, SourceState.UNKNOWN, "unknown")
    seen = LogsSeen(StoreSeen(0, "no"), WELL.centre, WELL.disks, {"srv-openerp": unknown})
    text = shown(of(seen))
    assert "does not answer" in text
    assert "unknown" in text
    assert "Last hour" not in text


def test_a_store_that_rsyslog_cannot_write_to_shows_no_figures_of_it() -> None:
    store = StoreSeen(1, writable=0, lacking="INSERT on systemevents")
    text = shown(of(LogsSeen(store, WELL.centre, WELL.disks, {})))
    assert "rsyslog cannot write to it" in text
    assert "None" not in text
    assert "No error" not in text


def test_what_is_not_known_is_left_out_of_the_document() -> None:
    unknown = SourceSeen("srv-openerp", System.LINUX, SourceState.UNKNOWN, "unknown")
    document = of_logs(of(LogsSeen(StoreSeen(0, "no"), CentreSeen(0, error="x"), WELL.disks, {"srv-openerp": unknown})))
    assert document["sources"]["srv-openerp"] == {
        "name": "srv-openerp",
        "system": 0,
        "state": 4,
        "state_text": "unknown",
    }
    assert "queue" not in document["centre"]
    assert document.keys() == {*("observed_at", "seconds", "error", "store", "centre", "disks", "sources", "discovery")}
