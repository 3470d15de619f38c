"""What is wrong with the lab's network: the file that a fault writes and that every simulated device reads.

Only causes are written; what follows from them (who becomes active, who is the root) each device works out as a real
one would. It imports the standard library alone: the devices' agents load it.
"""

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Causes:
    """What is wrong now; nothing, by default.

    Args:
        off: devices without power, and since when (epoch seconds).
        deaf: by group's key, that its routers do not hear each other.
        shut: by group's key, the routers whose interface in it is shut.
        standing_still: by group's key, the routers that hear the others and never get ready to take over.
        preferred: by group's key, the router that somebody gave the higher priority.
        root: the bridge that is the spanning tree's root; one that nobody knows when it is no device of the lab.
        apart: the switches do not hear each other.
        broken: bridge ports that do not work, by device.
        down: interfaces without link, by device.
        gone: interfaces that bear another name now, by device.
        alone: interfaces that have a link and left their channel, by device.
        changing_since: since when the spanning tree changes each second (epoch seconds); 0 when it does not.
        changes: how often it had changed before.
    """

    off: dict[str, float] = field(default_factory=dict)
    deaf: list[str] = field(default_factory=list)
    shut: dict[str, list[str]] = field(default_factory=dict)
    standing_still: dict[str, list[str]] = field(default_factory=dict)
    preferred: dict[str, str] = field(default_factory=dict)
    root: str = ""
    apart: bool = False
    broken: dict[str, list[int]] = field(default_factory=dict)
    down: dict[str, list[str]] = field(default_factory=dict)
    gone: dict[str, list[str]] = field(default_factory=dict)
    alone: dict[str, list[str]] = field(default_factory=dict)
    changing_since: float = 0.0
    changes: int = 12

    def but(self, **changes: Any) -> "Causes":
        """The same, except for what is given."""
        return replace(self, **changes)

    def times_changed(self, now: float) -> int:
        """How often the spanning tree has changed in all: a counter, which never goes back."""
        return self.changes + (int(now - self.changing_since) if self.changing_since else 0)


def read(file: Path) -> Causes:
    """The causes of a file; none when there is no file.

    Raises:
        ValueError: when it does not hold causes.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Causes()
    data = json.loads(text)
    if not isinstance(data, dict) or data.keys() - Causes.__dataclass_fields__.keys():
        raise ValueError(f"{file} does not hold causes")
    return Causes(**data)


def write(file: Path, causes: Causes) -> None:
    """Replace the file as a whole: the devices read it at any moment."""
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(causes)), encoding="utf-8")
    partial.chmod(0o644)
    partial.rename(file)
