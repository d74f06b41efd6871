"""Who judges the histories knows whom a restored office lets back in, and whom it may not."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy import Connection, select

from hah_central.database.rows import Laptop as Row
from hah_central.database.rows import Witness
from hah_central.journal import access, witness
from hah_desktop.domain.ids import FileId, LaptopId, RecordId, child_file, visit_file
from hah_desktop.domain.records.child import Child, Conversation
from hah_desktop.domain.records.visit import Visit
from hah_desktop.laptop import sticks
from hah_desktop.store.journal.saving import Edited
from hah_desktop.sync.errors import Unreachable, unreachable
from tests.simulation.laptop import Laptop
from tests.simulation.line import Line
from tests.simulation.truth import WRONG_ACCESS
from tests.simulation.worlds import World, begin, repeatable

Vouches = Callable[[Connection, RecordId, Sequence[FileId]], bool]


def edits(laptop: Laptop, visit: RecordId, words: str) -> None:
    opened = laptop.opens(visit)
    assert opened is not None
    held, saw = opened
    assert isinstance(held.record, Visit)
    laptop.save(Edited(replace(held.record, impression=words), held.seen), saw)


def comes_back(*, sam_read: bool) -> tuple[World, bool]:
    """The office lost Sam's visit, and that Ruth and Noor had it. Noor comes first, Ruth last.

    Returns whether Ruth has it then. Noor has nothing of it when she tells of Ruth's words.
    """
    world = begin("three people", 0)
    ruth, sam, noor = world.laptops
    office = world.office
    with repeatable(office):
        backup = office.backup()
        visit = RecordId(sam.store.new_id())
        sam.save(Edited(Visit(id=visit, advisers=frozenset({sam.adviser}))), {})
        sam.sync()
        for one in (ruth, noor):
            office.assigns(one.adviser, visit_file(visit))
            one.sync()
        edits(ruth, visit, "Quiet.")
        for one in (ruth, noor, *([sam] if sam_read else [])):
            one.sync()
        office.restore(backup, says_so=True)
        world.access.begin_again()
        world.access.follow(office)
        office.goes_back(backup)
        for one in (noor, sam, ruth):
            one.sync(allow_removals=True)
    return world, visit_file(visit) in office.files_of(ruth.adviser)


def hands_over(stick: Path) -> tuple[World, bool]:
    """Ruth names a child of Noor's on their visit, as no form does, and Noor takes her stick.

    Returns whether Ruth has the child then.
    """
    world = begin("three people", 0)
    ruth, _, noor = world.laptops
    visit, child = RecordId("visit-shared"), RecordId("child-own")
    with repeatable(world.office):
        ruth.save(Edited(Child(id=child, full_name="Zara Example")), {})
        talk = RecordId(ruth.store.new_id())
        ruth.save(Edited(Conversation(id=talk, visit=visit, child=child)), {})
        who = ruth.store.identity()
        assert who is not None
        with ruth.store.reading() as connection:
            cards = [c for c in sticks.colleagues(connection, visit) if c.laptop == noor.name]
        sticks.for_colleagues(ruth.store, who, visit, cards, stick)
        sticks.take(noor.store, stick)
        noor.sync()
        ruth.sync()
    return world, child_file(child) in world.office.files_of(ruth.adviser)


def by_whatever_waits(*, signed: bool, vouches: Vouches, plant: pytest.MonkeyPatch) -> None:
    """An office that lets somebody in by words of theirs that wait."""

    def vouched(connection: Connection, laptop: LaptopId, _: RecordId) -> frozenset[FileId]:
        told = select(Witness.files, Row.adviser).join(Row, Row.id == Witness.given_by)
        mine = told.where(Witness.laptop == laptop, (Witness.digest != "") == signed)
        found = connection.execute(mine).all()
        files = (each for each, giver in found if vouches(connection, giver, each))
        return frozenset[FileId]().union(*files)

    plant.setattr(witness, "vouched", vouched)


def test_an_author_is_let_in_by_somebody_who_has_it_and_nobody_is_accused() -> None:
    world, let_in = comes_back(sam_read=True)
    assert (let_in, world.truth.wrong) == (True, [])


def test_an_author_of_whom_nobody_tells_who_has_it_is_not_let_in() -> None:
    world, let_in = comes_back(sam_read=False)
    assert (let_in, world.truth.wrong) == (False, [])


def test_an_office_that_believes_anybody_who_tells_is_accused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    by_whatever_waits(signed=False, vouches=lambda *_: True, plant=monkeypatch)
    world, let_in = comes_back(sam_read=False)
    assert let_in
    assert {wrong.kind for wrong in world.truth.wrong} == {WRONG_ACCESS}


def test_an_author_is_let_in_to_nothing_by_their_own_stick(tmp_path: Path) -> None:
    world, let_in = hands_over(tmp_path / "stick")
    assert (let_in, world.truth.wrong) == (False, [])


def test_an_office_that_believes_the_author_s_own_stick_is_accused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def has_all(connection: Connection, giver: RecordId, files: Sequence[FileId]) -> bool:
        return access.files_of(connection, giver).issuperset(files)

    by_whatever_waits(signed=True, vouches=has_all, plant=monkeypatch)
    world, let_in = hands_over(tmp_path / "stick")
    assert let_in
    assert {wrong.kind for wrong in world.truth.wrong} == {WRONG_ACCESS}


def comes_between(*, says_so: bool, went_on: bool, met: bool, batch: int) -> tuple[World, bool]:
    """The office lost Sam's visit. Ruth, who had read it, goes on in it; Sam comes in between.

    It may have gone on beyond what Ruth had read before, or have met her a moment ago.

    Returns whether Sam has the visit then.
    """
    world = begin("three people", 0)
    ruth, sam, noor = world.laptops
    office = world.office
    with repeatable(office, batch=batch):
        backup = office.backup()
        visit = RecordId(sam.store.new_id())
        sam.save(Edited(Visit(id=visit, impression="Loud.", advisers=frozenset({sam.adviser}))), {})
        sam.sync()
        office.assigns(ruth.adviser, visit_file(visit))
        ruth.sync()
        office.restore(backup, says_so=says_so)
        world.access.begin_again()
        world.access.follow(office)
        office.goes_back(backup)
        world.access.wrote.clear()
        world.access.read = {ruth.name: ruth.heads_read()}
        for number in range(9 if went_on else 0):
            edits(noor, RecordId("visit-shared"), f"Bright, {number}.")
            noor.sync()
        edits(ruth, visit, "Quiet.")
        with patch.object(Line, "pull", side_effect=unreachable()), suppress(Unreachable):
            ruth.sync(met=met)
        for one in (sam, ruth, noor, sam):
            one.sync(allow_removals=True)
    return world, visit_file(visit) in office.files_of(sam.adviser)


@pytest.mark.parametrize("says_so", [True, False])
@pytest.mark.parametrize("went_on", [True, False])
@pytest.mark.parametrize("met", [True, False])
@pytest.mark.parametrize("batch", [1, 1000])
def test_an_author_is_not_locked_out_by_whoever_goes_on_before_they_noticed_a_restore(
    batch: int, *, says_so: bool, went_on: bool, met: bool
) -> None:
    world, let_in = comes_between(says_so=says_so, went_on=went_on, met=met, batch=batch)
    assert (let_in, world.access.locked_out, world.truth.wrong) == (True, [], [])
