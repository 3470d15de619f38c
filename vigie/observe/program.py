"""What the programs of the Zabbix server and of its agents have in common: from arguments to one document, always.

They start at every cycle: nothing is imported before it is needed.
"""

import os
import sys
import time
from importlib import import_module

_ADVICE = "the item's parameter must be a school's UAI, seven digits and a capital: set {$VIGIE.SCHOOL} on the host"


def main(module: str, arguments: list[str]) -> None:
    """Print one JSON document and end the process; never anything else, whatever goes wrong.

    Args:
        module: the subject's program, a module with `document(folder, school) -> bytes`.
        arguments: the folder of the settings, and the school's UAI.
    """
    # Zabbix takes what is written there for the value.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    sys.stdout.buffer.write(answer(module, arguments))
    sys.stdout.buffer.flush()
    os._exit(0)  # a server that does not answer is not waited for


def answer(module: str, arguments: list[str]) -> bytes:
    """The document; whatever goes wrong is a sentence in its `error`."""
    begun = time.time()
    try:
        if len(arguments) != 2 or not _is_uai(arguments[1]):
            return _failed(begun, _ADVICE)
        document: bytes = import_module(module).document(*arguments)
    except Exception as error:
        known = type(error).__name__ == "SettingsError"
        return _failed(begun, str(error) if known else f"the check itself failed: {type(error).__name__}: {error}")
    return document


def _is_uai(text: str) -> bool:
    return len(text) == 8 and text.isascii() and text[:7].isdigit() and text[7].isupper()


def _failed(begun: float, sentence: str) -> bytes:
    from vigie.observe.document import failed, written

    return written(failed(int(begun), round(time.time() - begun, 3), sentence[:500]))
