"""rsyslog's files: what each Linux source sends and how, what the centre does with it; stunnel's between them."""

from pathlib import Path, PurePosixPath
from urllib.parse import urlencode

from provisioning.hostfiles.places import HostFile, Places
from provisioning.hostfiles.rendering import text
from vigie.site import Host, LogDatabase, LogPlaces, Logs, LogSource, School

RSYSLOG = PurePosixPath("/etc/rsyslog.d")
_CONFIGURATION = "30-vigie.conf"
STUNNEL = PurePosixPath("/etc/stunnel")
_TUNNEL = "vigie-logs.conf"  # as Debian's unit stunnel@vigie-logs reads it
# OpenERP writes a traceback at one go: after this many seconds of silence it is complete.
_OPENERP_PAUSE = 2
_LINUX = frozenset({"rsyslog", "openerp"})


def places_of(logs: Logs, host: Host) -> LogPlaces | None:
    """Where a Linux source has its rsyslog; None when the host is not one."""
    found = linux_sources(logs, host)
    return found[0].places if found else None


def linux_sources(logs: Logs, host: Host) -> list[LogSource]:
    """What the site file says of a host as a Linux source: an entry per kind, OpenERP's first: it tells more."""
    found = [source for source in logs.sources if source.host == host.name and source.kind in _LINUX]
    return sorted(found, key=lambda source: source.kind)


def source_files(school: School, logs: Logs, host: Host, places: Places) -> list[HostFile]:
    """The files of a Linux source that is not the centre.

    Args:
        school: its school.
        logs: the school's logs.
        host: the source.
        places: where Vigie is on the host.
    """
    found = linux_sources(logs, host)
    values = _values(school, logs, host, places) | {
        "local": found[0].places,
        "impstats": found[0].places.impstats,
        "openerp": any(source.kind == "openerp" for source in found),
        "openerp_pause": _OPENERP_PAUSE,
    }
    return _files("rsyslog-source.conf", values, logs, places)


def centre_files(school: School, logs: Logs, host: Host, places: Places) -> list[HostFile]:
    """The files of the central rsyslog.

    Args:
        school: its school.
        logs: the school's logs.
        host: the centre.
        places: where Vigie is on the host.
    """
    stations = {source.host for source in logs.sources if source.kind not in _LINUX}
    values = _values(school, logs, host, places) | {
        "impstats": logs.observation.impstats,
        "conninfo": conninfo(logs.database),
        "declared": sorted({source.host for source in logs.sources} | {host.name}),
        "windows": [school.host(name) for name in sorted(stations)],
    }
    return _files("rsyslog-centre.conf", values, logs, places)


def conninfo(database: LogDatabase) -> str:
    """How rsyslog reaches its database, as libpq reads it; rsyslog allows no blank in it, and no password is in it."""
    options = {
        "host": str(database.host),
        "port": str(database.port),
        "passfile": str(database.password_file),
        "connect_timeout": "5",
        "application_name": "vigie-rsyslog",
    }
    return f"postgresql://vigie_rsyslog@/Syslog?{urlencode(options, safe='/')}"


def _values(school: School, logs: Logs, host: Host, places: Places) -> dict[str, object]:
    return {
        "uai": school.uai,
        "logs": logs,
        "host": host,
        "centre": school.host(logs.centre),
        "etc": places.etc,
    }


def _files(name: str, values: dict[str, object], logs: Logs, places: Places) -> list[HostFile]:
    rotate, tunnel = "rotate-rsyslog-stats", "stunnel-logs.conf"
    files = [
        HostFile(name, text(name, values), RSYSLOG / _CONFIGURATION, 0o644),
        HostFile(rotate, text(rotate, values), places.etc / rotate, 0o755),
    ]
    if logs.tls:
        files.append(HostFile(tunnel, text(tunnel, values), STUNNEL / _TUNNEL, 0o644))
    return files


def state_folder(places: LogPlaces) -> str:
    """What systemd-tmpfiles must make: the folder where the monitoring user keeps its canary's number."""
    return f"d {Path(places.state)} 0750 zabbix zabbix -\n"
