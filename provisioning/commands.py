"""`vigie provision`: from the site file to Zabbix and to the hosts."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from provisioning.hostfiles.command import files
from vigie.errors import Exit

SiteArgument = Annotated[Path, typer.Argument(metavar="SITE.YAML", help="The site file.")]

app = typer.Typer(help="From the site file to Zabbix and to the hosts.", no_args_is_help=True)
app.command("files")(files)


@app.command("plan")
def plan_command(site: SiteArgument) -> None:
    """Show what `apply` would change, and write nothing.

    Exit code 0: nothing would change; 2: something would (or the site file is wrong); 1: Zabbix cannot be asked.
    """
    from provisioning import application, display
    from provisioning.shipped import shipped_templates
    from vigie import site as sites
    from vigie.zabbix.access import connect

    loaded = sites.load(site)
    plan = application.plan(connect(loaded.zabbix), loaded, shipped_templates())
    display.show_plan(plan, Console())
    raise typer.Exit(int(Exit.REFUSED) if plan.changes else int(Exit.DONE))


@app.command("apply")
def apply_command(
    site: SiteArgument,
    approve_removals: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="Approve exactly N removals, when there are more than the site's limit."),
    ] = None,
) -> None:
    """Make Zabbix what the site file says. Nothing is written when nothing differs.

    Exit code 0: done; 2: refused, nothing was touched; 1: Zabbix cannot be asked, or the connection was lost on the
    way: start again, and what is missing is completed.
    """
    from provisioning import application, display
    from provisioning.shipped import shipped_templates
    from vigie import site as sites
    from vigie.zabbix.access import connect

    loaded = sites.load(site)
    console = Console()
    session = connect(loaded.zabbix)
    with display.ProgressBar(console) as progress:
        plan = application.apply(session, loaded, shipped_templates(), progress, approve_removals)
    display.show_applied(plan, console)
    console.print(f"{session.reads} reads and {session.writes} writes of Zabbix's API", style="dim")
