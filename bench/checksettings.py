"""The settings of each measured check, as `vigie provision files` writes them."""

import shutil
import time
from pathlib import Path

from observe import make_store
from watchedpair import Pair

from vigie import stamps
from vigie.observe.backups.settings import ObserveBackups
from vigie.observe.canary.settings import ObserveCanary
from vigie.observe.drbd.settings import ObserveDrbd
from vigie.observe.itself.settings import ObserveItself, Service, Timer
from vigie.observe.logs.settings import ObserveLogs, Source
from vigie.observe.passwords.settings import ObservePasswords
from vigie.observe.replication.settings import ObserveReplication
from vigie.settings import Settings

DATABASES, SOURCES, TIMERS = 12, 4, 3
_DRBD = """version: 8.4.11 (api:1/proto:86-101)
 0: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----
    ns:0 nr:0 dw:0 dr:0 al:0 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:0
"""


def write_settings(pair: Pair, school: str) -> None:
    """Write all of them into the folder, with the files that they name."""
    made: dict[str, Settings] = {
        "replication": _replication(pair, school),
        "backups": _backups(pair, school),
        "drbd": _drbd(pair.folder, school),
        "itself": _itself(pair, school),
        "logs": _logs(pair, school),
        "passwords": _passwords(pair, school),
        "canary": ObserveCanary(
            school=school,
            source="srv-openerp",
            socket=str(pair.rsyslog.socket),
            state=str(pair.rsyslog.state),
            impstats=str(pair.rsyslog.impstats),
            pid_file=str(pair.rsyslog.pid_file),
            silent_after=60,
        ),
    }
    for name, settings in made.items():
        (pair.folder / f"{name}-{school}.json").write_text(settings.to_json())


def dumps_of(pair: Pair) -> list[Path]:
    """The newest dump of each database."""
    return [max(folder.iterdir()) / "dump" for folder in sorted((pair.folder / "store/dumps").iterdir())]


def stamps_of(pair: Pair, school: str) -> list[Path]:
    """The stamps of the timers, which are made when they are missing."""
    files = [Path(stamps.stamp_file(pair.folder / "stamps", f"vigie-{n}", school)) for n in range(TIMERS)]
    for file in files:
        if not file.exists():
            stamps.leave(file, time.time())
    return files


def _replication(pair: Pair, school: str) -> ObserveReplication:
    return ObserveReplication(
        school=school,
        primary="primary",
        standby="standby",
        primary_address=pair.primary.address,
        standby_address=pair.standby.address,
        primary_service="primary",
        standby_service="standby",
        service_file=str(pair.services),
        application_name="",
        slot="standby",
        max_bytes=16 << 20,
        max_seconds=300,
        max_silence=60,
        slot_max_bytes=1 << 30,
        deadline=10.0,
    )


def _backups(pair: Pair, school: str) -> ObserveBackups:
    store = pair.folder / "store"
    shutil.rmtree(store, ignore_errors=True)
    make_store(store, databases=DATABASES, dumps=10)
    return ObserveBackups(
        school=school,
        store=str(store),
        classes=["TS", "1ES", "TSTMG1"],
        service="observe",
        service_file=str(pair.services),
        max_age=26 * 3600,
        verify_age=30 * 86_400,
        silent_after=900,
        deadline=10.0,
        receiver_address="",
        receiver_port=0,
        free_min_percent=10.0,
        days_left_min=7,
    )


def _drbd(folder: Path, school: str) -> ObserveDrbd:
    proc = folder / "proc-drbd"
    proc.write_text(_DRBD)
    return ObserveDrbd(school, ["drbd0"], [], str(proc), str(folder / "by-res"), 5.0)


def _itself(pair: Pair, school: str) -> ObserveItself:
    requests = pair.folder / "requests"
    requests.mkdir(exist_ok=True)
    return ObserveItself(
        school=school,
        stamps=str(pair.folder / "stamps"),
        requests=str(requests),
        queue_age=300,
        deadline=5.0,
        timers=[Timer(file.parent.name, 26 * 3600) for file in stamps_of(pair, school)],
        services=[Service("postgres", "", "", pair.primary.address, pair.primary.port)],
        certificates=[],
    )


def _logs(pair: Pair, school: str) -> ObserveLogs:
    return ObserveLogs(
        school=school,
        centre="srv-logs",
        sources=[Source(f"srv-{n}", "linux", [f"srv-{n}"], 3600) for n in range(SOURCES)],
        service="logs",
        service_file=str(pair.services),
        deadline=20.0,
        window=3600,
        impstats=str(pair.rsyslog.impstats),
        silent_after=60,
        store=str(pair.folder),
        files=str(pair.folder),
        canary_late=300,
        latency_max=60,
        skew_max=30,
        flood=500,
        queue_max=5000,
        free_min_percent=1.0,
    )


def _passwords(pair: Pair, school: str) -> ObservePasswords:
    return ObservePasswords(
        school=school,
        ledger=str(pair.ledger),
        service="observe",
        service_file=str(pair.services),
        roles=["openerp_a", "openerp_b"],
        stations=["poste-01", "poste-02"],
        addresses=["192.0.2.41", "192.0.2.42"],
        names=["", ""],
        max_age=90 * 86_400,
        expiry_warning=14 * 86_400,
        deadline=10.0,
    )
