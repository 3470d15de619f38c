"""The directory of a school in the site file, and its phase 2."""

from datetime import time
from typing import Annotated

from pydantic import Field

from vigie.site.types import AbsolutePath, Clock, Duration, LdapUri, Part


class Phase2(Part):
    """When phase 2 may renew the directory."""

    start: Clock = time(19, 0)
    end: Clock = time(23, 59)
    interval: Duration = 180


class Directory(Part):
    """The school directory and its official sources."""

    uri: LdapUri
    base: Annotated[str, Field(min_length=3)]
    bind_dn: str
    password_file: AbsolutePath
    sources: AbsolutePath
    phase2: Phase2 = Phase2()
