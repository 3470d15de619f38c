"""What differs between Zabbix releases."""

import pytest

from vigie.zabbix.releases import Release

V60, V70 = Release((6, 0, 14)), Release((7, 0, 22))


@pytest.mark.parametrize(
    ("version", "too_old"), [((5, 4, 12), True), ((6, 0, 0), False), ((6, 4), False), ((7, 0), False)]
)
def test_6_0_is_the_oldest(version: tuple[int, ...], too_old: bool) -> None:
    assert Release(version).is_too_old is too_old


def test_6_0_refuses_rules_for_template_groups() -> None:
    assert "template_groups" not in V60.import_rules
    assert "template_groups" in V70.import_rules


def test_an_import_never_touches_hosts() -> None:
    for release in (V60, V70):
        assert not {"hosts", "host_groups", "maps", "mediaTypes"} & set(release.import_rules)


def test_a_host_returns_from_a_proxy_to_the_server() -> None:
    assert V60.proxy_assignment("0") == {"proxy_hostid": "0"}
    assert V70.proxy_assignment("0") == {"monitored_by": 0}
    assert V70.proxy_assignment("7") == {"monitored_by": 1, "proxyid": "7"}
