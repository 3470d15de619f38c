"""Settings files: written from the site file, read by programs that start often, wrong ones refused in one sentence."""

import json
from pathlib import Path
from typing import Any

import pytest

from vigie.observe.backups.settings import ObserveBackups
from vigie.settings import SettingsError, Store

STORE = Store(
    school="9990001X",
    root="/srv/vigie/backups",
    daily=7,
    weekly=5,
    monthly=12,
    dropped=7_776_000,
    time_zone="Europe/Paris",
    recheck_seconds=20,
)
OBSERVE = ObserveBackups(
    school="9990001X",
    store="/srv/vigie/backups",
    classes=["TSTMG1", "2nde É"],
    service="vigie-observe",
    service_file="/etc/vigie/observe/pg_service.conf",
    max_age=93_600,
    verify_age=2_592_000,
    silent_after=900,
    deadline=2.0,
    receiver_address="127.0.0.3",
    receiver_port=8730,
    free_min_percent=10,
    days_left_min=7,
)


@pytest.mark.parametrize("settings", [STORE, OBSERVE])
def test_what_is_written_is_read_back(tmp_path: Path, settings: Store | ObserveBackups) -> None:
    file = tmp_path / "settings.json"
    file.write_text(settings.to_json(), encoding="utf-8")
    assert type(settings).read(file) == settings


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"daily": "7"}, "'daily' must be a whole number"),
        ({"daily": 7.5}, "'daily' must be a whole number"),
        ({"daily": True}, "'daily' must be a whole number"),
        ({"daily": None}, "'daily' must be a whole number"),
        ({"root": 1}, "'root' must be a text"),
        ({"school": ["9990001X"]}, "'school' must be a text"),
        ({"password": "x"}, "unknown field 'password'"),
    ],
)
def test_a_field_of_the_wrong_type_or_name_is_one_sentence(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    file = tmp_path / "store.json"
    file.write_text(json.dumps(json.loads(STORE.to_json()) | change))
    with pytest.raises(SettingsError) as caught:
        Store.read(file)
    assert words in str(caught.value)
    assert str(file) in str(caught.value)
    assert "vigie provision files" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"classes": "TS"}, "'classes' must be a list of texts"),
        ({"classes": ["TS", 1]}, "'classes' must be a list of texts"),
        ({"deadline": "2"}, "'deadline' must be a number"),
        ({"deadline": False}, "'deadline' must be a number"),
    ],
)
def test_lists_and_numbers_are_checked_too(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    file = tmp_path / "backups.json"
    file.write_text(json.dumps(json.loads(OBSERVE.to_json()) | change))
    with pytest.raises(SettingsError, match=words):
        ObserveBackups.read(file)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[]", "is not a settings file"),
        ("null", "is not a settings file"),
        ("{}", "the field 'school' is missing"),
        ("[" * 100_000, "is not JSON"),
        ('{"deadline": NaN}', "is not JSON"),
    ],
)
def test_what_is_no_settings_file_is_one_sentence(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "settings.json"
    file.write_text(content)
    with pytest.raises(SettingsError, match=words):
        ObserveBackups.read(file)


def test_a_missing_file_says_how_it_is_made(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file or directory; write it with"):
        Store.read(tmp_path / "none.json")
