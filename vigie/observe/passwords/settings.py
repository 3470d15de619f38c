"""What the observation of passwords must know."""

from vigie.settings import Settings


class ObservePasswords(Settings):
    """The settings file `passwords-<UAI>.json`, read by the monitoring user on the server with the databases.

    `roles` are the two login roles of the rotation. `stations`, `addresses` and `names` go together, one by one: a
    station has an address as PostgreSQL writes it, or a DNS name; the other text is empty. Durations in seconds:
    `max_age` of a password, `expiry_warning` before a role's password expires, `deadline` of the observation.
    """

    ledger: str
    service: str
    service_file: str
    roles: list[str]
    stations: list[str]
    addresses: list[str]
    names: list[str]
    max_age: int
    expiry_warning: int
    deadline: float
