"""The values that a site file is made of, each refused with a sentence that says what to write instead."""

import re
import unicodedata
from datetime import time
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, HttpUrl, WithJsonSchema

from vigie import durations

_HOST_PART = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_DNS_NAME = re.compile(rf"(?=.{{1,253}}$){_HOST_PART}(\.{_HOST_PART})*")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


class Part(BaseModel):
    """A part of the site file: an unknown field is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def _duration(value: object) -> object:
    return durations.parse(value) if isinstance(value, str) else value


def _clock(value: object) -> object:
    if isinstance(value, time):
        return value
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('is not an hour of the day: write it like "00:30" or "19:00"')
    return time(int(match[1]), int(match[2]))


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError(f"{value!r} is not a time zone; write one like Europe/Paris or Indian/Reunion")
    return value


def _absolute(value: Path) -> Path:
    if not value.is_absolute() or ".." in value.parts:
        raise ValueError(f"'{value}' must be an absolute path without '..'")
    if not re.fullmatch(r"[A-Za-z0-9/._@+-]+", str(value)):
        # These paths are written into service units and rsyncd.conf, where spaces, % and quotes have a meaning.
        raise ValueError(f"{str(value)!r} may only hold letters without accents, digits and / . _ @ + -")
    return value


def is_ip(value: object) -> bool:
    """Whether a text is an IP address, and not a host name."""
    try:
        ip_address(value if isinstance(value, str) else "")
    except ValueError:
        return False
    return True


def _address(value: str) -> str:
    if not is_ip(value):
        if not _DNS_NAME.fullmatch(value):
            raise ValueError(f"{value!r} is neither an IP address nor a host name")
        if re.fullmatch(r"[0-9.]+", value):
            raise ValueError(f"{value!r} is not an IP address")
    return value


def _label(value: str) -> str:
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for c in value):
        raise ValueError("holds a line end or a character that cannot be seen")
    return value


def _without_credentials(url: HttpUrl) -> HttpUrl:
    if url.username or url.password:
        raise ValueError("must not hold a name or a password: the site file has no secrets")
    return url


Duration = Annotated[
    int,
    BeforeValidator(_duration),
    Field(ge=0, strict=True),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": "^[0-9]+[smhdw]?$"}, {"type": "integer", "minimum": 0}]}),
]
Clock = Annotated[
    time,
    BeforeValidator(_clock),
    WithJsonSchema({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}),
]
Zone = Annotated[str, AfterValidator(_zone)]
AbsolutePath = Annotated[Path, AfterValidator(_absolute)]
Address = Annotated[str, AfterValidator(_address)]
Url = Annotated[HttpUrl, AfterValidator(_without_credentials)]
Label = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_label)]
ClassName = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_label)]
HostName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
# Certificates are asked for by a name, which has a letter somewhere; an address has not.
DnsName = Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]*[A-Za-z][A-Za-z0-9.-]*$", max_length=253)]
Service = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")]
UnitName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9:_.@-]{0,200}\.service$")]
MacroName = Annotated[str, Field(pattern=r"^\{\$[A-Z0-9_.]+(:.+)?\}$", max_length=255)]
# What Zabbix's database holds of each.
MacroValue = Annotated[str, Field(max_length=2048)]
Tag = Annotated[str, Field(min_length=1, max_length=255)]
TagValue = Annotated[str, Field(max_length=255)]
Uai = Annotated[str, Field(pattern=r"^[0-9]{7}[A-Z]$")]
InterfaceName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9/._-]{0,39}$")]
Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
Release = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+){1,3}$")]
SlotName = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,63}$")]
ResourceName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$")]
LdapUri = Annotated[str, Field(pattern=r"^ldaps?://[^\s@]+$")]
PATTERNS = {
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$": "at most 63 letters without accents, digits and . _ -",
    r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$": "at most 63 letters without accents, digits and _ -",
    r"^[A-Za-z0-9][A-Za-z0-9:_.@-]{0,200}\.service$": "a systemd service, like apache2.service",
    r"^\{\$[A-Z0-9_.]+(:.+)?\}$": 'a macro\'s name in capitals, between quotes, like "{$SNMP_COMMUNITY}"',
    r"^[0-9]{7}[A-Z]$": "seven digits and a capital letter, like 9990001X",
    r"^[A-Za-z][A-Za-z0-9/._-]{0,39}$": 'an interface as the device names it (ifName), like "Gi0/1" or "Po1"',
    r"^[A-Z][A-Z0-9_]*$": "the name of an environment variable, in capitals",
    r"^[0-9]+(\.[0-9]+){1,3}$": 'a release, like "6.0" or "6.0.4"',
    r"^[a-z0-9_]{1,63}$": "a replication slot's name: at most 63 small letters, digits and _",
    r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$": "a resource's name: at most 63 letters without accents, digits and . _ -",
    r"^ldaps?://[^\s@]+$": "an address without name or password, like ldaps://server.example",
}
"""What each pattern asks for, in words."""
Port = Annotated[int, Field(ge=1, le=65535, strict=True)]
Count = Annotated[int, Field(ge=0, strict=True)]
Percent = Annotated[float, Field(ge=0, le=100, strict=True)]
