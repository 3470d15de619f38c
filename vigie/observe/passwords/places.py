"""From which addresses the declared stations come: those of the settings, and those that their DNS names have now."""

from collections.abc import Mapping

from vigie.observe.asking import Asked, TooLateError
from vigie.observe.passwords.settings import ObservePasswords
from vigie.records import Record

# A name server that does not answer keeps each of them waiting.
_AT_ONCE = 8


class Places(Record):
    """The station at each address, and the stations whose name has no address now."""

    stations: Mapping[str, str]
    unresolved: tuple[str, ...]


class Names:
    """The names of stations, being resolved aside; nothing is done where all of them are declared by address."""

    def __init__(self, settings: ObservePasswords) -> None:
        self._known = {
            address: station for station, address in zip(settings.stations, settings.addresses, strict=True) if address
        }
        self._named = {station: name for station, name in zip(settings.stations, settings.names, strict=True) if name}
        self._found: dict[str, list[str]] = {}
        waiting = list(self._named.values())
        self._asked = [Asked(lambda: self._resolve(waiting)) for _ in range(min(_AT_ONCE, len(waiting)))]

    def places(self, until: float) -> Places:
        """What is known by a time of `time.monotonic`; a name that is not resolved by then has no address."""
        for asked in self._asked:
            try:
                asked.answer(until)
            except TooLateError:
                break
        found = self._found.copy()
        stations = dict(self._known)
        for station, name in self._named.items():
            for address in found.get(name, ()):
                stations.setdefault(address, station)
        return Places(stations, tuple(station for station, name in self._named.items() if not found.get(name)))

    def _resolve(self, waiting: list[str]) -> None:
        import socket  # paid only where a station has a name

        while True:
            try:
                name = waiting.pop()
            except IndexError:
                return
            try:
                answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
            except (OSError, UnicodeError):
                continue
            # PostgreSQL tells no zone of a link-local address.
            self._found[name] = [str(address[0]).partition("%")[0] for *_, address in answers]
