"""A program that dies at a chosen moment: before any of its acts on the file system, one after the other."""

import os
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

_ACTS = frozenset({"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.truncate", "os.link"})
_KILLED = 9


def killed_at_each_act(
    folder: Path, prepare: Callable[[Path], Any], act: Callable[[Any], object]
) -> Iterator[tuple[int, Any]]:
    """For N = 1, 2, ...: prepare anew, act in a process that ends at once before its Nth act; until it ends by itself.

    Args:
        folder: where each attempt gets a folder of its own.
        prepare: makes what is acted on, in that folder.
        act: what is killed.

    Yields:
        N and what was prepared, as the killed program left it.
    """
    for moment in count(1):
        place = folder / str(moment)
        place.mkdir()
        prepared = prepare(place)
        code = _ended_before(moment, lambda prepared=prepared: act(prepared))  # type: ignore[misc]
        assert code in (0, _KILLED)
        yield moment, prepared
        if code == 0:
            assert moment > 5, "nothing was killed: the acts are not seen"
            return


def _ended_before(moment: int, act: Callable[[], object]) -> int:
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left = moment

    def happens(event: str, _arguments: object = ()) -> None:
        nonlocal left
        if event in _ACTS:
            left -= 1
            if left == 0:
                os._exit(_KILLED)

    code = 1
    try:
        # What is written and not yet on the disk is lost with the process: synchronising is an act too.
        for name in ("fsync", "fdatasync"):
            real = getattr(os, name)
            setattr(os, name, lambda descriptor, real=real: (happens("open"), real(descriptor)))
        sys.addaudithook(happens)
        act()
        code = 0
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(code)
