"""The catalogue of faults: what can break in the lab, and the problem that Zabbix must raise for each."""

from lab.faults import (
    contexts,
    itself,
    log_centre,
    log_sources,
    network,
    openerp,
    passwords,
    primaries,
    replication,
    slots,
    stations,
)
from lab.faults.base import Bench, Fault, Problem, Severity
from lab.faults.databases import AtRisk, HostileNames, MissingDatabase, SizeCollapsed, StaleBackup
from lab.faults.disk import DiskFilling, DiskNearlyFull
from lab.faults.dumps import FlippedByte, StrayDump, TruncatedDump, VanishedFile
from lab.faults.runs import FailedRun, KilledRun, LateRun, NeverRun
from lab.faults.servers import (
    AgentDown,
    AgentWithoutVigie,
    CatalogueUnreadable,
    ListRefused,
    PostgresDown,
    ReceiverStopped,
)
from lab.faults.verification import NotVerified, RecheckStalled
from vigie.errors import VigieError

__all__ = ["FAULTS", "Bench", "Fault", "Problem", "Severity", "fault"]

FAULTS: tuple[Fault, ...] = (
    TruncatedDump(),
    VanishedFile(),
    FlippedByte(),
    StrayDump(),
    StaleBackup(),
    MissingDatabase(),
    AtRisk(),
    SizeCollapsed(),
    HostileNames(),
    KilledRun(),
    FailedRun(),
    LateRun(),
    NeverRun(),
    NotVerified(),
    RecheckStalled(),
    ReceiverStopped(),
    DiskFilling(),
    DiskNearlyFull(),
    CatalogueUnreadable(),
    ListRefused(),
    PostgresDown(),
    AgentWithoutVigie(),
    AgentDown(),
    *itself.FAULTS,
    *network.FAULTS,
    *replication.FAULTS,
    *primaries.FAULTS,
    *slots.FAULTS,
    *passwords.FAULTS,
    *stations.FAULTS,
    *log_sources.FAULTS,
    *log_centre.FAULTS,
    *openerp.FAULTS,
    *contexts.FAULTS,
)


def fault(name: str) -> Fault:
    """The fault of that name.

    Raises:
        VigieError: when there is none.
    """
    for known in FAULTS:
        if known.name == name:
            return known
    raise VigieError(f"there is no fault {name!r}; `vigie lab faults` shows those there are")
