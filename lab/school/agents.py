"""One Zabbix agent per machine of the school, each on its own address, all as the monitoring user."""

from collections.abc import Sequence
from pathlib import Path

from lab.accounts import Account
from lab.processes import Server
from lab.zabbix.server import listens

_CONFIGURATION = """
LogType=console
PidFile={folder}/run/zabbix_agentd.pid
Server={server}
ListenIP={address}
ListenPort={port}
SourceIP={address}
Hostname={hostname}
StartAgents=3
Timeout=10
Include={folder}/zabbix_agentd.d/*.conf
"""


def agent(
    *,
    name: str,
    program: Sequence[str],
    folder: Path,
    account: Account,
    hostname: str,
    address: str,
    port: int,
    server: str,
    parameters: str,
) -> Server:
    """Write an agent's configuration and say how it is run.

    Args:
        name: its name in `status`.
        program: the agent: a command's beginning.
        folder: where its files are.
        account: who it runs as.
        hostname: its host's name in Zabbix.
        address: where it listens.
        port: its port.
        server: the address Zabbix asks from.
        parameters: the text of its user parameters; empty when it has none.
    """
    parts = folder / "zabbix_agentd.d"
    parts.mkdir(parents=True, exist_ok=True)
    (folder / "run").mkdir(exist_ok=True)
    account.own(folder / "run")
    (parts / "vigie.conf").write_text(parameters)
    configuration = folder / "zabbix_agentd.conf"
    configuration.write_text(
        _CONFIGURATION.format(folder=folder, server=server, address=address, port=port, hostname=hostname)
    )
    return Server(
        name=name,
        argv=[*program, "-f", "-c", str(configuration)],
        account=account,
        ready=lambda: listens(address, port),
        where=f"{address}:{port}",
    )
