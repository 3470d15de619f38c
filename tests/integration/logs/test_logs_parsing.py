"""Messages of every kind come into the columns that the schema has for them."""

from functools import partial
from pathlib import Path

import pytest
from pipeline import Pipeline
from recorded import recorded

from lab.waiting import wait_until
from vigie.canary.emission import emit

SNARE = (
    "<14>Nov 21 22:00:00 {name} MSWinEventLog\t1\tSecurity\t{counter}\tFri Nov 27 09:58:51 2026\t4625\t"
    "Microsoft-Windows-Security-Auditing\tLYCEE\\o'martin\tN/A\tFailure Audit\t{name}\tLogon\t\t"
    "An account failed to log on.\t42"
)
FIELDS = "fromhost, syslogtag, eventlogtype, eventid, ntseverity, importance, counter, eventsource, eventuser, priority"


@pytest.fixture(autouse=True)
def empty(pipeline: Pipeline) -> None:
    pipeline.sql("TRUNCATE systemevents;")


def test_a_line_of_snare_is_parted_into_its_fields(pipeline: Pipeline) -> None:
    pipeline.send_windows(SNARE.format(name="PC-OF-SOMEBODY", counter=2174).encode())
    pipeline.wait_for(1)
    # The source is known by its address, whatever it calls itself.
    wanted = r"poste|MSWinEventLog|Security|4625|16|1|2174|Microsoft-Windows-Security-Auditing|LYCEE\o'martin|5"
    assert pipeline.rows(FIELDS) == [wanted.split("|")]
    assert pipeline.rows("message") == [["An account failed to log on.#01142"]]


@pytest.mark.parametrize(
    ("kind", "ntseverity", "priority"),
    [
        ("Error", "1", "3"),
        ("Warning", "2", "4"),
        ("Information", "4", "6"),
        ("Success Audit", "8", "6"),
        ("?", "0", "6"),
    ],
)
def test_the_kinds_of_events_are_those_of_windows(
    pipeline: Pipeline, kind: str, ntseverity: str, priority: str
) -> None:
    pipeline.send_windows(SNARE.format(name="P", counter=1).replace("Failure Audit", kind).encode())
    pipeline.wait_for(1)
    assert pipeline.rows("ntseverity, priority") == [[ntseverity, priority]]


def test_snare_without_a_syslog_header_is_understood(pipeline: Pipeline) -> None:
    pipeline.send_windows(SNARE.format(name="P", counter=4_294_967_295).partition("22:00:00 ")[2].encode())
    pipeline.wait_for(1)
    assert pipeline.rows("fromhost, eventid, counter") == [["poste", "4625", "4294967295"]]


@pytest.mark.parametrize("header", ["<13>Nov 21 22:00:00 P ", "P\t", "<13>P\t"])
def test_a_line_of_epilog_is_parted_into_its_fields(pipeline: Pipeline, header: str) -> None:
    pipeline.send_windows(f"{header}IISWebLog\t2\t192.168.20.7 - - GET /accueil.aspx 200".encode())
    pipeline.wait_for(1)
    assert pipeline.rows("fromhost, syslogtag, eventlogtype, importance, message") == [
        ["poste", "IISWebLog", "IISWebLog", "2", "192.168.20.7 - - GET /accueil.aspx 200"]
    ]


def test_the_log_of_openerp_comes_message_by_message(pipeline: Pipeline) -> None:
    sample = recorded("openerp-server.log.sample").read_text()
    lines = [line for line in sample.splitlines() if line.startswith("[20")]
    with Path(pipeline.source.places.openerp_log).open("a") as log:
        log.write(sample)
    pipeline.wait_for(len(lines))
    assert pipeline.count() == len(lines)
    assert pipeline.count("fromhost <> 'source' OR syslogtag <> 'openerp:' OR eventlogtype <> 'openerp'") == 0
    levels = {"INFO": 6, "WARNING": 4, "ERROR": 3}
    for level, severity in levels.items():
        assert pipeline.count(f"priority = {severity}") == sum(f"] {level}:" in line for line in lines)
    (trace,) = pipeline.rows("eventsource, genericfilename, message", "priority = 3")
    assert trace[:2] == ["db.connection_pool", "template1"]
    assert "Traceback (most recent call last):" in trace[2]
    assert "TCP/IP connections on port 5655?" in trace[2]
    assert {row[0] for row in pipeline.rows("DISTINCT coalesce(genericfilename, ''), id")} == {
        "",
        "SpecibikeDupont",
        "template1",
    }


def test_a_canary_arrives_as_an_ordinary_message_and_fills_no_other_log(pipeline: Pipeline) -> None:
    places = pipeline.source.places
    places.state.mkdir(exist_ok=True)
    sent = [emit(str(places.socket), str(places.state)) for _ in range(3)]
    assert [one.error for one in sent] == ["", "", ""]
    pipeline.log("a message of its own")
    pipeline.wait_for(4)
    wanted = [[f"n={one.number} t={one.sent_at:.3f} id={one.series}"] for one in sent]
    assert pipeline.rows("trim(message)", "syslogtag = 'vigie-canary:'") == wanted
    written = [*pipeline.files.glob("*/*.log"), pipeline.source.folder / "syslog", pipeline.centre.folder / "syslog"]
    assert not any("vigie-canary" in file.read_text(errors="replace") for file in written if file.exists())


def test_times_of_reception_are_utc_and_precise(pipeline: Pipeline) -> None:
    pipeline.log("when?")
    pipeline.wait_for(1)
    (row,) = pipeline.rows("abs(extract(epoch FROM now() AT TIME ZONE 'UTC' - receivedat)) < 30, receivedat")
    assert row[0] == "t"
    assert "." in row[1]


def test_the_figures_are_bounded(pipeline: Pipeline) -> None:
    impstats = pipeline.centre.places.impstats
    pipeline.supervisor.stop("rsyslog-centre")
    pipeline.centre.write()
    fragment = pipeline.centre.folder / "30-vigie.conf"
    fragment.write_text(fragment.read_text().replace('rotation.sizeLimit="1000000"', 'rotation.sizeLimit="5000"'))
    pipeline.supervisor.start(pipeline.centre.server())
    before = impstats.with_name("impstats.json.1")
    wait_until(before.exists, what="the figures are not rotated", deadline=30)
    wait_until(partial(_is_small, impstats), what="they are not begun anew", deadline=30)
    assert pipeline.figures(pipeline.centre).written_at > 0


def _is_small(file: Path) -> bool:
    return file.exists() and file.stat().st_size < 10_000
