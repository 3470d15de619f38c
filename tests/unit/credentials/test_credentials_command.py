"""`vigie credentials` as a person meets it: sentences and exit codes, and never a password."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PASSWORD = "a-password-of-the-tests-1"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The lab's site file, with the ledger and the key in a folder of the test's own."""
    text = (ROOT / "examples/lab.yaml").read_text(encoding="utf-8")
    text = text.replace("/var/lib/vigie-lab/credentials", str(tmp_path)).replace(
        "/var/lib/vigie-lab/etc", str(tmp_path)
    )
    (tmp_path / "site.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "pgpass").write_text(f"*:*:*:openerp_a:{PASSWORD}\n")
    return tmp_path / "site.yaml"


def credentials(command: str, site: Path, *options: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("vigie")
    done = subprocess.run(
        [str(program), "credentials", command, str(site), *options],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert PASSWORD not in done.stdout + done.stderr
    return done


def noted(site: Path, *options: str, role: str = "openerp_a") -> subprocess.CompletedProcess[str]:
    return credentials("note", site, "--role", role, "--passfile", str(site.with_name("pgpass")), *options)


def test_a_key_is_made_once(site: Path) -> None:
    assert credentials("key", site).returncode == 0
    again = credentials("key", site)
    assert (again.returncode, again.stdout) == (2, "")
    assert "there is a key already" in again.stderr


def test_a_generation_is_noted_then_handed_out_then_confirmed(site: Path) -> None:
    credentials("key", site)
    assert noted(site).stdout == "Generation 1, role openerp_a: current.\n"
    site.with_name("pgpass").write_text("*:*:*:openerp_b:another-of-the-tests\n")
    assert noted(site, "--pending", role="openerp_b").stdout == "Generation 2, role openerp_b: being handed out.\n"
    assert credentials("confirm", site).stdout == "Generation 2, role openerp_b: current.\n"
    assert credentials("confirm", site).returncode == 2
    assert PASSWORD not in (site.with_name("ledger.json")).read_text()


def test_a_rotation_that_was_begun_can_be_given_up(site: Path) -> None:
    credentials("key", site)
    noted(site)
    site.with_name("pgpass").write_text("*:*:*:openerp_b:another-of-the-tests\n")
    noted(site, "--pending", role="openerp_b")
    said = "Generation 2, role openerp_b: abandoned. Close the role: ALTER ROLE openerp_b NOLOGIN;\n"
    assert credentials("abandon", site).stdout == said
    assert credentials("abandon", site).returncode == 2


def test_the_same_password_for_the_other_role_is_refused(site: Path) -> None:
    credentials("key", site)
    noted(site)
    site.with_name("pgpass").write_text(f"*:*:*:openerp_b:{PASSWORD}\n")
    done = noted(site, "--pending", role="openerp_b")
    assert done.returncode == 2
    assert "this password is that of generation 1" in done.stderr


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("postgres", "is not a login role of school"),
        ("openerp_b", "holds no password for the role openerp_b at 127.0.10.11:5432"),
    ],
)
def test_a_wrong_role_is_one_sentence(site: Path, role: str, said: str) -> None:
    credentials("key", site)
    done = noted(site, role=role)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_a_key_nothing_is_noted(site: Path) -> None:
    done = noted(site)
    assert done.returncode == 2
    assert "fingerprint.key cannot be read" in done.stderr
    assert not site.with_name("ledger.json").exists()
