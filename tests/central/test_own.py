"""A laptop that lost its changes is given its own back, as it sent them, and nobody else’s."""

from collections.abc import Callable

import httpx
import pytest

from hah_desktop.domain.changes import MAX_TEXT, content_hash
from hah_desktop.domain.exchange import OwnChange
from hah_desktop.sync.wire.changes import read_own
from hah_desktop.sync.wire.form import MAX_CHANGES
from hah_desktop.sync.wire.joining import read_token
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, good, new_id, problem
from tests.central.test_people import ask_token, challenge

Laptops = Callable[[str], Laptop]


def ask(laptop: Laptop, after: object, most: object = MAX_CHANGES) -> httpx.Response:
    headers = {"Authorization": f"Bearer {laptop.token}"}
    sent = {"after": after, "most": most}
    return laptop.client.post("/v1/own", json=sent, headers=headers)


def own(laptop: Laptop, after: int, most: int = MAX_CHANGES) -> list[OwnChange]:
    return read_own(good(ask(laptop, after, most)).content)


def test_signing_in_tells_the_end_of_the_laptops_chain(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    _, reached = read_token(good(ask_token(ada, challenge(ada))).json())
    assert (reached.number, reached.hash) == (0, "")
    made = [ada.visit(new_id(), met_by="T. Lark") for _ in range(2)]
    ada.push(*made)
    _, reached = read_token(good(ask_token(ada, challenge(ada))).json())
    assert (reached.number, reached.hash) == (2, content_hash(made[1]))


def test_what_a_laptop_sent_comes_back_as_it_was_in_order(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    made = [ada.visit(new_id(), met_by=f"Person {n}") for n in range(5)]
    ben.push(ben.visit(new_id(), met_by="Nobody else’s business"))
    receipts = ada.push(*made)
    found = own(ada, 0)
    assert [each.change for each in found] == made
    assert [each.order for each in found] == [receipt.order for receipt in receipts]
    assert [content_hash(each.change) for each in found] == [receipt.hash for receipt in receipts]
    assert [each.change for each in own(ada, 3)] == made[3:]
    assert [each.change for each in own(ada, 1, most=2)] == made[1:3]
    assert own(ada, 5) == []


def test_what_was_set_aside_says_so(laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    visit = ada.visit(new_id(), met_by="T. Lark")
    ada.push(visit)
    (receipt,) = ben.push(ben.visit(visit.record, met_by="S. Wren"))
    (found,) = own(ben, 0)
    assert (found.verdict, found.problem) == (receipt.verdict, receipt.problem)
    assert found.problem


def test_long_ones_come_a_few_at_a_time(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    made = [ada.visit(new_id(), impression="x" * MAX_TEXT) for _ in range(9)]
    for change in made:
        ada.push(change)
    first = own(ada, 0)
    assert 1 <= len(first) < len(made)
    assert [each.change for each in [*first, *own(ada, len(first))]] == made


@pytest.mark.parametrize(
    ("after", "most"), [(None, 1), (-1, 1), ("0", 1), (0, None), (0, -1), (0, True), (2**63, 1)]
)
def test_a_question_out_of_form_is_refused(laptop: Laptops, after: object, most: object) -> None:
    problem(ask(laptop("Ada Example"), after, most), 422, "unreadable")


def test_without_a_good_token_nothing_is_given(desk: Desk) -> None:
    problem(desk.client.post("/v1/own", json={"after": 0, "most": 1}), 401, "sign-in")
