"""Where Vigie's data files are: in the checkout, or under the prefix it was installed in."""

import sys
from pathlib import Path


def room(name: str) -> Path:
    """The folder `templates`, `userparameters`, `externalscripts` or `examples`."""
    checkout = Path(__file__).resolve().parent.parent / name
    return checkout if checkout.is_dir() else Path(sys.prefix) / "share" / "vigie" / name
