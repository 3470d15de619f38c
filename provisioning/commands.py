"""`vigie provision`: from the site file to Zabbix and to the hosts."""

import typer

from provisioning.hostfiles.command import files

app = typer.Typer(help="From the site file to Zabbix and to the hosts.", no_args_is_help=True)
app.command("files")(files)


@app.callback()
def group() -> None:
    """From the site file to Zabbix and to the hosts."""
