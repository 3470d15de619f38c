from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from storebuilder import Store

import vigie.observe.backups.observation


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with the roles and settings of the server, fresh, and nothing else."""
    return Store(tmp_path / "store")


@pytest.fixture
def postgres_lists(monkeypatch: pytest.MonkeyPatch) -> Callable[[Iterable[str]], None]:
    """Give the observation PostgreSQL's list; a real server is asked in tests/integration."""

    def lists(names: Iterable[str]) -> None:
        held = list(names)
        monkeypatch.setattr(vigie.observe.backups.observation, "list_contexts", lambda *_: held)

    return lists
