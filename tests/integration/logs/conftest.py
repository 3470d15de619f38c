"""A pipeline of real servers, made once for each module."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pipeline import Pipeline, running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, scratch: Path) -> Path:
    """A folder with a short path, because sockets stand in it."""
    made = scratch / tmp_path_factory.mktemp("logs").name
    made.mkdir()
    return made


@pytest.fixture(scope="module")
def pipeline(folder: Path, block: int) -> Iterator[Pipeline]:
    """Everything runs and the store is empty."""
    with running(Pipeline(folder, block)) as made:
        yield made
