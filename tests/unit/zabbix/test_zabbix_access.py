"""Where the token is: every way it can be wrong is one sentence, and none shows it."""

from pathlib import Path

import pytest

from vigie.errors import VigieError
from vigie.site import Zabbix
from vigie.zabbix.access import read_secret, token

TOKEN = "0f" * 32


def settings(file: Path) -> Zabbix:
    return Zabbix.model_validate({"url": "http://zabbix.example.org", "token_file": str(file)})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(TOKEN + "\n")
    path.chmod(0o600)
    return path


def test_the_token_is_read_from_its_file_and_cannot_be_printed(file: Path) -> None:
    found = token(settings(file))
    assert found.get_secret_value() == TOKEN
    assert TOKEN not in f"{found} {found!r}"


def test_the_token_may_be_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_TOKEN", TOKEN)
    named = Zabbix.model_validate({"url": "http://zabbix.example.org", "token_env": "VIGIE_TOKEN"})
    assert token(named).get_secret_value() == TOKEN


def test_an_unset_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIGIE_TOKEN", raising=False)
    named = Zabbix.model_validate({"url": "http://zabbix.example.org", "token_env": "VIGIE_TOKEN"})
    with pytest.raises(VigieError, match="VIGIE_TOKEN is not set"):
        token(named)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(VigieError, match=r"absent: this secret cannot be read: No such file"):
        token(settings(tmp_path / "absent"))


def test_a_file_that_everybody_can_read_is_refused(file: Path) -> None:
    file.chmod(0o644)
    with pytest.raises(VigieError, match="can be read by everybody; run chmod 600"):
        token(settings(file))


@pytest.mark.parametrize("content", ["password", TOKEN[:-1], TOKEN + "0", TOKEN.upper(), f"{TOKEN}\n{TOKEN}"])
def test_what_cannot_be_a_token_is_refused_and_not_shown(file: Path, content: str) -> None:
    file.write_text(content)
    with pytest.raises(VigieError, match="does not hold a Zabbix API token") as caught:
        token(settings(file))
    assert content not in caught.value.sentence


@pytest.mark.parametrize(("content", "words"), [(b"", "is empty"), (b"\n", "is empty"), (b"\xff\xfe", "not UTF-8")])
def test_an_empty_or_binary_secret_is_refused(file: Path, content: bytes, words: str) -> None:
    file.write_bytes(content)
    with pytest.raises(VigieError, match=words):
        read_secret(file)


def test_only_the_last_line_break_of_a_secret_is_left_out(file: Path) -> None:
    file.write_bytes(b" a\nb \r\n")
    assert read_secret(file) == " a\nb "
