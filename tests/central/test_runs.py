"""Receipts that say the same are one word on the wire, to whoever says that it reads it so."""

from collections.abc import Callable, Sequence

import pytest

from hah_central.journal.items import Item
from hah_central.journal.runs import folded
from hah_desktop.domain.changes import Change, canonical, content_hash
from hah_desktop.domain.exchange import Receipt, Run, Told, Verdict, changes_told, hash_of_all
from hah_desktop.domain.ids import ChangeId
from hah_desktop.sync.wire.changes import read_told, write_spelled_push
from tests.central.laptop import Laptop, good, new_id

Laptops = Callable[[str], Laptop]


def said(what: str) -> tuple[list[Item], list[Receipt]]:
    """A letter for each change; a digit is its place in the journal, or no number if it is 0."""
    items, receipts = [], []
    for number, letter in enumerate(what, 1):
        id_ = ChangeId(f"c{number}")
        items.append(Item(id_, None if letter == "?" else number, "", "", f"{number:064}", None))
        verdict = Verdict.SET_ASIDE if letter == "x" else Verdict.APPLIED
        verdict = Verdict.DUPLICATE if letter == "d" else verdict
        heads = {"text": (id_, ChangeId("other"))} if letter == "h" else {}
        order = number + 100 * (letter == "l")
        receipts.append(Receipt(id_, f"{number:064}", verdict, order, heads))
    return items, receipts


def told(answer: Told) -> list[str]:
    return [f"{e.first}-{e.last}" if isinstance(e, Run) else e.id for e in answer]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("", []),
        ("a", ["c1"]),
        ("aaa", ["1-3"]),
        ("aaxaa", ["1-2", "c3", "4-5"]),
        ("xaad", ["c1", "2-3", "c4"]),
        ("aahha", ["1-2", "c3", "c4", "c5"]),
        ("aa?aa", ["1-2", "c3", "4-5"]),
        ("aal", ["1-2", "c3"]),
        ("all", ["c1", "2-3"]),
    ],
)
def test_only_what_says_the_same_and_follows_is_told_as_one(what: str, expected: list[str]) -> None:
    items, receipts = said(what)
    answer = folded(items, receipts)
    assert told(answer) == expected
    assert changes_told(answer) == len(receipts)


def test_a_run_names_the_hash_of_all_hashes_in_their_order() -> None:
    items, receipts = said("aaa")
    hashes = [receipt.hash for receipt in receipts]
    assert folded(items, receipts) == [Run(1, 3, 1, hash_of_all(hashes))]
    assert hash_of_all(hashes) != hash_of_all(hashes[::-1])


def asking(laptop: Laptop, changes: Sequence[Change]) -> Told:
    spelled = [canonical(change).decode() for change in changes]
    return read_told(
        good(laptop.push_body(write_spelled_push(laptop.enrolled.epoch, spelled))).content
    )[1]


def test_a_laptop_that_reads_runs_is_told_so_and_another_each_by_itself(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    changes = [ada.place(new_id(), name=f"Invented House {n}") for n in range(4)]

    (run,) = asking(ada, changes[:3])
    assert isinstance(run, Run)
    assert (run.first, run.last) == (1, 3)
    assert run.hash == hash_of_all(map(content_hash, changes[:3]))
    assert [receipt.id for receipt in ada.push(changes[3])] == [changes[3].id]
    again = ada.push(*changes)
    assert [receipt.order for receipt in again[:3]] == list(range(run.order, run.order + 3))


def test_what_was_sent_before_is_told_change_by_change(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    changes = [ada.place(new_id(), name=f"Invented House {n}") for n in range(2)]
    asking(ada, changes)
    assert [e.verdict for e in asking(ada, changes) if isinstance(e, Receipt)] == [
        Verdict.DUPLICATE,
        Verdict.DUPLICATE,
    ]
