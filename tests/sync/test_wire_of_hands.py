import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.changes import Change, canonical
from hah_desktop.domain.exchange import ByHand
from hah_desktop.sync.wire.form import NotOurs, lines
from hah_desktop.sync.wire.hand import read_by_hand, write_by_hand
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
