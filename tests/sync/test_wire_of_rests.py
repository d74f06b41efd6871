"""A push that asks what else is new, and its answer: on the wire, and in place of a page."""

import json
from typing import Any, NoReturn

import pytest

from hah_desktop.domain.capacity import Capacity
from hah_desktop.domain.digest import names
from hah_desktop.domain.exchange import Accepted, Page, Reached, Rest
from hah_desktop.domain.ids import FileId
from hah_desktop.sync.ahead import Ready
from hah_desktop.sync.foretold import Foretold
from hah_desktop.sync.pages import Pages
from hah_desktop.sync.wire.changes import (
    asks_rest,
    read_told,
    write_push,
    write_receipts,
    write_spelled_push,
)
from hah_desktop.sync.wire.form import NotOurs, lines
from tests.sync.questions import InTurn

FILE, OTHER = FileId("visit:one"), FileId("visit:two")
REST = Rest(12, "0f", Reached(4, "0e"))
ACCEPTED = Accepted("e1", 4, 12, {FILE: 7}, REST)
PLAIN = {"upto": 12, "whole": "0f", "reached": {"number": 4, "hash": "0e"}}


def test_a_push_asks_behind_its_cursors_as_a_brief_pull_does() -> None:
    asked = asks_rest(write_spelled_push("e1", ["{}"], {FILE: 7, OTHER: 9}))
    assert asked is not None
    assert asked == {
        "epoch": "e1",
        "want": [],
        "at": 9,
        "but": {FILE: 7},
        "named": names([FILE, OTHER]),
    }


def test_whoever_does_not_ask_is_not_answered() -> None:
    assert asks_rest(write_spelled_push("e1", ["{}"])) is None
    assert asks_rest(write_push("e1", [])) is None
    assert asks_rest(lines({"epoch": "e1", "rest": "all"}, [])) is None


def test_the_answer_comes_in_the_header_of_the_receipts() -> None:
    body = write_receipts(ACCEPTED, [])
    assert json.loads(body.splitlines()[0])["rest"] == PLAIN
    assert read_told(body) == (ACCEPTED, [])


@pytest.mark.parametrize(
    "spoiled", [{"upto": "4"}, {"whole": 1}, {"reached": None}, {"reached": {"number": 1}}], ids=str
)
def test_what_is_out_of_form_is_no_answer(spoiled: dict[str, Any]) -> None:
    header = {"epoch": "e1", "number": 1}
    assert read_told(lines({**header, "rest": PLAIN}, []))[0].rest == REST
    with pytest.raises(NotOurs):
        read_told(lines({**header, "rest": {**PLAIN, **spoiled}}, []))


def push() -> InTurn[NoReturn]:
    def never() -> NoReturn:
        raise AssertionError("it was answered already")

    return InTurn(never)


def test_what_was_not_asked_or_not_answered_saves_no_page() -> None:
    assert Ready("e1", [], push()).rest(ACCEPTED) is None
    assert Ready("e1", [], push(), {FILE: 7}).rest(Accepted("e1", 4, 12, {FILE: 7})) is None


class Unasked:
    """An office that must not be asked for a page."""

    def begin_pull(self, *_asked: object, **_how: object) -> NoReturn:
        raise AssertionError("the page was foretold")


def test_a_page_that_was_foretold_is_not_asked_for() -> None:
    foretold = Ready("e1", [], push(), {FILE: 7, OTHER: 12}).rest(ACCEPTED)
    # By the receipts the first file was read up to their end: nothing else moved in it.
    assert foretold == Foretold("e1", {FILE: 12, OTHER: 12}, REST)
    pages = Pages(Unasked(), Capacity(), named=False, foretold=foretold)
    pages.ask("e1", {FILE: 12, OTHER: 12})
    page, rows = pages.wait()
    assert rows == []
    assert page == Page("e1", {FILE: 12, OTHER: 12}, False, {}, REST.reached, 12, "0f")


def test_a_page_that_was_foretold_is_not_asked_for_either_once_the_cursors_have_moved() -> None:
    foretold = Foretold("e1", {FILE: 11, OTHER: 12}, REST)
    assert foretold.moved == {FILE: 12, OTHER: 12}
    pages = Pages(Unasked(), Capacity(), named=False, foretold=foretold)
    pages.ask("e1", foretold.moved)
    assert pages.wait()[0].files == foretold.moved


def test_a_page_that_was_foretold_can_be_let_go() -> None:
    pages = Pages(Unasked(), Capacity(), named=False, foretold=Foretold("e1", {FILE: 12}, REST))
    pages.ask("e1", {FILE: 12})
    pages.drop()
    assert not pages.are_coming


@pytest.mark.parametrize(("epoch", "cursor"), [("e2", 12), ("e1", 10)])
def test_another_page_than_was_foretold_is_asked_for(epoch: str, cursor: int) -> None:
    pages = Pages(Unasked(), Capacity(), named=False, foretold=Foretold("e1", {FILE: 11}, REST))
    with pytest.raises(AssertionError, match="foretold"):
        pages.ask(epoch, {FILE: cursor})
