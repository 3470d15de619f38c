"""The sources of the logs, and rsyslog itself: on each Linux source, and on the centre that takes their messages."""

from pathlib import PurePosixPath

from provisioning.hostfiles import rsyslog
from provisioning.hostfiles.places import HostFile
from provisioning.hostfiles.rendering import settings
from provisioning.subjects.log_centre import LOG_CENTRE
from provisioning.subjects.subject import Method, Order, Quiet, Subject
from vigie.observe.canary.settings import ObserveCanary
from vigie.site import Host, LogPlaces, School

LOG_SOURCE = "Specibike log source by Zabbix agent"
# Figures that were not written this many times are not merely late.
_MISSED = 6
_TMPFILES = PurePosixPath("/etc/tmpfiles.d")


def _bears(school: School, host: Host) -> bool:
    return school.logs is not None and rsyslog.places_of(school.logs, host) is not None


def _files(order: Order) -> list[HostFile]:
    school, host, logs = order.school, order.host, order.school.logs
    if logs is None:
        return []
    files: list[HostFile] = []
    local = rsyslog.places_of(logs, host)
    if local is not None:
        folder = "vigie-canary.conf"
        files += [
            settings(f"canary-{school.uai}.json", canary_settings(school, host, local), order.places),
            HostFile(folder, rsyslog.state_folder(local), _TMPFILES / folder, 0o644),
        ]
    if host.name == logs.centre:
        files += rsyslog.centre_files(school, logs, host, order.places)
    elif local is not None:
        files += rsyslog.source_files(school, logs, host, order.places)
    return files


def canary_settings(school: School, host: Host, local: LogPlaces) -> ObserveCanary:
    """What the observation on a source must know.

    Args:
        school: its school, which has logs.
        host: the source; the centre writes its figures where its own observation reads them.
        local: where the source has its rsyslog.
    """
    logs = school.logs
    figures = logs.figures if logs else 0
    centre = logs is not None and logs.centre == host.name
    return ObserveCanary(
        school=school.uai,
        source=host.name,
        socket=str(local.socket),
        state=str(local.state),
        impstats=str(logs.observation.impstats if logs and centre else local.impstats),
        pid_file=str(local.pid_file or ""),
        silent_after=max(10, _MISSED * figures),
    )


SUBJECTS = (
    Subject(
        template=LOG_SOURCE,
        method=Method.AGENT,
        bears=_bears,
        files=_files,
        silent=("Log source: No data from the agent",),
        quiet=(Quiet("Log source: Queue does not empty", LOG_CENTRE, "Logs: Central rsyslog is stopped"),),
        target="logs",
    ),
)
