"""What the agent's programs have in common with nobody else: from arguments to one document, whatever happens."""

from pathlib import Path

from vigie.observe.backups import observe_backups
from vigie.observe.document import of_backups, written
from vigie.settings import ObserveBackups


def backups(folder: str, school: str) -> bytes:
    """The document of a school's backups.

    Args:
        folder: where the settings are.
        school: its UAI, checked by the caller.

    Raises:
        SettingsError: when there are no settings for that school.
    """
    return written(of_backups(observe_backups(ObserveBackups.read(Path(folder, f"backups-{school}.json")))))
