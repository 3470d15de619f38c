"""The parts of the school, in the order in which they start. A subject adds its own to this list."""

from lab.school import itself, network, passwords
from lab.school.logs import LogsPart
from lab.school.openerp import OpenErp
from lab.school.part import Part
from lab.school.standby import StandbyPart

PARTS: tuple[Part, ...] = (
    StandbyPart(),
    OpenErp(),
    itself.Part(),
    network.SchoolNetwork(),
    passwords.Part(),
    LogsPart(),
)
