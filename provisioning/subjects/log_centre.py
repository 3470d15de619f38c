"""The logs as their centre knows them: the store's schema, its observation, and its retention."""

from provisioning.hostfiles.places import HostFile
from provisioning.hostfiles.rendering import example, network, settings, text, unit
from provisioning.subjects.subject import Method, Order, Promises, Subject
from vigie.errors import VigieError
from vigie.observe.logs.settings import ObserveLogs, Source
from vigie.site import Host, Logs, LogSource, School

LOG_CENTRE = "Specibike log centre by Zabbix agent"
_WINDOWS = ("snare", "epilog")
_SOCKET = "/var/run/postgresql"


def _bears(school: School, host: Host) -> bool:
    return school.logs is not None and school.logs.centre == host.name


def _macros(school: School, _host: Host) -> Promises:
    observation = _logs_of(school).observation
    return {
        "{$VIGIE.LOGS.FREE.MIN}": (f"{observation.free_min_percent:g}", "the least free space, in percent"),
        "{$VIGIE.LOGS.QUEUE.MAX}": (str(observation.queue_max), "the most messages that may wait at the centre"),
        "{$VIGIE.LOGS.FLOOD}": (str(observation.flood), "messages a second that are a flood"),
        "{$VIGIE.LOGS.LATENCY.MAX}": (f"{observation.latency_max}s", "the longest way of a message"),
        "{$VIGIE.LOGS.SKEW.MAX}": (f"{observation.skew_max}s", "the greatest difference of a source's clock"),
    }


def observation_settings(school: School) -> ObserveLogs:
    """What the observation on the central log server must know.

    Raises:
        VigieError: when the school has no logs.
    """
    logs = _logs_of(school)
    observation = logs.observation
    return ObserveLogs(
        school=school.uai,
        centre=logs.centre,
        sources=_sources(logs),
        service=observation.service,
        service_file=str(observation.service_file),
        deadline=float(observation.deadline),
        window=observation.window,
        impstats=str(observation.impstats),
        silent_after=observation.silent_after,
        store=str(logs.store.directory),
        files=str(logs.store.files),
        canary_late=observation.canary_late,
        latency_max=observation.latency_max,
        skew_max=observation.skew_max,
        flood=observation.flood,
        queue_max=observation.queue_max,
        free_min_percent=observation.free_min_percent,
    )


def _sources(logs: Logs) -> list[Source]:
    """The sources host by host: one that sends its system's log and OpenERP's is one source."""
    by_host: dict[str, list[LogSource]] = {}
    for source in logs.sources:
        by_host.setdefault(source.host, []).append(source)
    return [
        Source(
            host=host,
            system="windows" if all(source.kind in _WINDOWS for source in sources) else "linux",
            names=list(dict.fromkeys([host, *(name for source in sources for name in source.names)])),
            max_silence=min(source.max_silence for source in sources),
        )
        for host, sources in by_host.items()
    ]


def _files(order: Order) -> list[HostFile]:
    logs = order.school.logs
    if logs is None or order.host.name != logs.centre:
        return []
    uai, places = order.school.uai, order.places
    zone = order.site.time_zone(order.school).key
    database = str(logs.database.host)
    values = {
        "uai": uai,
        "logs": logs,
        "zone": zone,
        "prefix": places.prefix,
        "writable": f"-/run/postgresql -{logs.store.files}",
        "by_socket": database.startswith("/"),
        # The retention comes as PostgreSQL's superuser, whom the socket alone lets in.
        "socket": database if database.startswith("/") else _SOCKET,
        "minutes": logs.store.retention // 60,
        "client": "127.0.0.1/32" if database in ("127.0.0.1", "localhost") else network(order.host.address),
    }
    return [
        settings(f"logs-{uai}.json", observation_settings(order.school), places),
        HostFile("logs-schema.sql", text("logs-schema.sql", values), places.etc / "logs-schema.sql", 0o644),
        example("logs_service.conf", logs.observation.service_file, values, "zabbix"),
        *(unit(name, values) for name in ("vigie-logs-purge.service", "vigie-logs-purge.timer")),
    ]


def _logs_of(school: School) -> Logs:
    if school.logs is None:
        raise VigieError(f"school {school.uai} has no `logs` in the site file")
    return school.logs


SUBJECTS = (
    Subject(
        template=LOG_CENTRE,
        method=Method.AGENT,
        bears=_bears,
        macros=_macros,
        files=_files,
        silent=("Logs: No data from the agent",),
        service="Journaux",
        target="logs",
    ),
)
