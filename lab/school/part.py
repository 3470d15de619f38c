"""A part of the school that a subject brings: its servers, and what they need."""

from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from lab.school.machines import Machines


class Part(Protocol):
    """What a subject adds to the lab. `start` comes after PostgreSQL and its contexts, and before the agents."""

    title: ClassVar[str]

    def start(self, machines: "Machines") -> None:
        """Make what is not there, start what does not run. Twice is harmless."""
