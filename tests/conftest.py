"""What every test may use: a block of the loopback, and a scratch folder that the lab's users can enter."""

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A machine that is shared may hold up any example: time is not what property tests are about.
settings.register_profile("vigie", deadline=None)
settings.load_profile("vigie")
# Servers listen on 127.0.BLOCK.x: two runs of the tests live side by side with two blocks.
DEFAULT_BLOCK = 60


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("vigie")
    default = int(os.environ.get("VIGIE_TEST_BLOCK", str(DEFAULT_BLOCK)))
    group.addoption("--block", type=int, default=default, help="servers listen on 127.0.BLOCK.x (default %(default)s)")
    group.addoption("--zabbix", default="", help="only this release of Zabbix, for work on one of them")
    group.addoption(
        "--part", type=_part, default=(1, 1), metavar="K/N", help="of the lab's rounds of faults, the Kth of N parts"
    )


def _part(text: str) -> tuple[int, int]:
    """`K/N`, from 1/N to N/N."""
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f"'{text}' is no part: write 1/2 or 2/2 for the halves")
    return int(part), int(parts)


@pytest.fixture(scope="session")
def block(pytestconfig: pytest.Config) -> int:
    """The third number of the addresses that the tests' servers listen on."""
    return int(pytestconfig.getoption("--block"))


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A folder for servers: its path is short, as sockets want, and other users may enter it."""
    folder = Path(tempfile.mkdtemp(prefix="vigie-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
