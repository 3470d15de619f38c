"""Waiting for a condition instead of sleeping for a while."""

import time
from collections.abc import Callable

from vigie.errors import Exit, VigieError


def wait_until(condition: Callable[[], bool], *, what: str, deadline: float, every: float = 0.1) -> float:
    """Wait until a condition holds.

    Args:
        condition: asked again and again; what it raises is raised.
        what: the end of the sentence "... did not happen", shown when the deadline passes.
        deadline: seconds to wait at most.
        every: seconds between two questions.

    Returns:
        the seconds it took.

    Raises:
        VigieError: when the deadline has passed; exit code 1.
    """
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > deadline:
            raise VigieError(f"waited {deadline:.0f} s in vain: {what}", Exit.FAILED)
        time.sleep(every)
    return time.monotonic() - start
