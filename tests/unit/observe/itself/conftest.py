"""A machine to look at."""

from pathlib import Path

import pytest
from itselfbuilder import Machine

import vigie.observe.itself.units
from vigie.observe.itself.settings import Timer

KEEP = Timer("vigie-keep", 26 * 3600)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine without systemd, with one timer that succeeded an hour ago."""
    monkeypatch.setattr(vigie.observe.itself.units, "_BOOTED", str(tmp_path / "no systemd"))
    made = Machine(tmp_path, timers=[KEEP])
    made.succeeded("vigie-keep", 3600)
    return made
