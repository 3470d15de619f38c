"""What the observation of backups must know."""

from vigie.settings import Settings


class ObserveBackups(Settings):
    """What the observation of backups must know: `backups-<UAI>.json`, read by the monitoring user.

    Durations in seconds. `receiver_port` is 0 when there is no rsync daemon to ask (ssh transfer).
    """

    store: str
    classes: list[str]
    service: str
    service_file: str
    max_age: int
    verify_age: int
    silent_after: int
    deadline: float
    receiver_address: str
    receiver_port: int
    free_min_percent: float
    days_left_min: int
