"""Real servers, one of each: started once for all the tests that ask for it, stopped at the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.accounts import lab_account
from lab.processes import Supervisor
from lab.zabbix import RELEASES, Zabbix
from lab.zabbix.api import Api
from lab.zabbix.release import release


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that uses `zabbix` runs on each release."""
    if "zabbix" in metafunc.fixturenames:
        only = metafunc.config.getoption("--zabbix")
        chosen = [name for name in RELEASES if not only or name == only]
        metafunc.parametrize("zabbix", chosen, indirect=True, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those tests can be chosen, `-m zabbix`: two runs side by side have a release each."""
    for item in items:
        if isinstance(item, pytest.Function) and "zabbix" in item.fixturenames:
            item.add_marker("zabbix")


@pytest.fixture(scope="session")
def zabbix(request: pytest.FixtureRequest, block: int, scratch: Path) -> Iterator[Zabbix]:
    """A Zabbix of the tests' own (server, frontend, PostgreSQL, token), on 127.0.BLOCK.1 or .2 by its release."""
    directory = scratch / f"zabbix-{request.param}"
    directory.mkdir()
    supervisor = Supervisor(directory / "run", directory / "log")
    instance = Zabbix(
        directory=directory,
        release=release(request.param),
        address=f"127.0.{block}.{1 + RELEASES.index(request.param)}",
        account=lab_account(),
        supervisor=supervisor,
    )
    try:
        instance.start()
        yield instance
    finally:
        supervisor.stop_all()


@pytest.fixture
def api(zabbix: Zabbix) -> Iterator[Api]:
    """A session with that Zabbix, apart from the product's own."""
    session = zabbix.api()
    yield session
    session.close()
