"""Figures as people read them."""


def readable(size: int) -> str:
    """Bytes for people: `1.4 MiB`."""
    amount = float(size)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024:
            return f"{amount:.0f} B" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TiB"


def ago(seconds: int) -> str:
    """An age for people, its two greatest units: `2 d 4 h`; a dash when there is none."""
    if seconds < 0:
        return "-"
    for unit, name, lesser, lesser_name in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= unit:
            return f"{seconds // unit} {name} {seconds % unit // lesser} {lesser_name}"
    return f"{seconds} s"
