"""Between the check and PostgreSQL there is a network: what was read through it is not lost with it."""

import pytest
from contextserver import Contexts
from heldlink import HeldLink

from vigie.naming import key_of
from vigie.observe.openerp.observation import observe_openerp
from vigie.observe.openerp.states import ContextState, PostgresState, ServerState

REAL = "SpecibikeDupont"
NEW = "SpecibikeNouveau"


@pytest.fixture(scope="module", autouse=True)
def real(contexts: Contexts) -> None:
    """A real context that may be read, and one that may not be yet."""
    contexts.restore(REAL)
    contexts.grant()
    contexts.restore(NEW)


def test_what_was_read_is_kept_when_it_cannot_be_asked_again_which_contexts_there_are(contexts: Contexts) -> None:
    cluster = contexts.cluster
    with HeldLink(cluster.address, (cluster.address, cluster.port)) as link:
        file = contexts.service_file.with_name("held.conf")
        file.write_text(contexts.service_file.read_text().replace(f"port={cluster.port}", f"port={link.port}"))
        seen = observe_openerp(contexts.settings(service_file=str(file), deadline=2.0)).seen
    assert link.clients == 3
    assert seen.counts is not None
    assert (seen.counts.read, seen.counts.missed) == (2, 0)
    assert seen.contexts[key_of(REAL)].state == ContextState.UPGRADED
    assert seen.contexts[key_of(NEW)].state == ContextState.NOT_GRANTED


def test_a_lost_passfile_is_not_a_postgresql_that_does_not_answer(contexts: Contexts) -> None:
    """OpenERP is stopped meanwhile: nobody says that PostgreSQL serves it."""
    file = contexts.service_file.with_name("without-passfile.conf")
    lines = contexts.service_file.read_text().splitlines()
    file.write_text("\n".join(line for line in lines if not line.startswith("passfile=")))
    seen = observe_openerp(contexts.settings(service_file=str(file))).seen
    assert "no password supplied" in seen.postgres.error
    assert (seen.server.state, seen.postgres.state) == (ServerState.REFUSED, PostgresState.CLOSED_TO_US)
