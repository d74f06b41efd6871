"""A laptop of which there are two copies: the office notices, and no word of either is lost."""

from contextlib import suppress

from hah_desktop.store.errors import AnotherHistory
from hah_desktop.store.exchange import outbox
from tests.central.laptop import new_id
from tests.central.syncing import Shipped, Yard


def copied(yard: Yard) -> tuple[Shipped, Shipped, str]:
    """A laptop, and a copy of it that was made after a sync."""
    first, visit = yard.laptop("Ada Example"), new_id()
    first.edit(visit, met_by="T. Lark")
    first.synced()
    return first, yard.copied(first), visit


def test_two_copies_that_both_went_on_are_told_what_to_do(yard: Yard) -> None:
    first, second, visit = copied(yard)
    first.edit(visit, impression="Quiet.")
    second.edit(visit, impression="Loud.")
    first.synced()
    before = second.says(visit)
    done = second.sync()
    assert isinstance(done.problem, AnotherHistory)
    assert "Call the office" in str(done.problem)
    assert second.name.enrolled.laptop in str(done.problem)
    assert second.unsent() == 1
    assert second.says(visit) == before
    assert first.synced().run.agrees is True


def test_what_the_second_copy_did_not_send_can_be_handed_over(yard: Yard) -> None:
    first, second, visit = copied(yard)
    first.edit(visit, impression="Quiet.")
    first.synced()
    second.edit(visit, impression="Loud.")
    with suppress(AnotherHistory):
        second.sync()
    with second.store.reading() as connection:
        (waiting,) = outbox.unsent(connection, 10)
    assert waiting.edits["impression"].value == "Loud."


def test_a_copy_that_wrote_nothing_is_brought_up_to_where_the_other_is(yard: Yard) -> None:
    first, second, visit = copied(yard)
    first.edit(visit, impression="Quiet.")
    first.synced()
    second.synced()
    assert second.says(visit) == first.says(visit)
    second.edit(visit, met_by="S. Wren")
    second.synced()
    first.synced()
    assert first.says(visit)["met_by"] == "S. Wren"


def test_sending_the_same_twice_is_one_effect_and_no_fork(yard: Yard) -> None:
    first, second, visit = copied(yard)
    first.edit(visit, impression="Quiet.")
    with first.store.reading() as connection:
        waiting = outbox.unsent_spelled(connection, 10)
    first.synced()
    first.line.pack(first.epoch(), waiting).answer()
    first.synced()
    second.synced()
    assert second.says(visit) == first.says(visit) == {"met_by": "T. Lark", "impression": "Quiet."}
