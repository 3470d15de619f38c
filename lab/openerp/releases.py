"""Release directories of OpenERP: those of the stand-in, made by the lab, or the real one that it was pointed at."""

from dataclasses import dataclass
from pathlib import Path

from vigie.errors import VigieError

STAND_INS = ("6.0.3", "6.0.4")
_SERVER = '''"""A stand-in of the lab for OpenERP {release}; it is not OpenERP."""

import sys
from pathlib import Path

from lab.openerp.server import main

sys.exit(main(Path(__file__).resolve().parent, sys.argv[1:]))
'''
_RELEASE = '# A stand-in of the lab; it is not OpenERP.\nversion = "{release}"\n'


@dataclass(frozen=True, slots=True)
class ReleaseDirectory:
    """A directory that holds `bin/openerp-server.py` and `bin/release.py`."""

    folder: Path
    is_stand_in: bool

    def command(self, python: Path) -> list[str]:
        """How its server is run: the stand-in by the lab's Python, the real one by Python 2.7."""
        interpreter = [str(python), "-I"] if self.is_stand_in else ["/usr/bin/env", "python2.7"]
        return [*interpreter, str(self.folder / "bin/openerp-server.py")]


def make(root: Path) -> None:
    """Make the stand-in's release directories, `root/6.0.3` and `root/6.0.4`."""
    for release in STAND_INS:
        folder = root / release / "bin"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "openerp-server.py").write_text(_SERVER.format(release=release))
        (folder / "release.py").write_text(_RELEASE.format(release=release))


def point_at(root: Path, directory: Path) -> None:
    """Have the lab run the real OpenERP of a directory from now on.

    Raises:
        VigieError: when it holds none.
    """
    directory = directory.absolute()
    for name in ("openerp-server.py", "release.py"):
        if not (directory / "bin" / name).is_file():
            raise VigieError(f"{directory} holds no OpenERP 6.0: bin/{name} is missing")
    root.mkdir(parents=True, exist_ok=True)
    (root / "real").unlink(missing_ok=True)
    (root / "real").symlink_to(directory)


def find(root: Path, release: str) -> ReleaseDirectory:
    """The directory that the lab runs: the real one where it was pointed at one, else the stand-in of a release.

    Raises:
        VigieError: when there is no stand-in of that release.
    """
    if (root / "real").exists():
        return ReleaseDirectory((root / "real").resolve(), is_stand_in=False)
    if release not in STAND_INS:
        raise VigieError(f"the lab has no stand-in for OpenERP {release}; it has {', '.join(STAND_INS)}")
    return ReleaseDirectory(root / release, is_stand_in=True)
