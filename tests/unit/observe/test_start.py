"""What each program of every cycle loads before it observes: its start is most of its price.

`bench/checks.py` measures the times; here stand the modules that are never to come back.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAMS = [
    *(ROOT / "externalscripts").glob("vigie-*"),
    *(file for file in (ROOT / "userparameters").glob("vigie-*") if not file.name.endswith(".py")),
]
# The standard library's dear ones (a fifth of the bare interpreter's start and more), then what Vigie uses elsewhere.
STANDARD = """
argparse asyncio concurrent dataclasses datetime decimal email hashlib http inspect ipaddress locale logging pathlib
platform random shutil ssl subprocess tempfile traceback typing urllib uuid xmlrpc zipfile
"""
ELSEWHERE = """
jinja2 psycopg2 pydantic pyzabbix requests rich ruamel typer
lab provisioning runbooks vigie.site vigie.credentials.ledger
"""
HEAVY = frozenset(STANDARD.split() + ELSEWHERE.split())
# A ledger of tens of thousands of dumps is read as tuples, which `typing` names.
NEEDED = {"vigie-backups": {"typing"}}
# A socket costs less than those, and is only for who asks a server before anything else.
SOCKETS = {"vigie-openerp", "vigie-canary"}


def module_of(program: Path) -> str:
    """The module with the subject's `document`, as the program names it."""
    found = re.search(r'main\("([a-z.]+)"', program.read_text())
    assert found, program
    return found[1]


def loaded_by(module: str) -> set[str]:
    """Every module that a fresh interpreter holds when the observation is about to begin."""
    code = f"import sys, vigie.observe.program, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True, timeout=20)
    return set(done.stdout.split())


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_program_loads_nothing_dear_before_it_observes(program: Path) -> None:
    loaded = loaded_by(module_of(program))
    assert loaded & HEAVY == NEEDED.get(program.name, set())
    assert ("socket" in loaded) is (program.name in SOCKETS)


def test_every_program_is_looked_at() -> None:
    names = {program.name for program in PROGRAMS}
    assert {"vigie-openerp", "vigie-replication", "vigie-backups", "vigie-logs", "vigie-passwords"} <= names
    assert {"vigie-self", "vigie-canary", "vigie-drbd"} <= names


def test_psycopg2_is_loaded_without_ssl_and_without_what_only_types_need() -> None:
    code = """
import sys
from vigie.observe.postgres import PostgresError, connected
try:
    with connected("none", "/nonexistent", 1.0):
        pass
except PostgresError:
    pass
print("psycopg2" in sys.modules, *({"ssl", "typing", "dataclasses", "pathlib"} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True, timeout=20)
    assert done.stdout == "True\n"
