"""Provisioning against a real Zabbix: every test starts and ends with one that Vigie never touched."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from siteagainst import Bench, clean, school

from lab.zabbix import Zabbix
from lab.zabbix.api import Api


@pytest.fixture
def bench(zabbix: Zabbix, api: Api, tmp_path: Path) -> Iterator[Bench]:
    clean(api)
    bench = Bench(zabbix, tmp_path)
    bench.schools = [school()]
    yield bench
    clean(api)


@pytest.fixture
def host_of(api: Api) -> Callable[[str], dict[str, Any]]:
    """A host as Zabbix has it, with everything that matters here."""

    def find(name: str) -> dict[str, Any]:
        (row,) = api.call(
            "host.get",
            filter={"host": name},
            output="extend",
            selectTags=["tag", "value"],
            selectMacros="extend",
            selectInterfaces="extend",
            selectParentTemplates=["host"],
            selectGroups=["name"],
        )
        row["tags"].sort(key=lambda tag: (tag["tag"], tag["value"]))  # Zabbix gives them in no order
        return dict(row)

    return find
