"""What a laptop holds of others' changes, on the wire: it reads back as it was, or not at all."""

import json
from dataclasses import asdict, replace

import pytest

from hah_desktop.domain.exchange import Waits, Witness
from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.sync.wire.form import NotOurs, lines
from hah_desktop.sync.wire.witness import (
    read_kept,
    read_unknown,
    read_waits,
    read_witness,
    write_witness,
)

HELD = Witness(
    ChangeId("said"),
    RecordId("statement"),
    "statement",
    (FileId("visit:one"),),
    "laptop",
    "Invented Adviser",
    "2026-11-26T12:00:00+00:00",
    {"text": "They never ask us.", "removed": None, "shared": True},
    clock_trusted=False,
    clock_off=-7200,
)


def test_what_is_held_of_others_reads_back_as_it_was() -> None:
    assert read_witness(write_witness([HELD])) == [HELD]


@pytest.mark.parametrize("value", [["They never ask us."], {"text": "They never ask us."}, 1.5])
def test_a_field_says_one_thing(value: object) -> None:
    with pytest.raises(NotOurs):
        read_witness(lines({}, [{**asdict(HELD), "fields": {"text": value}}]))


@pytest.mark.parametrize("name", ["change", "record", "kind", "laptop", "author", "made_at"])
@pytest.mark.parametrize("value", ["n" * 201, "a\x00b", "\ud800"], ids=["long", "nul", "half"])
def test_a_name_is_one_that_a_journal_takes(name: str, value: str) -> None:
    # Half of a character can be named in JSON alone.
    spelled = lines({}, [{**asdict(HELD), name: "NAME"}])
    with pytest.raises(NotOurs):
        read_witness(spelled.replace(b'"NAME"', json.dumps(value).encode()))


def test_an_older_laptop_says_nothing_of_its_clock() -> None:
    plain = asdict(HELD)
    del plain["clock_off"]
    (found,) = read_witness(lines({}, [plain]))
    assert found == replace(HELD, clock_off=0)


@pytest.mark.parametrize("off", ["2 hours", True, 1.5, 10**12 + 1])
def test_how_far_a_clock_was_off_is_a_number_of_seconds(off: object) -> None:
    with pytest.raises(NotOurs):
        read_witness(lines({}, [{**asdict(HELD), "clock_off": off}]))


def test_what_the_office_says_of_them_is_read() -> None:
    assert read_unknown({"unknown": ["c1", "c2"]}) == ["c1", "c2"]
    assert read_kept({"kept": 2}) == 2
    assert read_waits({"waiting": ["c1"], "lacking": ["c2"]}) == Waits(
        (ChangeId("c1"),), (ChangeId("c2"),)
    )


@pytest.mark.parametrize("said", [None, {}, {"unknown": "c1", "kept": "two"}, {"unknown": [1]}])
def test_what_else_is_said_of_them_is_none(said: object) -> None:
    with pytest.raises(NotOurs):
        read_unknown(said)
    with pytest.raises(NotOurs):
        read_kept(said)
    with pytest.raises(NotOurs):
        read_waits(said)
