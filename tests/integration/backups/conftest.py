"""One school for all these tests: eight contexts that stay, and stores that each test finds empty."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from schoolserver import SchoolServer

from lab.accounts import lab_account
from lab.postgres import Cluster
from lab.processes import Supervisor
from lab.school import roles

CONTEXTS = [f"SpecibikeEleve{letter}" for letter in "ABCDEFGH"]


@pytest.fixture(scope="session")
def running_school(block: int, scratch: Path) -> Iterator[SchoolServer]:
    """A running school with its contexts, on 127.0.BLOCK.51 and .52."""
    base = scratch / "school"
    base.mkdir()
    cluster = Cluster("postgres", base / "postgres", lab_account(), f"127.0.{block}.51", access=roles.ACCESS)
    supervisor = Supervisor(base / "run", base / "log")
    school = SchoolServer(base, cluster, supervisor, f"127.0.{block}.52")
    try:
        school.install()
        school.make(*CONTEXTS)
        yield school
    finally:
        supervisor.stop_all()


@pytest.fixture
def school(running_school: SchoolServer) -> SchoolServer:
    """The school, whose stores are empty."""
    running_school.empty_stores()
    return running_school


@pytest.fixture
def contexts() -> list[str]:
    """The names of the databases that are always there."""
    return list(CONTEXTS)
