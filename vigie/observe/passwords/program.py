"""What the agent of the server with the databases runs."""

from vigie.observe.document import written
from vigie.observe.passwords.document import of_passwords
from vigie.observe.passwords.observation import observe_passwords
from vigie.observe.passwords.settings import ObservePasswords


def document(folder: str, school: str) -> bytes:
    """The document of a school's passwords.

    Args:
        folder: where the settings are.
        school: its UAI, checked by the caller.

    Raises:
        SettingsError: when there are no settings for that school.
    """
    settings = ObservePasswords.read(f"{folder}/passwords-{school}.json")
    return written(of_passwords(observe_passwords(settings)))
