"""Killed at any moment, a store shows readers whole dumps only, and the next program puts it in order."""

from pathlib import Path

from dumpbuilder import DAY, SCHOOL, STARTED, agrees, deliver, labels, manifest_of, published, put, stamp_of, store_in
from killing import killed_at_each_act

from vigie.backups.catalogue import Layout, read_index
from vigie.backups.keep import keep
from vigie.backups.manifests import Receipt
from vigie.backups.receive import receive
from vigie.backups.store import initialise, locked, opened, reindex, remove, settle
from vigie.settings import Store

OLD = STARTED - DAY


def in_order(layout: Layout) -> None:
    """What the next program does first, and what must be true afterwards."""
    with locked(layout):
        settle(layout, opened(layout.root, SCHOOL))
    agrees(layout)
    assert not [path for path in layout.dumps.glob("*/*") if path.name.startswith(".")]


def with_an_old_dump(folder: Path) -> Layout:
    layout = store_in(folder)
    put(layout, "SpecibikeMartin", b"old" * 1000, OLD)
    return layout


def test_publishing(tmp_path: Path) -> None:
    old, new = f"SpecibikeMartin/{stamp_of(OLD)}", f"SpecibikeMartin/{stamp_of(STARTED)}"
    seen = []
    for _, layout in killed_at_each_act(
        tmp_path, with_an_old_dump, lambda layout: put(layout, "SpecibikeMartin", b"new" * 1000)
    ):
        assert old in published(layout)
        read_index(layout.index)
        in_order(layout)
        seen.append(new in published(layout))
    assert seen == sorted(seen), "once published, it stays"
    assert seen[0] is False
    assert seen[-1] is True


def test_removing(tmp_path: Path) -> None:
    def three(folder: Path) -> Layout:
        layout = with_an_old_dump(folder)
        put(layout, "SpecibikeMartin", b"new" * 1000)
        put(layout, "SpecibikeAlone", b"alone" * 1000)
        return layout

    doomed = [("SpecibikeMartin", stamp_of(OLD)), ("SpecibikeAlone", stamp_of(STARTED))]
    for _, layout in killed_at_each_act(
        tmp_path, three, lambda layout: remove(layout, read_index(layout.index), list(doomed))
    ):
        published(layout)
        listed = labels(read_index(layout.index))
        in_order(layout)
        assert f"SpecibikeMartin/{stamp_of(STARTED)}" in published(layout)
        assert published(layout) <= listed
    assert published(layout) == {f"SpecibikeMartin/{stamp_of(STARTED)}"}
    assert not (layout.dumps / "SpecibikeAlone").exists()


def test_the_retention(tmp_path: Path) -> None:
    def a_week(folder: Path) -> Layout:
        layout = store_in(folder)
        for day in range(4):
            put(layout, "SpecibikeMartin", b"%d" % day * 100, STARTED - day * DAY)
        return layout

    def apply(layout: Layout) -> None:
        keep(Store(SCHOOL, str(layout.root), 2, 0, 0, 90 * DAY, "Europe/Paris", 20))

    for _, layout in killed_at_each_act(tmp_path, a_week, apply):
        assert f"SpecibikeMartin/{stamp_of(STARTED)}" in published(layout)
        apply(layout)
        in_order(layout)
        assert len(published(layout)) == 2


def test_receiving(tmp_path: Path) -> None:
    martin, alone = manifest_of("SpecibikeMartin", b"martin" * 500), manifest_of("SpecibikeAlone", b"alone" * 500)

    def delivered(folder: Path) -> Layout:
        layout = with_an_old_dump(folder)
        return redelivered(layout)

    def redelivered(layout: Layout) -> Layout:
        deliver(layout, martin, b"martin" * 500)
        deliver(layout, alone, b"alone" * 500)
        return layout

    for _, layout in killed_at_each_act(tmp_path, delivered, lambda layout: receive(layout.root, SCHOOL)):
        receipt = layout.receipts / f"{martin.run}.json"
        if receipt.exists():  # what it promises is on the disk
            assert Receipt.from_json(receipt.read_bytes()).accepted <= published(layout)
            assert Receipt.from_json(receipt.read_bytes()).accepted <= labels(read_index(layout.index))
        receive(layout.root, SCHOOL)
        in_order(layout)
        receive(redelivered(layout).root, SCHOOL)  # the sender, who got no receipt, sends again
        in_order(layout)
        promised = Receipt.from_json(receipt.read_bytes())
        assert promised.accepted == {f"{martin.key}/{martin.stamp}", f"{alone.key}/{alone.stamp}"}
        assert promised.accepted <= published(layout)
        assert not promised.refused
        assert not list(layout.incoming.glob("dumps/*/*"))


def test_making_the_store(tmp_path: Path) -> None:
    for _, root in killed_at_each_act(tmp_path, lambda folder: folder / "store", lambda root: initialise(root, SCHOOL)):
        initialise(root, SCHOOL)
        assert opened(root, SCHOOL).databases == {}


def test_rebuilding_the_catalogue(tmp_path: Path) -> None:
    def without_catalogue(folder: Path) -> Layout:
        layout = with_an_old_dump(folder)
        put(layout, "SpecibikeAlone", b"alone" * 1000)
        layout.index.unlink()
        return layout

    for _, layout in killed_at_each_act(tmp_path, without_catalogue, lambda layout: reindex(layout, SCHOOL)):
        reindex(layout, SCHOOL)
        in_order(layout)
        assert len(published(layout)) == 2
