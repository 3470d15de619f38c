"""What the observation of a source of logs must know."""

from vigie.settings import Settings


class ObserveCanary(Settings):
    """What a source of logs must know of itself: `canary-<UAI>.json`, read by the monitoring user.

    `pid_file` is "" where rsyslog writes none. `silent_after` in seconds: rsyslog's figures that are older mean that it
    hangs.
    """

    source: str
    socket: str
    state: str
    impstats: str
    pid_file: str
    silent_after: int
