"""What each host of a school needs, subject by subject, as texts. Nothing here writes."""

from collections.abc import Iterator

from provisioning.hostfiles.checkers import checked_from
from provisioning.hostfiles.places import AGENT, EXTERNAL, OBSERVERS, HostFile, Places
from provisioning.hostfiles.rendering import shipped
from provisioning.subjects import SUBJECTS, Method, Order
from provisioning.subjects.itself import itself_file


def files_for(order: Order) -> list[HostFile]:
    """The files of one host, by what it does in its school; none when it does nothing there."""
    files = [file for subject in SUBJECTS for file in subject.files(order)]
    files += itself_file(order, files)
    if not order.host.is_windows and any(
        subject.method is Method.AGENT and subject.bears(order.school, order.host) for subject in SUBJECTS
    ):
        files.append(agent_file(order.places))
    files += _external_checks(order)
    return files


def agent_file(places: Places) -> HostFile:
    """The agent's user parameters.

    Raises:
        VigieError: when Vigie was installed without them.
    """
    return HostFile("vigie.conf", shipped("userparameters", "vigie.conf", places), AGENT / "vigie.conf", 0o644)


def _external_checks(order: Order) -> Iterator[HostFile]:
    schools = checked_from(order.site, order.school, order.host)
    for subject in SUBJECTS:
        if subject.program and any(subject.bears(school, host) for school in schools for host in school.hosts):
            text = shipped("externalscripts", subject.program, order.places)
            yield HostFile(subject.program, text, EXTERNAL / subject.program, 0o750, group=OBSERVERS)
