"""The lab's Zabbix, on both releases."""

import stat

import pytest

from lab.zabbix import Zabbix
from lab.zabbix.api import Api
from vigie.errors import VigieError


def test_the_release_that_answers_is_the_one_that_was_asked(zabbix: Zabbix, api: Api) -> None:
    assert api.call_version().startswith(zabbix.release.name + ".")


def test_the_password_that_everybody_knows_is_refused(zabbix: Zabbix) -> None:
    anonymous = Api(zabbix.url)
    with pytest.raises(VigieError, match=r"user\.login"):
        anonymous.call("user.login", username="Admin", password="zabbix")
    anonymous.close()


def test_secrets_are_in_files_that_nobody_else_reads(zabbix: Zabbix) -> None:
    for file in (zabbix.token_file, zabbix.password_file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_starting_it_twice_starts_nothing_twice(zabbix: Zabbix) -> None:
    before, token = zabbix.supervisor.records(), zabbix.token
    zabbix.start()
    assert zabbix.supervisor.records() == before
    assert zabbix.token == token


def test_an_error_of_the_api_does_not_repeat_its_parameters(zabbix: Zabbix) -> None:
    anonymous = Api(zabbix.url)
    with pytest.raises(VigieError) as caught:
        anonymous.call("user.login", username="Admin", password="a-secret-of-the-test")
    assert "a-secret-of-the-test" not in str(caught.value)
    anonymous.close()
