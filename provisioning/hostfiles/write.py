"""Writing rendered files into a folder: all of them or none, each whole."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from provisioning.hostfiles.places import HostFile
from vigie.errors import VigieError


def write(files: list[HostFile], folder: Path) -> None:
    """Write files with their modes, and with their group where this machine has it and the caller may give it.

    Each is written beside its place and takes its name when all of them are on the disk.

    Raises:
        VigieError: when the folder cannot be made or written to; no file was replaced then.
    """
    ready: list[tuple[Path, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            ready.append((_beside(file, folder), folder / file.name))
        for temporary, final in ready:
            temporary.replace(final)
    except OSError as error:
        raise VigieError(f"{folder}: the files cannot be written: {error.strerror}") from error
    finally:
        for temporary, _ in ready:
            temporary.unlink(missing_ok=True)


def _beside(file: HostFile, folder: Path) -> Path:
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=folder)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            with suppress(LookupError, PermissionError):
                shutil.chown(temporary, group=file.group)
            os.fchmod(descriptor, file.mode)
            stream.write(file.text)
            stream.flush()
            os.fsync(descriptor)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary
