"""`vigie backup`: the commands of the backup's runbook and of its stores."""

import os
from pathlib import Path
from typing import Annotated

import typer

from vigie.errors import Exit, VigieError
from vigie.settings import SettingsError, Store

app = typer.Typer(help="Making, receiving, keeping and re-checking the dumps of the databases.", no_args_is_help=True)

_Site = Annotated[Path, typer.Argument(metavar="SITE.YAML", help="The site file.")]
_School = Annotated[str | None, typer.Option("--school", help="UAI of the school, when the site file has several.")]
_StoreFile = Annotated[
    Path, typer.Argument(metavar="STORE.JSON", help="The store's settings, as `vigie provision files` writes them.")
]


@app.callback()
def modes() -> None:
    """Files of a store are made for their owner, and readable at most by its group."""
    os.umask(0o027)


@app.command()
def run(site: _Site, school: _School = None) -> None:
    """Dump every Specibike database and bring the dumps to the backup server.

    Exit code: 0 everything is there, 1 something is missing, 2 nothing was done, 3 a run is going on already.
    """
    from runbooks.backup_databases import back_up
    from runbooks.progress import RunProgress
    from vigie import site as sites
    from vigie.backups.manifests import RunPhase

    loaded = sites.load(site)
    with RunProgress() as progress:
        done = back_up(loaded, loaded.school(school), progress.changed)
    progress.summary(done)
    if done.phase == RunPhase.DONE:
        return
    reached = any(database.stamp for database in done.databases.values())
    raise typer.Exit(Exit.FAILED if reached else Exit.REFUSED)


@app.command()
def init(store: _StoreFile) -> None:
    """Make the folders and the empty catalogue of a store; harmless when they are there."""
    from vigie.backups.store import initialise

    settings = _settings(store)
    initialise(Path(settings.root), settings.school)


@app.command()
def receive(store: _StoreFile) -> None:
    """Check what came into `incoming` and publish it (the rsync daemon runs this after each transfer)."""
    from vigie.backups.receive import receive as take

    settings = _settings(store)
    done = take(Path(settings.root), settings.school)
    for label, why in done.refused.items():
        typer.echo(f"refused {label}: {why}")
    if done.refused:
        raise typer.Exit(Exit.FAILED)


@app.command()
def keep(
    store: _StoreFile,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be removed and why; remove nothing.")
    ] = False,
) -> None:
    """Remove the dumps that the retention does not keep, and say why for each."""
    from vigie.backups import keep as keeping
    from vigie.naming import shown

    settings = _settings(store)
    rulings = keeping.foresee(settings) if dry_run else keeping.keep(settings)
    gone = [ruling for ruling in rulings if not ruling.verdict.kept]
    for ruling in gone:
        verb = "would remove" if dry_run else "removed"
        typer.echo(f"{verb} {shown(ruling.name)} {ruling.verdict.entry.stamp}: {ruling.verdict.why}")
    typer.echo(f"{len(rulings) - len(gone)} dumps kept, {len(gone)} {'to remove' if dry_run else 'removed'}")


@app.command()
def recheck(store: _StoreFile) -> None:
    """One cycle of the rolling re-check: read dumps again, compare them with their manifests."""
    from vigie.backups.recheck import recheck as look

    settings = _settings(store)
    done = look(Path(settings.root), settings.school, seconds=settings.recheck_seconds)
    typer.echo(f"{done.checked} dumps checked, {done.left} left for the next cycles, {len(done.corrupt)} corrupt")
    for label in done.corrupt:
        typer.echo(f"corrupt {label}")
    if done.corrupt:
        raise typer.Exit(Exit.FAILED)


@app.command("list")
def list_dumps(store: _StoreFile) -> None:
    """Show the dumps of a store."""
    from runbooks.progress import print_dumps
    from vigie.backups.store import opened

    settings = _settings(store)
    print_dumps(opened(Path(settings.root), settings.school))


@app.command()
def reindex(store: _StoreFile) -> None:
    """Rebuild the catalogue from the manifests, after it was lost or damaged."""
    from vigie.backups.catalogue import Layout
    from vigie.backups.store import locked
    from vigie.backups.store import reindex as rebuild

    settings = _settings(store)
    layout = Layout(Path(settings.root))
    with locked(layout, wait=60):
        index = rebuild(layout, settings.school)
    count = sum(len(held.dumps) for held in index.databases.values())
    typer.echo(f"{count} dumps of {len(index.databases)} databases; the next re-checks will read them")


@app.command()
def forget(
    store: _StoreFile,
    key: Annotated[str, typer.Argument(help="The database's key, as `vigie backup list` shows it.")],
    stamp: Annotated[str, typer.Argument(help="The dump's stamp.")],
) -> None:
    """Remove one dump that a person has judged, for instance a corrupt one."""
    from vigie.backups.catalogue import Layout
    from vigie.backups.journal import Journal
    from vigie.backups.store import locked, opened, remove

    settings = _settings(store)
    layout = Layout(Path(settings.root))
    with locked(layout, wait=60), Journal(layout.journal / "keep.jsonl") as journal:
        index = opened(layout.root, settings.school)
        held = index.databases.get(key)
        if held is None or all(entry.stamp != stamp for entry in held.dumps):
            raise VigieError(
                f"there is no dump {key} {stamp} in {layout.root}; `vigie backup list` shows those there are"
            )
        journal.note("forget", key=key, stamp=stamp, by=os.environ.get("SUDO_USER") or os.environ.get("USER", ""))
        remove(layout, index, [(key, stamp)])
    typer.echo(f"forgotten: {key} {stamp}")


def _settings(file: Path) -> Store:
    try:
        return Store.read(file)
    except SettingsError as error:
        raise VigieError(str(error)) from error
