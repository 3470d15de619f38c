"""A PostgreSQL for the stores of logs, made once, and a store for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from logstore import Store

from lab.accounts import lab_account
from lab.postgres import Cluster
from lab.processes import Supervisor


@pytest.fixture(scope="session")
def cluster(scratch: Path) -> Iterator[Cluster]:
    """A PostgreSQL for all of them."""
    directory = scratch / "logstore"
    directory.mkdir()
    supervisor = Supervisor(directory / "run", directory / "log")
    made = Cluster("logstore", directory / "postgres", lab_account())
    made.create()
    supervisor.start(made.server())
    try:
        yield made
    finally:
        supervisor.stop_all()


@pytest.fixture
def store(cluster: Cluster, tmp_path: Path) -> Store:
    """A store with the schema, empty."""
    made = Store(cluster, "Syslog", tmp_path)
    made.create()
    return made
