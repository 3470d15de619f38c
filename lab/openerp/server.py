"""The stand-in's program: `openerp-server.py -c FILE [-d DATABASE -u all --stop-after-init]`."""

import os
import signal
import sys
import threading
from pathlib import Path

import psycopg2

from lab.openerp import configuration, log
from lab.openerp.databases import Scheduled, upgrade
from lab.openerp.web import Server

_DELAY = "VIGIE_LAB_OPENERP_DELAY"


def main(folder: Path, arguments: list[str]) -> int:
    """Serve until SIGTERM or SIGINT, or upgrade and end.

    Args:
        folder: `bin` of the release.
        arguments: of the command line.

    Returns:
        the exit code: 0, or 1 when an upgrade failed.
    """
    if os.geteuid() == 0:
        sys.stderr.write("Attempted to run the stand-in for OpenERP as root: OpenERP refuses that.\n")
        return 1
    known = configuration.read(folder, arguments, os.environ.get(_DELAY, ""))
    log.start(known.logfile)
    log.info("server", f"OpenERP version - {known.release} (stand-in of the lab, not OpenERP)")
    if known.update:
        try:
            for database in known.databases:
                upgrade(known, database)
        except psycopg2.Error:
            log.error("init", "the upgrade failed", known.databases[0])
            return 1
    if known.stop_after_init:
        return 0
    Path(known.pidfile).write_text(f"{os.getpid()}\n")
    _serve(known)
    Path(known.pidfile).unlink(missing_ok=True)
    return 0


def _serve(known: configuration.Configuration) -> None:
    over = threading.Event()
    with Server(known) as server:
        log.info("web-services", f"starting HTTP service at {known.xmlrpc_interface} port {known.xmlrpc_port}")
        for database in known.databases:
            Scheduled(known, database, over).start()

        def stop(*_: object) -> None:
            log.info("shutdown", "Initiating OpenERP Server shutdown")
            over.set()
            threading.Thread(target=server.shutdown).start()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        log.info("server", "OpenERP server is running, waiting for connections...")
        server.serve_forever(poll_interval=0.1)
