"""What Zabbix runs and what people run, against the real pair."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from replicationpair import RealPair
from typer.testing import CliRunner

from vigie.check.command import app
from vigie.observe.replication.model import PairState

PROGRAM = Path(__file__).parents[3] / "externalscripts/vigie-replication"


@pytest.fixture
def settings(pair: RealPair, tmp_path: Path) -> Path:
    file = tmp_path / f"replication-{pair.settings.school}.json"
    file.write_text(pair.settings.to_json(), encoding="utf-8")
    return file


def run(folder: Path, *arguments: str) -> tuple[int, dict[str, object], str]:
    """The external check with its settings in a folder: exit code, document, what came beside it."""
    text = PROGRAM.read_text(encoding="utf-8").replace("/etc/vigie", str(folder))
    (folder / "program").write_text(text, encoding="utf-8")
    command = [sys.executable, "-I", str(folder / "program"), *arguments]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    (line,) = done.stdout.decode("utf-8").splitlines()
    return done.returncode, json.loads(line), done.stderr.decode()


def test_the_external_check_prints_one_document_and_nothing_else(pair: RealPair, settings: Path) -> None:
    code, document, beside = run(settings.parent, pair.settings.school)
    assert (code, beside, document["error"]) == (0, "", "")
    assert document["pair"]["state_text"] == "streaming"  # type: ignore[index]


@pytest.mark.parametrize(
    "arguments", [(), ("../../etc/passwd",), ("9990001x",), ("9990001X", "; reboot"), ("9990002Y",)]
)
def test_wrong_arguments_are_one_sentence_in_the_document(settings: Path, arguments: tuple[str, ...]) -> None:
    code, document, beside = run(settings.parent, *arguments)
    assert (code, beside) == (0, "")
    assert document["error"]
    assert set(document) == {"observed_at", "seconds", "error"}


def checked(settings: Path, *options: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["replication", str(settings), *options])
    return done.exit_code, done.stdout


def test_people_see_both_ends_and_an_exit_code_as_of_monitoring_plugins(pair: RealPair, settings: Path) -> None:
    code, text = checked(settings)
    assert code == 0
    assert "the replication is as promised" in text
    assert "srv-openerp" in text
    assert "in recovery" in text

    pair.standby.cluster.sql("SELECT pg_wal_replay_pause()")
    try:
        pair.wait_for(PairState.PAUSED)
        code, text = checked(settings)
        assert (code, "replay is paused" in text) == (1, True)
    finally:
        pair.standby.cluster.sql("SELECT pg_wal_replay_resume()")

    pair.supervisor.stop(pair.standby.cluster.name)
    try:
        code, text = checked(settings)
        assert (code, "the standby does not answer" in text) == (2, True)
        code, text = checked(settings, "--json")
        assert (code, json.loads(text)["standby"]["reachable"]) == (2, 0)
    finally:
        pair.standby.start(pair.supervisor)


def test_without_settings_nothing_can_be_told(tmp_path: Path) -> None:
    assert checked(tmp_path / "replication-9990001X.json")[0] == 3
