"""What the observation of replication must know."""

from vigie.settings import Settings


class ObserveReplication(Settings):
    """What the observation of replication must know: `replication-<UAI>.json`, read by the Zabbix server's user.

    Sizes in bytes, durations in seconds.

    Args:
        primary: the declared primary, as the site file names it.
        standby: the declared standby.
        primary_address: where the standby sees the primary come from, once their roles were switched.
        standby_address: where the primary sees it come from, when neither slot nor application name tells it.
        primary_service: connection service of the primary.
        standby_service: connection service of the standby.
        service_file: file that describes both services.
        application_name: the name under which the standby streams; empty when it is not told.
        slot: the physical slot that the standby must use; empty when it uses none.
        max_bytes: how far the standby may be behind, in bytes of WAL.
        max_seconds: how far it may be behind in time while there is something to replay.
        max_silence: longest time without a message to the end that is fed; never judged below what an idle pair takes.
        slot_max_bytes: how much WAL one slot may hold back.
        deadline: longest time of the whole observation.
    """

    primary: str
    standby: str
    primary_address: str
    standby_address: str
    primary_service: str
    standby_service: str
    service_file: str
    application_name: str
    slot: str
    max_bytes: int
    max_seconds: int
    max_silence: int
    slot_max_bytes: int
    deadline: float
