"""docs/install.md carried out as it is written, on a copy of this machine for each of the school's: then checks answer.

Left out is what needs a network, a running systemd or PostgreSQL: packages, services and psql.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import scratchroot

from provisioning.hostfiles.places import EXTERNAL

pytestmark = pytest.mark.skipif(not scratchroot.may_be_made(), reason="only root makes a copy of the machine")

DOCUMENT = (scratchroot.ROOT / "docs/install.md").read_text(encoding="utf-8")
UAI = "9990001X"
_LEFT_OUT = re.compile(r"apt-get |python3 -m venv |\S+/pip |systemctl |journalctl |.*\bpsql\b|.*\bvigie check ")
_PASSFILE = "*:*:*:openerp_a:an-invented-password-of-length"


@dataclass(frozen=True)
class Machine:
    """A host of examples/academy.yaml, the blocks of commands that are typed there, and what Zabbix asks of it."""

    host: str
    blocks: tuple[tuple[str, int], ...]
    keys: tuple[str, ...]
    external: tuple[str, ...] = ()


ALL = (("1. The program, on each of them", 0), ("1. The program, on each of them", 1), ("2. The site file", 0))
MACHINES = [
    Machine(
        "srv-backup", (*ALL, ("4. The backup server", 0), ("4. The backup server", 1)), ("backups", "self", "drbd")
    ),
    Machine(
        "srv-openerp",
        (*ALL, ("6. OpenERP's server", 0), ("6. OpenERP's server", 1), ("7. Passwords", 0)),
        ("passwords", "self", "canary"),
    ),
    Machine(
        "srv-zabbix",
        (*ALL, ("OpenERP's check", 1), ("OpenERP's check", 2), ("Replication", 1)),
        ("self",),
        ("vigie-openerp", "vigie-replication"),
    ),
]


def block(section: str, number: int) -> list[str]:
    """The lines of one of the shell blocks of a section."""
    (text,) = re.findall(rf"^## {re.escape(section)}\n(.*?)(?=^## )", DOCUMENT, re.MULTILINE | re.DOTALL)
    found: list[str] = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return found[number].splitlines()


def typed(machine: Machine) -> Iterator[str]:
    """What root types on a machine, with what an editor would write; then what its Zabbix asks."""
    lines = [line for each in machine.blocks for line in block(*each)]
    for line in lines:
        if line.startswith("vigie provision files"):
            yield f"{line} > /root/install.sh; . /root/install.sh"
        elif line.startswith("editor "):
            file = line.removeprefix("editor ")
            yield f"echo '{_PASSFILE}' > {file}" if file.endswith("pgpass") else f"test -f {file}"
        elif not _LEFT_OUT.match(line):
            yield line
    for file in re.findall(r"editor (\S+/pg_service\.conf)", "\n".join(lines)):
        reader = "vigie" if file == "/etc/vigie/pg_service.conf" else "zabbix"
        # libpq ignores a passfile that anybody else may read, without a word.
        yield f"""runuser -u {reader} -- sh -ec 'cat "$(sed -n "s/^passfile=//p" {file} | uniq)"' >/dev/null"""
    yield 'test -z "$(find /etc/vigie -name "*pgpass" ! -perm 0600)"'
    for key in machine.keys:
        yield f"echo; echo '== {key}'; runuser -u zabbix -- zabbix_agentd -t 'vigie.{key}.get[{UAI}]'"
    for program in machine.external:
        yield f"echo; echo '== {program}'; runuser -u zabbix -- {EXTERNAL}/{program} {UAI}"


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.host)
def test_a_machine_that_follows_the_document_lets_zabbix_see(machine: Machine) -> None:
    done = scratchroot.run("\n".join(typed(machine)))
    assert (done.returncode, done.stderr) == (0, "")
    answers = dict(re.findall(r"^== (\S+)\n[^{]*(\{.*\})\]?$", done.stdout, re.MULTILINE))
    assert set(answers) == {*machine.keys, *machine.external}
    for name, answer in answers.items():
        assert "denied" not in answer.lower(), name
        document: dict[str, Any] = json.loads(answer)
        assert document["error"] == ("the DRBD kernel module is not loaded" if name == "drbd" else ""), name


def test_external_checks_are_installed_where_debians_server_looks_for_them() -> None:
    told = subprocess.run(["/usr/sbin/zabbix_server", "--help"], capture_output=True, text=True, timeout=30, check=True)
    (folder,) = re.findall(r'ExternalScripts\s+"([^"]+)"', told.stdout)
    assert folder == str(EXTERNAL)


def test_the_copy_of_the_machine_leaves_the_machine_alone() -> None:
    done = scratchroot.run("touch /etc/vigie-was-here && id -u vigie-nobody 2>/dev/null || useradd vigie-nobody\n")
    assert done.returncode == 0
    assert not Path("/etc/vigie-was-here").exists()
    assert "vigie-nobody" not in Path("/etc/passwd").read_text(encoding="utf-8")
