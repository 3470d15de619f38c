"""The commands of `vigie check`, one per subject; each imports what it needs when it is called."""

import typer

from vigie.check import backups, canary, drbd, itself, logs, openerp, passwords, replication

app = typer.Typer(help="Observe, as Zabbix does, and show it. Changes nothing.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Observe, as Zabbix does, and show it. Changes nothing."""


app.command("backups")(backups.command)
app.command("canary")(canary.command)
app.command("drbd")(drbd.command)
app.command("itself")(itself.command)
app.command("logs")(logs.command)
app.command("openerp")(openerp.command)
app.command("passwords")(passwords.command)
app.command("replication")(replication.command)
