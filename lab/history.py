"""The past of the lab: backups of the last nights, made by the real product under another clock.

Dumps carry the time at which they were made, so their dates are those of the past although the runs are made now, one
after
the other.
"""

import time
from collections.abc import Callable
from pathlib import Path

from lab.school import contexts
from lab.school.backup_server import RSYNCD
from lab.school.machines import Machines

DAY = 86_400
# How many nights ago, oldest first.
_NIGHTS = (3, 2, 1)
# The copy for the faults "the backup no longer runs" is taken after this night.
_PAST_ENDS = 2
_RUN_SECONDS = 240.0
_ROWS_A_DAY = 400
_RSYNCD_OF_THE_PAST = "rsyncd-past.conf"


def take(machines: Machines, watch: Callable[[str], None]) -> None:
    """Make the backups of the last nights, with some work of the pupils in between, and a copy of the store as it was.

    Nothing is done when the store has dumps already.

    Raises:
        VigieError: when a run fails.
    """
    places = machines.places
    if any(places.store.glob("dumps/*/*")):
        return
    for nights in _NIGHTS:
        moment = night(time.time(), nights)
        watch(f"the backup of the night of {time.strftime('%d %B', time.gmtime(moment))}, under another clock")
        run_at(machines, moment, places.site)
        a_day_of_work(machines)
        if nights == _PAST_ENDS:
            _keep_as_past(machines)


def night(now: float, nights: int) -> float:
    """Half past midnight UTC, some nights ago; 0 is the last night."""
    return now - now % DAY + 1800 - nights * DAY


def run_at(machines: Machines, moment: float, site: Path) -> None:
    """Run the nightly backup as if it were another time, on both ends.

    Args:
        machines: the school's; no rsync daemon runs there afterwards.
        moment: that time, in epoch seconds.
        site: the site file that the run reads.

    Raises:
        VigieError: when it fails.
    """
    vigie = elsewhen(machines, moment)
    conf = machines.places.etc / "rsyncd.conf"
    past = conf.with_name(_RSYNCD_OF_THE_PAST)
    command, other = f"{machines.vigie} backup receive", f"{' '.join(vigie)} backup receive"
    past.write_text(conf.read_text().replace(command, other))
    machines.account.own(past)
    machines.supervisor.stop(RSYNCD)
    try:
        machines.start_rsyncd(past.name)
        machines.account.run([*vigie, "backup", "run", str(site)], timeout=_RUN_SECONDS)
    finally:
        machines.supervisor.stop(RSYNCD)
        past.unlink()


def elsewhen(machines: Machines, moment: float) -> list[str]:
    """The beginning of a command: `vigie` as if it were another time."""
    return [str(machines.vigie.with_name("python")), "-m", "lab.elsewhen", f"{moment - time.time():.0f}"]


def a_day_of_work(machines: Machines) -> None:
    """What the pupils add in a day."""
    for number, name in enumerate(contexts.CONTEXTS):
        contexts.grow(machines.cluster, name, _ROWS_A_DAY + 100 * (number % 3))


def _keep_as_past(machines: Machines) -> None:
    """Copy the store as it is, with its owners and modes, beside it on its disk."""
    places = machines.places
    machines.account.run(["rm", "-rf", "--", str(places.past)], timeout=60)
    machines.account.run(["cp", "-a", "--", str(places.store), str(places.past)], timeout=60)
