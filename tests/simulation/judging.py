"""What must hold once the network has healed: the truth against the office, and it against all."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping

from hah_central.journal.placing import again_at
from hah_desktop.domain.aside import Reason
from hah_desktop.domain.changes import Change, from_plain
from hah_desktop.domain.ids import ChangeId, RecordId
from hah_desktop.store.exchange import carrying
from hah_desktop.store.journal import drafts
from tests.simulation.desk import said
from tests.simulation.laptop import Laptop
from tests.simulation.office import Held
from tests.simulation.truth import (
    DIVERGED,
    LOST,
    OVERWRITTEN,
    RESURRECTED,
    WRONG_ACCESS,
    Truth,
    heads,
)
from tests.simulation.worlds import World


def judge(world: World) -> None:
    """Accuse whatever is not as it must be."""
    rows = world.office.journal()
    kept: dict[ChangeId, list[Change]] = {}
    aside: set[ChangeId] = set()
    told: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        change = from_plain(said(row.body))
        if row.id == again_at(row.seq):
            continue  # It came by hand before, and takes only its place in the chain here.
        kept.setdefault(change.id, []).append(change)
        if row.verdict == "set_aside":
            aside.add(change.id)
            told[change.laptop].add(change.id)
            if row.problem == Reason.OTHER_WORDS.why and change.id not in world.truth.altered:
                world.truth.accuse(LOST, f"{change.id} altered no words, and was set aside")
    _saves(world.truth, kept)
    in_force = {id_: changes[0] for id_, changes in kept.items() if id_ not in aside}
    _moved(world.truth, kept, in_force)
    _lost(world, kept, in_force)
    for record in world.office.mended:
        world.truth.accuse(DIVERGED, f"the office’s heads of {record} had to be mended")
    records = world.office.records()
    _heads(world.truth, in_force, records)
    for laptop in world.left():
        _laptop(world, laptop, records, in_force)
        _access(world, laptop)
        _aside(world.truth, laptop, told[laptop.name])
        _by_hand(world, laptop)


def _moved(truth: Truth, kept: Collection[ChangeId], in_force: Mapping[ChangeId, Change]) -> None:
    """What went from where it stood stands elsewhere."""
    for moved in truth.moves:
        # What the office cannot take of it is set aside, and told to its author as all that is.
        if moved.saved & in_force.keys() and moved.stands not in kept:
            truth.accuse(LOST, f"{moved.left} was moved, and {moved.stands} stands nowhere")


def _lost(
    world: World, kept: Mapping[ChangeId, object], in_force: Mapping[ChangeId, Change]
) -> None:
    """What a restored office lost it was told of, before anybody who knew of it went on there."""
    for words in world.access.locked_out:
        world.truth.accuse(LOST, f"a restored office locked {words}")
    known = world.office.witnessed() | kept.keys()
    replaced = {id_ for c in in_force.values() for e in c.edits.values() for id_ in e.replaces}
    # What had to stay on a laptop that is no longer given it is told once it goes from there.
    stays = {id_ for laptop in world.left() for id_ in _kept_back(world, laptop)}
    owed = set[ChangeId]().union(*(laptop.owes for laptop in world.left()))
    for id_ in sorted(owed - known - replaced - stays):
        world.truth.accuse(LOST, f"nobody told the office of {id_}, which it had lost")


def _saves(truth: Truth, kept: Mapping[ChangeId, list[Change]]) -> None:
    """Every acknowledged save is in the journal, once, as it was written."""
    for id_, saved in truth.saves.items():
        found = kept.get(id_, [])
        if not found and id_ not in truth.gone:
            truth.accuse(LOST, f"{id_} ({saved.number} of {saved.laptop}) is not in the journal")
        if len(found) > 1:
            truth.accuse(LOST, f"{id_} is in the journal {len(found)} times")
        if found and (found[0].record, found[0].edits) != (saved.record, saved.edits):
            truth.accuse(LOST, f"{id_} is in the journal with other words")


def _heads(truth: Truth, in_force: Mapping[ChangeId, Change], records: Mapping[str, Held]) -> None:
    """The office's heads are those that follow from the changes alone."""
    expected = heads(in_force)
    found = {
        (record, name): set(ids)
        for record, held in records.items()
        for name, ids in held.heads.items()
    }
    for place in sorted(expected.keys() | found.keys()):
        right, said = expected.get(place, set()), found.get(place, set())
        if right - said:
            truth.accuse(OVERWRITTEN, f"{place}: {sorted(right - said)}")
        if said - right:
            truth.accuse(RESURRECTED, f"{place}: {sorted(said - right)}")


