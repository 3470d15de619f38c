"""A plan and its application as a person sees them."""

from collections import Counter
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from provisioning.application import Plan
from provisioning.model import Act, Change, FieldChange

_SIGNS = {Act.CREATE: ("+", "green"), Act.UPDATE: ("~", "yellow"), Act.REMOVE: ("-", "red")}
_WORDS = {Act.CREATE: "to create", Act.UPDATE: "to change", Act.REMOVE: "to remove"}

_DONE = {Act.CREATE: "created", Act.UPDATE: "changed", Act.REMOVE: "removed"}


def show_plan(plan: Plan, console: Console) -> None:
    """Print every change, object by object and field by field, then the sums."""
    kind = ""
    for change in plan.changes:
        if change.kind != kind:
            kind = change.kind
            console.print(Text(_plural(kind, 2), style="bold"))
        for line in _lines(change):
            console.print(line, soft_wrap=True)
    for note in plan.notes:
        console.print(Text(f"note: {note}", style="cyan"), soft_wrap=True)
    console.print(summary(plan))


def show_applied(plan: Plan, console: Console) -> None:
    """Print what was done, one line per kind of object."""
    for kind, count in Counter((change.kind, change.act) for change in plan.changes).items():
        sign, style = _SIGNS[kind[1]]
        console.print(Text(f"  {sign} {count} {_plural(kind[0], count)} {_DONE[kind[1]]}", style=style))
    for note in plan.notes:
        console.print(Text(f"note: {note}", style="cyan"), soft_wrap=True)
    if not plan.changes:
        console.print(summary(plan))


def summary(plan: Plan) -> Text:
    """One line: how many objects change, how many things are lost."""
    if not plan.changes:
        return Text("Zabbix is what the site file says: nothing to change.", style="green")
    counts = plan.counts()
    parts = [f"{counts[act]} {_WORDS[act]}" for act in Act if counts[act]]
    text = Text(", ".join(parts), style="bold")
    if plan.lost:
        text.append(f"; {plan.lost} removed from Zabbix with their data", style="bold red")
    return text


def _lines(change: Change) -> Iterator[Text]:
    sign, style = _SIGNS[change.act]
    yield Text(f"  {sign} {printable(change.name)}", style=style)
    for field in change.fields:
        # A new object is told by its name; what it is described with adds nothing.
        if change.act is not Act.CREATE or (field.name != "description" and field.added != (change.name,)):
            yield from _field_lines(field)


def _field_lines(field: FieldChange) -> Iterator[Text]:
    name = printable(field.name)
    if not field.removed and not field.added:
        yield Text(f"      {name}")
        return
    if len(field.removed) <= 1 and len(field.added) <= 1:
        line = Text(f"      {name}: ")
        if field.removed:
            line.append(_short(field.removed[0]), style="red" if not field.added else "dim")
        if field.removed and field.added:
            line.append(" -> ", style="yellow")
        elif not field.added:
            line.append(" (removed)", style="red")
        if field.added:
            line.append(_short(field.added[0]), style="green")
        yield line
        return
    yield Text(f"      {name}:")
    for part in field.removed:
        yield Text(f"        - {_short(part)}", style="red")
    for part in field.added:
        yield Text(f"        + {_short(part)}", style="green")


def _plural(kind: str, count: int) -> str:
    if count == 1:
        return kind
    return f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"


def _short(text: str) -> str:
    text = printable(text)
    return text if len(text) <= 300 else f"{text[:300]}… ({len(text)} characters)"


def printable(text: str) -> str:
    """A text on one line, with what would move the terminal's cursor escaped."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" if c != "\n" else "\\n" for c in text)


class ProgressBar:
    """Shows an application as it goes: one bar over all objects."""

    def __init__(self, console: Console) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def starts(self, plan: Plan) -> None:
        """Show the bar, when there is something to do."""
        if plan.changes:
            self._bar.start()
            self._task = self._bar.add_task("applying", total=len(plan.changes))

    def done(self, title: str, count: int) -> None:
        """Advance; what only became known on the way makes the whole longer."""
        if self._task is None:
            return
        self._bar.update(self._task, description=_plural(title, 2), advance=count)
        task = self._bar.tasks[0]
        if task.total is not None and task.completed > task.total:
            self._bar.update(self._task, total=task.completed)
