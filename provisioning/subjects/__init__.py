"""The subjects of the service, one small module each. Adding a subject is adding a module to this list."""

from itertools import chain

from provisioning.subjects import (
    backups,
    drbd,
    itself,
    log_centre,
    log_source,
    network,
    openerp,
    passwords,
    replication,
)
from provisioning.subjects.subject import Method, Order, Promises, Quiet, Subject

__all__ = ["SUBJECTS", "Method", "Order", "Promises", "Quiet", "Subject"]

_WATCHED: tuple[Subject, ...] = tuple(
    chain(
        backups.SUBJECTS,
        drbd.SUBJECTS,
        log_centre.SUBJECTS,
        log_source.SUBJECTS,
        network.SUBJECTS,
        openerp.SUBJECTS,
        passwords.SUBJECTS,
        replication.SUBJECTS,
    )
)
SUBJECTS: tuple[Subject, ...] = (*_WATCHED, itself.subject_beside(_WATCHED))
