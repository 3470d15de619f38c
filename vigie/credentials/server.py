"""The school's PostgreSQL as its client stations name it."""

from vigie.credentials.station import Server
from vigie.errors import VigieError
from vigie.site import School


def server_of(school: School) -> Server:
    """What the lines of passfiles must be for.

    Raises:
        VigieError: when the school declares no passwords.
    """
    if school.passwords is None:
        raise VigieError(f"school {school.uai} has no `passwords` in the site file")
    stations = school.passwords.stations
    host = stations.server or school.host(school.passwords.host).address
    return Server(host, stations.port, stations.database or "")
