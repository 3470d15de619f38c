"""A whole school, made once for all the tests of this folder, and the fault matrix that they print at the end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lab.faults import Bench
from lab.places import Places
from lab.watched import Watched
from lab.whole import Lab
from lab.zabbix.release import RELEASES


@dataclass(frozen=True)
class Row:
    """A line of the fault matrix; times in seconds."""

    fault: str
    problems: tuple[str, ...]
    to_raise: float
    to_recover: float


ROWS = pytest.StashKey[list[Row]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ROWS] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The fault matrix: always shown, whatever else is."""
    rows = config.stash[ROWS]
    if not rows:
        return
    table = Table("fault", "problem raised", title="Fault matrix", pad_edge=False)
    for name in ("raised after", "recovered after"):
        table.add_column(name, justify="right")
    for row in rows:
        problems = escape("\n".join(row.problems))
        table.add_row(row.fault, problems, f"{row.to_raise:.0f} s", f"{row.to_recover:.0f} s")
    terminalreporter.ensure_newline()
    console = Console(width=120, force_terminal=False)
    with console.capture() as capture:
        console.print(table)
    terminalreporter.write(capture.get())


@pytest.fixture(scope="session")
def lab(block: int, scratch: Path, pytestconfig: pytest.Config) -> Iterator[Lab]:
    """A lab of the tests' own: started, provisioned, with its past and a first backup."""
    made = Lab(Places(scratch / "lab", block), str(pytestconfig.getoption("--zabbix")) or RELEASES[0])
    try:
        made.up(lambda _: None)
        made.machines.provision()
        made.machines.back_up()
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="session")
def watched(lab: Lab) -> Iterator[Watched]:
    """The school as Zabbix sees it, once every item has a value."""
    api = lab.zabbix.api()
    school = Watched(api, lab.machines.school.uai)
    school.wait_for_values(deadline=150, least=250)
    yield school
    api.close()


@pytest.fixture(scope="session")
def bench(lab: Lab) -> Bench:
    """Where faults are broken and mended."""
    return Bench(lab.machines, lab.places.faults)


@pytest.fixture
def note(pytestconfig: pytest.Config) -> Callable[[str, tuple[str, ...], float, float], None]:
    """Add a line to the fault matrix: fault, problems, seconds to raise, seconds to recover."""

    def add(fault: str, problems: tuple[str, ...], to_raise: float, to_recover: float) -> None:
        pytestconfig.stash[ROWS].append(Row(fault, problems, to_raise, to_recover))

    return add
