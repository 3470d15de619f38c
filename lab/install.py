"""Installing Vigie into the lab's own prefix, as docs/install.md does on a school's machines.

The checkout may be where the lab's users cannot read; the prefix is theirs to read and nobody's but the installer's
to write.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from lab.accounts import clean_environment, current
from vigie.errors import Exit, VigieError

_INSTALLED = ("vigie", "runbooks", "provisioning", "lab", "templates", "userparameters", "externalscripts", "examples")


def install(checkout: Path, prefix: Path) -> bool:
    """Install the checkout into a virtual environment unless this very content is there; whether it was installed.

    Raises:
        VigieError: when the environment cannot be made or pip fails; the sentence names the log.
    """
    wanted = _fingerprint(checkout)
    stamp = prefix / "vigie-lab-installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    prefix.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    log = prefix / "install.log"
    if not (prefix / "bin/pip").exists():
        _run(["/usr/bin/python3", "-m", "venv", "--clear", str(prefix)], log)
    project = hashlib.sha256((checkout / "pyproject.toml").read_bytes()).hexdigest()
    requirements = prefix / "vigie-lab-requirements"
    pip = [str(prefix / "bin/pip"), "install", "--quiet", "--disable-pip-version-check"]
    # The wheel is made from a copy: building writes nothing into the checkout.
    source = prefix / "source"
    _copy(checkout, source)
    if requirements.exists() and requirements.read_text() == project:
        _run([*pip, "--no-deps", "--force-reinstall", str(source)], log)
    else:
        _run([*pip, "--force-reinstall", str(source)], log)
        requirements.write_text(project)
    shutil.rmtree(source)
    stamp.write_text(wanted)
    return True


def _copy(checkout: Path, source: Path) -> None:
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(checkout / name, source / name)
    for name in _INSTALLED:
        if (checkout / name).is_dir():
            shutil.copytree(checkout / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (source / name).mkdir()


def _fingerprint(checkout: Path) -> str:
    digest = hashlib.sha256((checkout / "pyproject.toml").read_bytes())
    for name in _INSTALLED:
        for file in sorted((checkout / name).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{file.relative_to(checkout)}\0{file.stat().st_mode}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _run(argv: list[str], log: Path) -> None:
    """Run as whoever installs: it reads the checkout, and pip's own settings are theirs."""
    environment = dict(os.environ) | {"PATH": clean_environment()["PATH"]}
    with log.open("ab") as stream:
        try:
            done = subprocess.run(
                argv, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, env=environment, timeout=600, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise VigieError(f"{argv[0]}: {error}; the log is {log}", Exit.FAILED) from error
    if done.returncode != 0:
        raise VigieError(f"Vigie cannot be installed for {current().name}: the log is {log}", Exit.FAILED)
