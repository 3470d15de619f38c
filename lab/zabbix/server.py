"""The Zabbix server: its configuration and how it is run."""

import socket
from pathlib import Path

from lab.accounts import Account
from lab.postgres import Cluster
from lab.processes import Server
from lab.zabbix.database import NAME
from lab.zabbix.release import Release

# Few processes: one school is watched, on two cores. The configuration is read again every 5 seconds, so that what is
# provisioned is seen soon.
_CONFIGURATION = """
ListenIP={address}
ListenPort={port}
SourceIP={address}
LogType=console
PidFile={directory}/zabbix_server.pid
SocketDir={directory}
ExternalScripts={directory}/externalscripts
AlertScriptsPath={directory}/alertscripts
SSHKeyLocation={directory}
FpingLocation=/usr/bin/fping
Fping6Location=
DBHost={socket}
DBPort={db_port}
DBName={database}
DBUser={database}
Timeout=12
UnreachablePeriod=10
UnreachableDelay=5
UnavailableDelay=5
CacheSize=32M
CacheUpdateFrequency=5
ServiceManagerSyncFrequency=5
HousekeepingFrequency=0
StartPollers=5
StartPollersUnreachable=2
StartPreprocessors=2
StartTrappers=2
StartDBSyncers=2
StartPingers=1
StartDiscoverers=1
StartHTTPPollers=1
StartTimers=1
StartEscalators=1
StartAlerters=1
"""


def server(
    *, name: str, release: Release, directory: Path, cluster: Cluster, account: Account, address: str, port: int
) -> Server:
    """Write the server's configuration and say how it is run."""
    for folder in (directory, directory / "externalscripts", directory / "alertscripts"):
        folder.mkdir(parents=True, exist_ok=True)
        account.own(folder)
    configuration = directory / "zabbix_server.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            address=address,
            port=port,
            directory=directory,
            socket=cluster.socket,
            db_port=cluster.port,
            database=NAME,
        )
    )
    configuration.chmod(0o600)
    account.own(configuration)
    return Server(
        name=name,
        argv=[*release.server, "-f", "-c", str(configuration)],
        account=account,
        ready=lambda: listens(address, port),
        where=f"{address}:{port}",
    )


def listens(address: str, port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        with socket.create_connection((address, port), timeout=2):
            return True
    except OSError:
        return False
