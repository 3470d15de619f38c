"""The program that snmpd asks for a device's objects, by its protocol pass_persist (snmpd.conf(5)).

python -m lab.snmp.responder CAUSES.json DEVICE
"""

import sys
import time
from bisect import bisect_right
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from lab.snmp.causes import read
from lab.snmp.mib import Oid, Value, objects, oid

# Objects of one walk are asked one by one, in quick succession: they are worked out once for all of them.
_KEPT_FOR = 0.5


class Device:
    """The objects of a device, worked out again when they are older than half a second.

    Args:
        causes: the file of what is wrong with the network.
        name: of the device.
    """

    def __init__(self, causes: Path, name: str) -> None:
        self._causes, self._name = causes, name
        self._worked_out = 0.0
        self._objects: dict[Oid, Value] = {}
        self._order: list[Oid] = []

    def get(self, wanted: Oid) -> tuple[Oid, Value] | None:
        """An object, if the device has it."""
        self._refresh()
        return (wanted, self._objects[wanted]) if wanted in self._objects else None

    def following(self, wanted: Oid) -> tuple[Oid, Value] | None:
        """The first object after a place in the tree, if there is one."""
        self._refresh()
        place = bisect_right(self._order, wanted)
        return (self._order[place], self._objects[self._order[place]]) if place < len(self._order) else None

    def _refresh(self) -> None:
        now = time.time()
        if 0 <= now - self._worked_out < _KEPT_FOR:
            return
        self._objects = objects(self._name, read(self._causes), now)
        self._order = sorted(self._objects)
        self._worked_out = now


def answer(device: Device, lines: Iterable[str], out: TextIO) -> None:
    """Answer what is asked, until the asker goes."""
    asked = iter(lines)
    for line in asked:
        command = line.strip()
        if command == "PING":
            out.write("PONG\n")
        elif command in ("get", "getnext"):
            place = oid(next(asked))
            found = device.get(place) if command == "get" else device.following(place)
            if found is None:
                out.write("NONE\n")
            else:
                name, value = found
                out.write(f".{'.'.join(map(str, name))}\n{value.type}\n{value.text}\n")
        elif command == "set":
            next(asked), next(asked)
            out.write("not-writable\n")
        else:
            return
        out.flush()


def main() -> None:
    """Serve one device on standard input and output."""
    answer(Device(Path(sys.argv[1]), sys.argv[2]), sys.stdin, sys.stdout)


if __name__ == "__main__":
    main()
