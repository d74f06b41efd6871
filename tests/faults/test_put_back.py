"""A laptop loses its database, puts a safety copy back, and meets the real office again."""

from pathlib import Path

from hah_desktop.store.disk.files import DATABASE
from hah_desktop.store.exchange import chain
from hah_desktop.store.safety.backups import Backups
from hah_desktop.store.store import Store
from hah_desktop.store.tables import events
from hah_desktop.store.tables.events import Happened
from tests.faults.made import Machine
from tests.faults.plain import real_now
from tests.store.hand import copy_key
from tests.store.sound import faults
from tests.store.spoiling import flip


def test_nothing_that_the_office_had_is_lost_with_a_database(
    machine: Machine, tmp_path: Path
) -> None:
    store, keys = machine.unlocked.store, machine.unlocked.keys
    backups = Backups(tmp_path / "backups", copy_key)
    before = [machine.save(met_by=f"Before {n}") for n in range(2)]
    assert machine.sync().problem is None
    backups.make(store)
    sent = [machine.save(met_by=f"Sent {n}") for n in range(3)]
    assert machine.sync().problem is None
    only_here = machine.save(met_by="Never sent")

    path = machine.laptop.folder / DATABASE
    newest = backups.newest()
    assert newest is not None
    missing = backups.missing(newest, path, keys.database_spec)
    assert (missing.changes, missing.received) == (4, 3)
    store.close()
    flip(path, path.stat().st_size - 9)
    backups.put_back(newest, path, keys.database_spec)
    object.__setattr__(machine.unlocked, "store", Store.open(path, keys.database_spec, real_now))
    assert set(machine.visits()) == set(before)
    since = [machine.save(met_by=f"Since {n}") for n in range(5)]

    done = machine.sync()
    assert done.problem is None
    assert set(machine.visits()) == {*before, *sent, *since}
    assert only_here not in machine.visits()
    assert {visit.met_by for visit in machine.visits().values()} >= {"Sent 2", "Since 4"}
    assert machine.unsent() == 0
    assert faults(machine.unlocked.store) == []
    with machine.unlocked.store.reading() as connection:
        chain.check_chain(connection)
        noted = [event.what for event in events.events(connection)]
    assert Happened.HISTORY_RENUMBERED in noted
    machine.save(met_by="Afterwards")
    assert machine.sync().problem is None
    assert machine.unsent() == 0
