"""What must be undone before templates are unlinked: Zabbix 7.0 keeps a template whose triggers others depend on."""

from collections.abc import Collection, Sequence

from provisioning.batches import SMALL, batches
from vigie.zabbix.releases import Row
from vigie.zabbix.session import Session


def let_go(session: Session, hosts: Collection[str], rows: Sequence[Row]) -> None:
    """Take away the dependencies on triggers that go with the templates that hosts are about to lose.

    Args:
        session: connected.
        hosts: the ids of all the hosts whose triggers may depend on them.
        rows: what `host.update` is given; those with `templates_clear` unlink.
    """
    unlinked = {(row["hostid"], link["templateid"]) for row in rows for link in row.get("templates_clear", ())}
    if not unlinked:
        return
    parents = session.get(
        "trigger",
        output=["triggerid"],
        templateids=sorted({template for _, template in unlinked}),
        selectHosts=["hostid"],
    )
    template_of = {trigger["triggerid"]: trigger["hosts"][0]["hostid"] for trigger in parents}
    triggers = session.get(
        "trigger",
        output=["triggerid", "templateid"],
        hostids=list(hosts),
        inherited=True,
        selectHosts=["hostid"],
        selectDependencies=["triggerid"],
    )
    going = {
        trigger["triggerid"]
        for trigger in triggers
        if (trigger["hosts"][0]["hostid"], template_of.get(trigger["templateid"])) in unlinked
    }
    updates = []
    for trigger in triggers:
        above = {other["triggerid"] for other in trigger["dependencies"]}
        if above & going and trigger["triggerid"] not in going:
            kept = [{"triggerid": other} for other in sorted(above - going, key=int)]
            updates.append({"triggerid": trigger["triggerid"], "dependencies": kept})
    for batch in batches(updates, SMALL):
        session.call("trigger.update", list(batch))
