"""What the observation of DRBD must know."""

from vigie.settings import Settings


class ObserveDrbd(Settings):
    """What the observation of DRBD must know: `drbd-<UAI>.json`, read by the monitoring user.

    Args:
        resources: the names of the resources that the site file declares on this host.
        command: how DRBD 9 is asked; a sudoers file allows exactly that.
        proc: the file in which DRBD 8.4 tells everything, and DRBD 9 its release alone.
        by_resource: where udev names the devices of each resource: 8.4 knows only their numbers.
        deadline: longest time of the whole observation, in seconds.
    """

    resources: list[str]
    command: list[str]
    proc: str
    by_resource: str
    deadline: float
