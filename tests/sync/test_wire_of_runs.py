"""How receipts that say the same are spelled as one."""

import hashlib
from typing import Any

import pytest

from hah_desktop.domain.exchange import Accepted, Receipt, Run, Told, Verdict, hash_of_all
from hah_desktop.domain.ids import ChangeId, FileId
from hah_desktop.sync.wire.changes import (
    knows,
    read_told,
    takes_runs,
    write_push,
    write_receipts,
    write_spelled_push,
)
from hah_desktop.sync.wire.form import NotOurs, lines

RUN = {"first": 2, "last": 9, "order": 40, "hash": "0f"}


def test_receipts_told_as_one_are_read_among_others() -> None:
    told: Told = [Receipt(ChangeId("c1"), "0f", Verdict.MERGED, 39), Run(2, 9, 40, "0f")]
    accepted = Accepted("e1", 9)
    assert read_told(write_receipts(accepted, told)) == (accepted, told)


@pytest.mark.parametrize(
    "spoiled",
    [{"first": 0}, {"first": 10}, {"last": 2**63}, {"last": "9"}, {"order": None}, {"hash": 1}],
    ids=str,
)
def test_receipts_told_as_one_out_of_form_are_refused(spoiled: dict[str, Any]) -> None:
    header = {"epoch": "e1", "number": 1}
    assert read_told(lines(header, [RUN]))
    with pytest.raises(NotOurs):
        read_told(lines(header, [{**RUN, **spoiled}]))


def test_the_hash_of_a_run_is_that_of_all_hashes_in_their_order() -> None:
    assert hash_of_all(iter(["0a", "0b"])) == hashlib.sha256(b"0a0b").hexdigest()
    assert hash_of_all(["0b", "0a"]) != hash_of_all(["0a", "0b"])


def test_who_reads_receipts_told_as_one_says_so() -> None:
    assert takes_runs(write_spelled_push("e1", []))
    assert not takes_runs(write_push("e1", []))


def test_what_a_laptop_knows_to_be_taken_back_is_said_with_a_push() -> None:
    assert knows(write_spelled_push("e1", [], knows={FileId("visit:1"): 7})) == {"visit:1": 7}
    assert knows(write_spelled_push("e1", [])) is None
