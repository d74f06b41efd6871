"""How a laptop and its office meet: the letters that enrol it, and the answer to a challenge."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.seals.errors import Misheard
from hah_desktop.seals.letters import ALPHABET
from hah_desktop.seals.orders import SignedOrder
from hah_desktop.sync.wire.form import NotOurs
from hah_desktop.sync.wire.joining import read_challenge, write_challenge, write_standing
from hah_desktop.sync.wire.signed import read_code, write_code

halves = st.text(ALPHABET, min_size=12, max_size=12)
orders = st.lists(st.builds(SignedOrder, body=st.text(), signature=st.text()), max_size=3)


@given(halves, halves)
def test_a_code_and_a_fingerprint_are_read_out_as_one(code: str, fingerprint: str) -> None:
    typed = write_code(code, fingerprint)
    assert [len(group) for group in typed.split("-")] == [5] * 6
    assert read_code(typed.lower().replace("-", " ")) == (code, fingerprint)


@pytest.mark.parametrize("typed", ["", "AAAA-BBBB-CCCC", write_code("A" * 12, "B" * 12)[:-1]])
def test_half_a_code_is_no_code(typed: str) -> None:
    with pytest.raises(Misheard):
        read_code(typed)


@given(st.text(), orders)
def test_a_challenge_reads_back_as_it_was_written(words: str, given_: list[SignedOrder]) -> None:
    sent = json.loads(json.dumps(write_challenge(words, given_)))
    assert read_challenge(sent) == (words, given_)


def test_an_office_that_knows_no_orders_gives_none() -> None:
    assert read_challenge({"challenge": "once"}) == ("once", [])


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"challenge": 5},
        {"challenge": "once", "orders": {}},
        {"challenge": "once", "orders": ["revoke"]},
        {"challenge": "once", "orders": [{"body": "{}"}]},
        {"challenge": "once", "orders": [{"body": {}, "signature": "00"}]},
    ],
)
def test_a_challenge_out_of_form_is_not_the_offices(body: object) -> None:
    with pytest.raises(NotOurs):
        read_challenge(body)


def test_a_laptop_tells_what_it_knows_of_itself_and_no_more() -> None:
    assert write_standing(None, None, "") == {}
    assert write_standing(None, None, "0.1.0") == {"program": "0.1.0"}
    told = {"program": "0.1.0", "waiting": 0, "ahead": -7}
    assert write_standing(0, -7, "0.1.0") == told
