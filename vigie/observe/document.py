"""An observation as one JSON document, for items, people and programs alike."""

import json

from vigie.hints import Any


def failed(observed_at: int, seconds: float, error: str) -> dict[str, Any]:
    """What every document begins with; a check that could not see has nothing else.

    Args:
        observed_at: epoch seconds.
        seconds: how long it took.
        error: one sentence; empty when all was seen.
    """
    return {"observed_at": observed_at, "seconds": seconds, "error": error}


def written(document: dict[str, Any]) -> bytes:
    """A document as Zabbix reads it: one line of UTF-8."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace") + b"\n"
