"""What a person must know of a source of logs."""

from vigie.observe.canary.model import CanaryObservation, Emission, RsyslogState
from vigie.observe.canary.settings import ObserveCanary
from vigie.observe.levels import Finding, Level


def findings(observation: CanaryObservation, _settings: ObserveCanary) -> list[Finding]:
    """The findings, worst first; an empty list when all is well."""
    seen = observation.seen
    if seen is None:
        return [Finding(Level.UNKNOWN, observation.error)]
    found: list[Finding] = []
    if seen.rsyslog.state is not RsyslogState.RUNNING:
        found.append(Finding(Level.PROBLEM, f"rsyslog {_IS[seen.rsyslog.state]}: {seen.rsyslog.error}"))
    if seen.canary.emitted is Emission.FAILED:
        found.append(Finding(Level.PROBLEM, f"no canary left yet, or not the last one: {seen.canary.error}"))
    if seen.queue.discarded:
        found.append(Finding(Level.WARNING, f"{seen.queue.discarded} messages were discarded since rsyslog started"))
    return found


_IS = {RsyslogState.STOPPED: "is stopped", RsyslogState.HANGS: "hangs"}
