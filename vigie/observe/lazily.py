"""Modules that others import at their own start for what is never asked of them here.

psycopg2 imports `ssl` for the locks of OpenSSL before 1.1: that costs a program that starts at every cycle as much as
the bare interpreter. A stand-in takes its place meanwhile, and loads the real one for whoever does touch it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType


class _StandIn(ModuleType):
    """A module that becomes the real one at its first use."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):  # the import system looks at these of every module
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


@contextmanager
def put_off(name: str) -> Iterator[None]:
    """Whoever imports a module meanwhile gets a stand-in, unless it is loaded already; afterwards it is as it was."""
    if name in sys.modules:
        yield
        return
    stand_in = sys.modules[name] = _StandIn(name)
    try:
        yield
    finally:
        if sys.modules.get(name) is stand_in:
            del sys.modules[name]
