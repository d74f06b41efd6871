import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.changes import Change, canonical
from hah_desktop.domain.exchange import Accepted, ByHand, Heard, Receipt, Verdict
from hah_desktop.domain.ids import ChangeId
from hah_desktop.sync.wire.changes import write_receipts
from hah_desktop.sync.wire.form import NotOurs, lines
from hah_desktop.sync.wire.hand import (
    is_by_hand,
    part_name,
    read_by_hand,
    read_heard,
    write_asking_after,
    write_by_hand,
    write_heard,
)
from tests.domain.made import changes


@given(st.binary(), st.binary(), st.lists(changes, max_size=3))
def test_what_was_signed_arrives_to_the_very_byte(
    signed: bytes, signature: bytes, those: list[Change]
) -> None:
    hand = ByHand(signed, signature, b"".join(canonical(each) + b"\n" for each in those))
    assert read_by_hand(write_by_hand(hand)) == hand


@pytest.mark.parametrize("header", [{}, {"signed": "", "signature": 1}, {"signed": "no hex"}])
def test_what_is_no_such_thing_is_refused(header: dict[str, object]) -> None:
    with pytest.raises(NotOurs):
        read_by_hand(lines({"signature": "", **header}, []))


RECEIPT = Receipt(ChangeId("a change"), "its hash", Verdict.APPLIED, 7)


def test_what_the_office_lacks_comes_with_the_receipts() -> None:
    assert write_asking_after({RECEIPT.id: "of its words"}, ["a digest"]) == {
        "ids": [RECEIPT.id],
        "words": {RECEIPT.id: "of its words"},
        "given": ["a digest"],
    }
    body = write_heard(Accepted("an epoch", 7), [RECEIPT], {"two", "one"})
    assert read_heard(body) == Heard([RECEIPT], ["one", "two"])


def test_an_older_office_does_not_say_what_it_lacks() -> None:
    assert read_heard(write_receipts(Accepted("an epoch", 7), [RECEIPT])) == Heard([RECEIPT], [])


@pytest.mark.parametrize("lacks", ["one", [1], {}, None])
def test_what_is_lacking_is_a_list_of_digests(lacks: object) -> None:
    with pytest.raises(NotOurs):
        read_heard(lines({"epoch": "an epoch", "number": 7, "lacks": lacks}, []))


def test_a_part_that_holds_what_came_by_hand_is_known_by_its_name() -> None:
    assert [part_name(number) for number in (1, 12)] == ["by-hand-0001", "by-hand-0012"]
    assert is_by_hand(part_name(7))
    assert not is_by_hand("changes")
