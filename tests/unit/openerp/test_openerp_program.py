"""What the Zabbix server runs, and what a person sees: one document, one verdict, whatever is down."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rawserver import RawServer, real
from typer.testing import CliRunner

from vigie.check.command import app
from vigie.naming import Kind, key_of
from vigie.observe import texts
from vigie.observe.document import written
from vigie.observe.levels import Level, level_of
from vigie.observe.openerp.contexts import Listed, Reading, Refusal, short
from vigie.observe.openerp.document import of_openerp
from vigie.observe.openerp.judging import judged
from vigie.observe.openerp.model import (
    ContextSeen,
    Counts,
    OpenErpObservation,
    OpenErpSeen,
    PostgresSeen,
    Promise,
    ServerSeen,
)
from vigie.observe.openerp.settings import ObserveOpenErp
from vigie.observe.openerp.states import (
    Connected,
    ContextState,
    PostgresState,
    ReleaseState,
    ServerState,
    words,
)
from vigie.observe.openerp.verdict import findings
from vigie.observe.program import answer

SCHOOL = "0750001A"
PROGRAM = Path(__file__).parents[3] / "externalscripts" / "vigie-openerp"
MODULE = "vigie.observe.openerp.program"


def settings(folder: Path, port: int) -> ObserveOpenErp:
    """Settings whose PostgreSQL refuses at once."""
    services = folder / "pg_service.conf"
    services.write_text("[contexts]\nhost=127.0.0.1\nport=1\nuser=nobody\ndbname=postgres\n")
    return ObserveOpenErp(
        school=SCHOOL,
        address="127.0.0.1",
        port=port,
        version="6.0.4",
        classes=[],
        service="contexts",
        service_file=str(services),
        connections=4,
        deadline=5.0,
    )


def document(folder: Path, port: int) -> dict[str, Any]:
    (folder / f"openerp-{SCHOOL}.json").write_text(settings(folder, port).to_json())
    found: dict[str, Any] = json.loads(answer(MODULE, [str(folder), SCHOOL]))
    return found


@pytest.fixture
def server() -> Iterator[RawServer]:
    """The raw answers of a real 6.0.4."""
    with RawServer(real("6.0.4")) as made:
        yield made


def test_the_external_check_prints_one_document_and_nothing_else() -> None:
    done = subprocess.run(
        [sys.executable, "-I", str(PROGRAM)], capture_output=True, timeout=20, check=False, env={"PATH": os.defpath}
    )
    assert (done.returncode, done.stderr, done.stdout.count(b"\n")) == (0, b"", 1)
    assert "{$VIGIE.SCHOOL}" in json.loads(done.stdout)["error"]


def test_missing_settings_are_a_sentence(tmp_path: Path) -> None:
    assert "cannot be read" in json.loads(answer(MODULE, [str(tmp_path), SCHOOL]))["error"]


def test_without_a_list_nothing_is_said_of_the_contexts(tmp_path: Path, server: RawServer) -> None:
    found = document(tmp_path, server.port)
    assert found["error"] == ""
    assert (found["server"]["state"], found["server"]["release"]) == (0, "6.0.4")
    assert found["postgres"]["state"] == PostgresState.CLOSED_TO_US  # it serves OpenERP
    assert "Connection refused" in found["postgres"]["error"]
    assert not {"counts", "contexts", "discovery"} & found.keys()


def test_with_everything_down_both_are_said_to_be(tmp_path: Path) -> None:
    found = document(tmp_path, 1)
    assert (found["server"]["state"], found["postgres"]["state"]) == (ServerState.REFUSED, PostgresState.SILENT)
    assert found["server"]["answer_seconds"] == 0


def observation(contexts: dict[str, ContextSeen] | None = None, **server: Any) -> OpenErpObservation:
    """A sound school, with contexts or without a list of them."""
    state = server.pop("state", ServerState.ANSWERS)
    known = ServerSeen(state, words(state), "6.0.4", ReleaseState.AS_DECLARED, Connected.YES, 0.001, 0.002)
    counted = dict.fromkeys(Counts.__dataclass_fields__, 0) | {"error": ""}
    held = contexts or {}
    seen = OpenErpSeen(
        Promise("6.0.4"),
        replace(known, **server),
        PostgresSeen(PostgresState.ANSWERS, "answers"),
        Counts(**counted | {"contexts": len(held), "read": len(held)}),
        held,
        {key: (row.name, row.kind) for key, row in held.items()},
    )
    return OpenErpObservation(1_790_000_000, 0.5, seen)


def context(name: str, state: ContextState = ContextState.UPGRADED, **changes: Any) -> ContextSeen:
    shown = texts.short_name(name, key_of(name))
    row = ContextSeen(shown, Kind.STUDENT, state, words(state), "6.0.1.3", 0, 1_780_000_000, 0, 16_000_000)
    return replace(row, **changes)


AT = 'connection to server at "192.168.120.140", port 5432 failed: '
NO_ENTRY = (
    AT + 'FATAL:  no pg_hba.conf entry for host "192.168.120.141", user "vigie_contexts", database "{}", no encryption'
)


@pytest.mark.parametrize(
    "pattern",
    ["Specibike" + "a" * 50 + "{:04d}", "Specibike{:04d} " + "é" * 20 + "\"'{{$M}}\n", "Specibike{:04d}" + '"' * 50],
)
def test_a_thousand_contexts_that_nobody_may_enter_fit_into_what_zabbix_6_takes(pattern: str) -> None:
    names = [pattern.format(number) for number in range(1000)]
    refused = {name: Refusal(ContextState.UNREADABLE, short(NO_ENTRY.format(name))) for name in names}
    reading = Reading({name: Listed(name, True, True) for name in names}, {**refused})
    broken = judged(reading, [], "6.0.4", 1_790_000_000)
    text = written(of_openerp(observation(dict(broken))))
    assert len(text) < 512 * 1024
    found = json.loads(text)
    assert len(found["contexts"]) == len(found["discovery"]) == 1000
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,62}", key) for key in found["contexts"])
    assert not any(set("{}$\n") & set(row["{#DB}"]) for row in found["discovery"])


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (f"{AT}FATAL:  role is locked", "FATAL: role is locked"),
        (f"{AT}fe_sendauth: no password supplied", "fe_sendauth: no password supplied"),
        ("the copy failed: no space", "the copy failed: no space"),
        ("é" * 60, "é" * 60),
        ("é" * 61, "é" * 58 + "…"),
        ("學" * 40, "學" * 40),
        ("學" * 41, "學" * 39 + "…"),
    ],
)
def test_a_refusal_is_said_without_the_address_and_in_120_bytes(said: str, sentence: str) -> None:
    assert short(said) == sentence
    assert len(sentence.encode()) <= 120


def test_a_state_that_is_not_known_is_left_out_so_that_the_last_known_one_stands() -> None:
    unknown = replace(context("SpecibikeA"), state=None, state_text="unknown")
    found = of_openerp(observation({"SpecibikeA": unknown, "SpecibikeB": context("SpecibikeB")}))
    assert "state" not in found["contexts"]["SpecibikeA"]
    assert found["contexts"]["SpecibikeA"].keys() | {"state"} == found["contexts"]["SpecibikeB"].keys()
    assert len(found["discovery"]) == 2


@pytest.mark.parametrize(
    ("found", "level", "words_of_it"),
    [
        (observation({"a": context("SpecibikeA")}), Level.WELL, ""),
        (observation(state=ServerState.SILENT), Level.PROBLEM, "does not answer"),
        (observation(drift=ReleaseState.DIFFERENT, release="6.0.3"), Level.PROBLEM, "6.0.3 runs, 6.0.4 is declared"),
        (observation(answer_seconds=2.0), Level.WARNING, "takes 2.0 s"),
        (observation({"a": context("SpecibikeA", ContextState.INTERRUPTED)}), Level.PROBLEM, "was interrupted"),
        (observation({"a": context("SpecibikeA", ContextState.NOT_UPGRADED)}), Level.WARNING, "not upgraded"),
        (observation({"a": context("SpecibikeA", cron_late=7200)}), Level.WARNING, "late scheduled actions"),
        (observation({"a": context("SpecibikeA", ContextState.NOT_GRANTED)}), Level.WELL, "vigie-grant.timer"),
    ],
)
def test_what_it_comes_to(tmp_path: Path, found: OpenErpObservation, level: Level, words_of_it: str) -> None:
    told = findings(found, settings(tmp_path, 1))
    assert level_of(told) == level
    assert words_of_it in " ".join(finding.text for finding in told)


def test_a_person_sees_the_same_and_the_exit_code_says_it(tmp_path: Path, server: RawServer) -> None:
    file = tmp_path / f"openerp-{SCHOOL}.json"
    file.write_text(settings(tmp_path, server.port).to_json())
    shown = CliRunner().invoke(app, ["openerp", str(file)])
    assert shown.exit_code == Level.WARNING
    assert "answers, release 6.0.4 (as declared); declared 6.0.4" in shown.stdout
    assert "the contexts cannot be listed" in shown.stdout
    assert CliRunner().invoke(app, ["openerp", str(tmp_path / "nothing.json")]).exit_code == Level.UNKNOWN
