"""From nothing to a school that Zabbix watches: what `script/quickstart` does once everything is installed."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from lab.places import Places, default_directory
from lab.showing import print_problems, print_watched
from lab.watched import Watched
from lab.whole import Identity, Lab, find, identity
from lab.zabbix.login import USER
from vigie.errors import VigieError

# Three machines with the official Linux template, and what Vigie watches of fourteen databases.
_LEAST_ITEMS = 250
_VALUES_WITHIN = 150.0


def main() -> None:
    """Start the lab, apply the site file, take the first backup, wait for values, show them.

    Exit code 0 when all of it worked; 1 or 2 with one sentence when it did not.
    """
    if len(sys.argv) > 1:  # an option that was meant for another lab must not start this one
        raise VigieError(f"it takes no argument, and got {sys.argv[1]!r}; `vigie lab up` makes a lab elsewhere")
    begun = time.monotonic()
    console = Console(highlight=False)
    lab = _lab()
    with lab.held(), _steps(console) as step:
        step("Starting the lab")
        lab.up(lambda what: step(f"Starting the lab: {what}"))
        step("Applying the site file to Zabbix")
        lab.machines.provision()
        lab.zabbix.reload()
        step("Taking the first backup of the school's databases")
        lab.machines.back_up()
        step("Waiting until Zabbix has a value for every item")
        api = lab.zabbix.api()
        watched = Watched(api, lab.machines.school.uai)
        count = watched.wait_for_values(deadline=_VALUES_WITHIN, least=_LEAST_ITEMS)
    print_watched(console, watched)
    print_problems(console, watched)
    api.close()
    console.print(f"\n{count} items have a value; ready in {time.monotonic() - begun:.0f} s.\n")
    console.print(f"Zabbix     {lab.zabbix.url}/", soft_wrap=True)
    console.print(f"login      {USER}, password {lab.zabbix.password_file.read_text().strip()}", soft_wrap=True)
    console.print(f"site file  {lab.places.site}\n", soft_wrap=True)
    console.print("What to try next:")
    for what, command_line in _NEXT:
        console.print(f"  .venv/bin/vigie {command_line:<34} {what}", soft_wrap=True)


_NEXT = (
    ("what can be broken, and the problem that Zabbix raises", "lab faults"),
    ("cut a dump in half; see it in Zabbix within seconds", "lab break truncated-dump"),
    ("mend it as an administrator would: the problem closes", "lab mend truncated-dump"),
    ("let a certificate end: see the line of Vigie turn in the service tree", "lab break certificate-ends"),
    ("what runs, and where the logs are", "lab status"),
    ("stop everything; the data stays", "lab down"),
    ("stop everything and remove it", "lab remove"),
)


def _lab() -> Lab:
    """The lab of the usual directory, as it was made or new."""
    root = default_directory()
    if identity(root) is not None:
        return find(root)
    new = Identity()
    return Lab(Places(root, new.block), new.release)


@contextmanager
def _steps(console: Console) -> Iterator[Callable[[str], None]]:
    """Show each step as it begins, with the time it takes; where nobody watches, one line a step."""
    if not console.is_terminal:
        yield lambda what: console.print(what, markup=False)
        return
    columns = (SpinnerColumn(finished_text="[green]✓[/green]"), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        going: list[TaskID] = []

        def finish() -> None:
            while going:
                progress.update(going.pop(), total=1, completed=1)

        def step(what: str) -> None:
            finish()
            going.append(progress.add_task(what, total=None))

        yield step
        finish()


if __name__ == "__main__":
    try:
        main()
    except VigieError as failure:
        sys.stderr.write(f"quickstart: {failure.sentence}\n")
        sys.exit(int(failure.exit_code))
