"""Small settings files, one JSON document each, that programs started often read instead of the site file.

`vigie provision files` writes them from the site file for each host. Only the standard library.
"""

import json
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Self


class SettingsError(Exception):
    """A settings file cannot be read or is wrong; the sentence names the file and what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What every settings file has: reading and writing."""

    school: str

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read a settings file.

        Raises:
            SettingsError: when it is missing, cannot be read, or its fields are not those expected.
        """
        advice = "write it with `vigie provision files`"
        try:
            document = json.loads(file.read_bytes())
        except OSError as error:
            raise SettingsError(f"{file}: cannot be read: {error.strerror}; {advice}") from error
        except ValueError as error:
            raise SettingsError(f"{file}: is not JSON; {advice}") from error
        if not isinstance(document, dict):
            raise SettingsError(f"{file}: is not a settings file; {advice}")
        known = {spec.name: spec for spec in fields(cls)}
        for name in document:
            if name not in known:
                raise SettingsError(f"{file}: unknown field {name!r}; {advice}")
        for name, spec in known.items():
            if name not in document and spec.default is MISSING and spec.default_factory is MISSING:
                raise SettingsError(f"{file}: the field {name!r} is missing; {advice}")
        return cls(**document)

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True)
class ObserveBackups(Settings):
    """What the observation of backups must know: `backups-<UAI>.json`, read by the monitoring user.

    Durations in seconds. `receiver_port` is 0 when there is no rsync daemon to ask (ssh transfer).
    """

    store: str
    classes: list[str]
    service: str
    service_file: str
    max_age: int
    verify_age: int
    silent_after: int
    deadline: float
    receiver_address: str
    receiver_port: int
    free_min_percent: float
    days_left_min: int


@dataclass(frozen=True, slots=True)
class Store(Settings):
    """What the receiver, the retention and the re-check on the backup server must know: `store-<UAI>.json`.

    `dropped` (seconds) is how long the dumps of databases that no longer exist are kept; `recheck_seconds` bounds one
    cycle of the rolling re-check.
    """

    root: str
    daily: int
    weekly: int
    monthly: int
    dropped: int
    time_zone: str
    recheck_seconds: int
