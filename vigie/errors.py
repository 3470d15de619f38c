"""The one exception that commands turn into a sentence and an exit code."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes that every command of Vigie shares."""

    DONE = 0
    FAILED = 1
    REFUSED = 2
    BUSY = 3


class VigieError(Exception):
    """Something a person must know: what, where, what to do, in one sentence without any secret.

    Args:
        sentence: what is shown on the error stream, after the program's name.
        exit_code: the documented exit code of the command that met it.
    """

    def __init__(self, sentence: str, exit_code: Exit = Exit.REFUSED) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.exit_code = exit_code
