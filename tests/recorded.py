"""What a real OpenERP 6.0 answered, logged and stored: recorded beside the checkout, not in it."""

from pathlib import Path

import pytest

_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "openerp-6.0"


def recorded(name: str) -> Path:
    """A recorded file; the test that asks for it is skipped, with the reason, where the recordings are not."""
    file = _FOLDER / name
    if not file.exists():
        pytest.skip(f"the recordings of a real OpenERP are not beside this checkout ({file})")
    return file
