"""The parts of the school, in the order in which they start. A subject adds its own to this list."""

from lab.school import itself, network
from lab.school.part import Part

PARTS: tuple[Part, ...] = (itself.Part(), network.SchoolNetwork())
