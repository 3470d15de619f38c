"""OpenERP's log: `[2026-11-21 18:18:53,368][database or ?] LEVEL:logger:message`, tracebacks as lines of their own."""

import logging
from logging.handlers import TimedRotatingFileHandler

_FORMAT = "[%(asctime)s][%(database)s] %(levelname)s:%(name)s:%(message)s"


def start(file: str) -> None:
    """Log into a file that is turned over each day, as OpenERP's is."""
    handler = TimedRotatingFileHandler(file, when="D", interval=1, backupCount=30, encoding="utf-8")
    handler.setFormatter(logging.Formatter(_FORMAT, defaults={"database": "?"}))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)


def info(logger: str, message: str, database: str = "?") -> None:
    logging.getLogger(logger).info(message, extra={"database": database})


def error(logger: str, message: str, database: str = "?") -> None:
    """An error, with the traceback of what is being handled."""
    logging.getLogger(logger).error(message, exc_info=True, extra={"database": database})
