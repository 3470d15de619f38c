"""The site file: what a school has and what it was promised. Secrets are never in it, only where to find them."""

from vigie.site.backup import Backup, Observation, Retention, RsyncTransfer, SshTransfer, Window
from vigie.site.contract import Contract, Excluded, ServiceHours
from vigie.site.directory import Directory, Phase2
from vigie.site.hosts import CARRIERS, NETWORK_ROLES, Host, Proxy, Role
from vigie.site.itself import Itself, WatchedCertificate, WatchedService
from vigie.site.logs import (
    LogDatabase,
    LogKind,
    LogObservation,
    LogPlaces,
    LogQueue,
    Logs,
    LogSource,
    LogStore,
    LogTls,
)
from vigie.site.model import Academy, School, Site, Zabbix, json_schema, load, uai_is_plausible
from vigie.site.network import Channel, Network, RedundantGroup
from vigie.site.openerp import OpenErp, OpenErpObservation
from vigie.site.passwords import PasswordObservation, Passwords, Stations
from vigie.site.replication import DrbdHost, Replication, Streaming, StreamingObservation

__all__ = [
    "CARRIERS",
    "NETWORK_ROLES",
    "Academy",
    "Backup",
    "Channel",
    "Contract",
    "Directory",
    "DrbdHost",
    "Excluded",
    "Host",
    "Itself",
    "LogDatabase",
    "LogKind",
    "LogObservation",
    "LogPlaces",
    "LogQueue",
    "LogSource",
    "LogStore",
    "LogTls",
    "Logs",
    "Network",
    "Observation",
    "OpenErp",
    "OpenErpObservation",
    "PasswordObservation",
    "Passwords",
    "Phase2",
    "Proxy",
    "RedundantGroup",
    "Replication",
    "Retention",
    "Role",
    "RsyncTransfer",
    "School",
    "ServiceHours",
    "Site",
    "SshTransfer",
    "Stations",
    "Streaming",
    "StreamingObservation",
    "WatchedCertificate",
    "WatchedService",
    "Window",
    "Zabbix",
    "json_schema",
    "load",
    "uai_is_plausible",
]