def _laptop(
    world: World,
    laptop: Laptop,
    records: Mapping[str, Held],
    in_force: Mapping[ChangeId, Change],
) -> None:
    """A laptop shows what the office does of its files, and over it what came by hand."""
    rows = laptop.rows()
    carried = laptop.carried()
    over = {change.record for change in carried.values()}
    expected = heads({**in_force, **carried}) if carried else {}
    files = world.office.files_of(laptop.adviser)
    for record, held in records.items():
        if files.isdisjoint(world.access.lies_in[RecordId(record)]):
            continue
        if record not in rows:
            world.truth.accuse(DIVERGED, f"{laptop.name} does not have {record}")
            continue
        body, own = json.loads(rows[record].body), json.loads(rows[record].heads)
        if record in over:
            right = {name: sorted(ids) for (id_, name), ids in expected.items() if id_ == record}
            if {name: sorted(ids) for name, ids in own.items()} != right:
                world.truth.accuse(DIVERGED, f"{laptop.name} hides of {record} what came by hand")
            continue
        if body != held.body:
            world.truth.accuse(DIVERGED, f"{laptop.name}: {record} is {body}, not {held.body}")
        if {name: sorted(ids) for name, ids in own.items()} != held.heads:
            world.truth.accuse(DIVERGED, f"{laptop.name} has other heads of {record}")


def _access(world: World, laptop: Laptop) -> None:
    """The office gives what the rules give, and a laptop has nothing else any more."""
    files = world.office.files_of(laptop.adviser)
    for file in sorted(files):
        if not world.access.has(laptop.adviser, file):
            world.truth.accuse(WRONG_ACCESS, f"{laptop.name} has {file}")
    stays = _kept_for_drafts(laptop) | {c.record for c in laptop.carried().values()}
    for record, row in laptop.rows().items():
        if files.isdisjoint(json.loads(row.files)) and record not in stays:
            world.truth.accuse(WRONG_ACCESS, f"{laptop.name} keeps {record}")


def _kept_for_drafts(laptop: Laptop) -> set[str]:
    """The records that somebody is writing on, and whatever these name, as their visits."""
    with laptop.store.reading() as connection:
        begun = drafts.every(connection)
    rows = laptop.rows()
    kept = {draft.record for draft in begun}
    named = {*kept, *(draft.visit for draft in begun)}
    named.update(str(value) for draft in begun for value in draft.body.values())
    while more := (named & rows.keys()) - kept:
        kept |= more
        named = {str(said) for id_ in more for said in json.loads(rows[id_].body).values()}
    return kept


def _kept_back(world: World, laptop: Laptop) -> set[ChangeId]:
    """What the office told of records that are here and not given any more."""
    files = world.office.files_of(laptop.adviser)
    rows = laptop.rows()
    taken = {record for record in rows if files.isdisjoint(json.loads(rows[record].files))}
    told = {record: heads for record, heads in laptop.office_heads().items() if record in taken}
    return {id_ for fields in told.values() for ids in fields.values() for id_ in ids}


def _by_hand(world: World, laptop: Laptop) -> None:
    """What came from a colleague’s hand is at the office, or waits there for a person."""
    at_office = world.office.ids_of_changes() | world.office.witnessed()
    for id_ in sorted(_vouched_for(laptop) - at_office):
        world.truth.accuse(LOST, f"{laptop.name} did not give {id_} to the office, come by hand")
    for id_ in sorted(laptop.carried().keys() & world.office.ids_of_changes()):
        world.truth.accuse(DIVERGED, f"{laptop.name} is not told that the office has {id_}")


def _vouched_for(laptop: Laptop) -> set[ChangeId]:
    """What came by hand there and the office has to have by now, with its author’s signature."""
    with laptop.store.reading() as connection:
        asked = "SELECT id FROM taken_bundle WHERE changes IS NOT NULL AND refused < ?"
        kept = [id_ for (id_,) in laptop.disk.ask(asked, carrying.MOST_REFUSALS)]
        hands = [hand for id_ in kept for hand in carrying.proofs(connection, id_)]
    return {c.id for hand in hands for c in carrying.read_changes(hand.changes)}


def _aside(truth: Truth, laptop: Laptop, aside: Collection[str]) -> None:
    """What was set aside is shown as that, and is no part of any record."""
    own = laptop.own_ids()
    for id_ in sorted((laptop.set_aside() & own).symmetric_difference(own.intersection(aside))):
        truth.accuse(LOST, f"{laptop.name} is not told rightly of {id_}, set aside")
    for record, row in laptop.rows().items():
        named = {head for ids in json.loads(row.heads).values() for head in ids}
        if not named.isdisjoint(aside):
            truth.accuse(DIVERGED, f"{laptop.name} shows of {record} what was set aside")
        for name, ids in json.loads(row.open or "{}").items():
            if len(laptop.values(ids, name)) < 2:
                truth.accuse(DIVERGED, f"{laptop.name} asks about equal sides of {record}")
