"""The real pair of these tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from replicationpair import PASSWORD, RealPair, settings_of

from lab.accounts import lab_account
from lab.postgres import Cluster
from lab.processes import Supervisor
from lab.streaming import ACCESS, Standby
from provisioning.hostfiles.rendering import text
from vigie.observe.replication.model import PairState


@pytest.fixture(scope="session")
def real_pair(block: int, scratch: Path) -> Iterator[RealPair]:
    """The pair of all these tests; each leaves it as it was, streaming."""
    directory = scratch / "pair"
    directory.mkdir()
    supervisor = Supervisor(directory / "run", directory / "log")
    account = lab_account()
    primary = Cluster("pair-primary", directory / "p", account, f"127.0.{block}.41", 15441, ACCESS)
    cluster = Cluster("pair-standby", directory / "s", account, f"127.0.{block}.42", 15442)
    standby = Standby(primary, cluster, (primary.address, primary.port))
    try:
        primary.create()
        supervisor.start(primary.server())
        standby.prepare_primary()
        primary.sql(text("replication-roles.sql", {"checkers": ["127.0.0.0/8"]}))
        primary.sql(f"ALTER ROLE vigie_replication PASSWORD '{PASSWORD}'; CREATE TABLE sales (n int);")
        standby.start(supervisor)
        yield RealPair(primary, standby, supervisor, settings_of(directory, primary, cluster))
    finally:
        supervisor.stop_all()


@pytest.fixture
def pair(real_pair: RealPair) -> Iterator[RealPair]:
    """The pair, streaming before and after."""
    real_pair.wait_for(PairState.STREAMING)
    yield real_pair
    real_pair.wait_for(PairState.STREAMING)
