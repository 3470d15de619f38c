"""The OpenERP of a school in the site file."""

from vigie.site.types import HostName, Part, Port, Release


class OpenErp(Part):
    """The OpenERP that the school declares."""

    version: Release
    host: HostName
    port: Port = 8069
