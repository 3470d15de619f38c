"""A pipeline of real servers, made once for each module."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pipeline import Pipeline


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory, scratch: Path, block: int) -> Iterator[Pipeline]:
    """Everything runs and the store is empty."""
    folder = scratch / tmp_path_factory.mktemp("logs").name
    folder.mkdir()
    made = Pipeline(folder, block)
    try:
        made.start()
        yield made
    finally:
        made.stop()
