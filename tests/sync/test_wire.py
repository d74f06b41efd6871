"""The wire: what is written reads back as it was, and nothing else is ever read as ours."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hah_desktop.domain.changes import (
    MOST_OFF,
    Change,
    Edit,
    content_hash,
    to_plain,
)
from hah_desktop.domain.digest import Digest
from hah_desktop.domain.exchange import (
    Accepted,
    Enrolled,
    Hello,
    OwnAsKept,
    OwnChange,
    Page,
    PulledChange,
    PulledRow,
    Reached,
    Receipt,
    Verdict,
)
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId
from hah_desktop.domain.spelling import spell
from hah_desktop.sync.wire.changes import (
    read_own,
    read_page,
    read_receipts,
    write_own,
    write_page,
    write_push,
    write_receipts,
)
from hah_desktop.sync.wire.form import NotOurs, lines, read_lines
from hah_desktop.sync.wire.joining import read_enrolled, read_hello, read_token, write_token
from hah_desktop.sync.wire.signed import signed_bundle, signed_push, signed_token_request
from tests.domain.made import change_ids, changes, json_values, names, words
from tests.sync.pushed import read_push

counts = st.integers(0, 2**40)
ids = st.lists(change_ids, max_size=3).map(tuple)
receipts = st.builds(
    Receipt,
    id=change_ids,
    hash=names,
    verdict=st.sampled_from(Verdict),
    order=counts,
    heads=st.dictionaries(names, ids, max_size=3),
    problem=words,
)
theirs = st.builds(
    PulledChange,
    id=change_ids,
    order=counts,
    laptop=words,
    author=words,
    made_at=words,
    clock_trusted=st.booleans(),
    fields=st.dictionaries(names, json_values, min_size=1, max_size=3),
    by_office=st.booleans(),
    replaces=st.dictionaries(names, ids, max_size=3),
    clock_off=st.integers(-MOST_OFF, MOST_OFF),
)
own = st.builds(
    PulledChange,
    id=change_ids,
    order=counts,
    own=st.lists(names, min_size=1, max_size=3).map(tuple),
)
rows = st.builds(
    PulledRow,
    record=names.map(RecordId),
    kind=names,
    files=st.lists(names.map(FileId), max_size=2).map(tuple),
    seq=counts,
    changes=st.lists(theirs | own, max_size=3).map(tuple),
)
pages = st.builds(
    Page, epoch=words, files=st.dictionaries(names.map(FileId), counts), more=st.booleans()
)

ONE_OF_EACH: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    "receipts": (
        write_receipts(
            Accepted("e1", 7),
            [
                Receipt(ChangeId("c1"), "0f", Verdict.CONFLICT, 4, {"met_by": (ChangeId("c0"),)}),
                Receipt(ChangeId("c2"), "1e", Verdict.SET_ASIDE, 5, {}, "No such place – Zoë"),
            ],
        ),
        read_receipts,
    ),
    "page": (
        write_page(
            Page("e1", {FileId("ref"): 9}, more=False, digests={FileId("ref"): Digest(2, "0f")}),
            [
                PulledRow(
                    RecordId("r1"),
                    "visit",
                    (FileId("visit:r1"),),
                    9,
                    (
                        PulledChange(
                            ChangeId("c1"),
                            4,
                            "l1",
                            "ruth",
                            "now",
                            clock_trusted=False,
                            fields={"a": "Zoë"},
                            replaces={"a": (ChangeId("c0"),)},
                        ),
                        PulledChange(ChangeId("c2"), 5, own=("b",)),
                    ),
                )
            ],
        ),
        read_page,
    ),
    "push": (write_push("e1", []), read_lines),
}
every_message = pytest.mark.parametrize(
    ("body", "read"), ONE_OF_EACH.values(), ids=list(ONE_OF_EACH)
)


@given(words, st.lists(changes, max_size=3))
def test_a_push_reads_back_as_it_was_written(epoch: str, sent: list[Change]) -> None:
    assert read_push(write_push(epoch, sent)) == (epoch, sent)


@given(words, counts, st.lists(receipts, max_size=3))
def test_receipts_read_back_as_they_were_written(
    epoch: str, number: int, given_out: list[Receipt]
) -> None:
    accepted = Accepted(epoch, number)
    assert read_receipts(write_receipts(accepted, given_out)) == (accepted, given_out)


@given(pages, st.lists(rows, max_size=3))
def test_a_page_reads_back_as_it_was_written(page: Page, found: list[PulledRow]) -> None:
    assert read_page(write_page(page, found)) == (page, found)


@every_message
def test_a_message_cut_at_any_byte_is_refused_whole(
    body: bytes, read: Callable[[bytes], object]
) -> None:
    read(body)
    for length in range(len(body)):
        with pytest.raises(NotOurs):
            read(body[:length])


@settings(max_examples=50)
@given(st.lists(changes, min_size=1, max_size=2), st.data())
def test_no_push_is_read_in_part(sent: list[Change], data: st.DataObject) -> None:
    body = write_push("e1", sent)
    length = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(NotOurs):
        read_lines(body[:length])


GARBAGE = {
    "nothing": b"",
    "the page of a hotel": b"<!doctype html>\n<html><body>Welcome! Please sign in</body></html>",
    "one line of JSON": b'{"end":true,"count":0}',
    "a list": b"[]\n[]",
    "words": b'"a"\n"b"',
    "not text": b"\xff\xfe\x00\n\x00",
    "too deep": b"[" * 100_000,
    "a number too long to read": b"9" * 5_000 + b"\n{}",
    "a wrong count": b'{"epoch":"e1"}\n{"end":true,"count":1}',
    "an end that says more": b'{"epoch":"e1"}\n{"end":true,"count":0,"more":1}',
    "a line after the end": b'{"epoch":"e1"}\n{"end":true,"count":0}\n',
}


@pytest.mark.parametrize("body", GARBAGE.values(), ids=list(GARBAGE))
def test_what_is_not_ours_is_refused(body: bytes) -> None:
    for read in (read_lines, read_receipts, read_page):
        with pytest.raises(NotOurs, match=r"cannot read it.*saved on this laptop"):
            read(body)


@given(st.binary())
def test_no_bytes_by_chance_are_ours(body: bytes) -> None:
    with pytest.raises(NotOurs):
        read_lines(body)


ROW = {"record": "r1", "kind": "visit", "files": ["f"], "seq": 1, "changes": []}
CHANGED = {"id": "c1", "order": 1}
RECEIPT = {"id": "c1", "hash": "0f", "verdict": "applied", "order": 1}


@pytest.mark.parametrize(
    "spoiled",
    [
        {"epoch": 1},
        {"files": []},
        {"files": {"ref": "9"}},
        {"files": {"ref": True}},
        {"more": "false"},
        {"more": None},
        {"digests": []},
        {"digests": {"ref": 7}},
        {"digests": {"ref": {"count": 1}}},
        {"digests": {"ref": {"count": "1", "sum": "0f"}}},
    ],
    ids=str,
)
def test_a_page_with_a_header_out_of_form_is_refused(spoiled: dict[str, Any]) -> None:
    header = {"epoch": "e1", "files": {}, "more": False}
    assert read_page(lines(header, [])) == (Page("e1", {}, more=False), [])
    with pytest.raises(NotOurs):
        read_page(lines({**header, **spoiled}, []))


@pytest.mark.parametrize(
    "spoiled",
    [
        {"record": None},
        {"kind": 3},
        {"files": "ref"},
        {"files": [1]},
        {"seq": "1"},
        {"seq": True},
        {"changes": {}},
        {"changes": ["c1"]},
        {"changes": [{"order": 1}]},
        {"changes": [{**CHANGED, "order": 1.0}]},
        {"changes": [{**CHANGED, "fields": ["a"]}]},
        {"changes": [{**CHANGED, "fields": {"a": []}}]},
        {"changes": [{**CHANGED, "fields": {"a": 0.5}}]},
        {"changes": [{**CHANGED, "own": "met_by"}]},
        {"changes": [{**CHANGED, "own": [1]}]},
        {"changes": [{**CHANGED, "clock_trusted": "no"}]},
        {"changes": [{**CHANGED, "clock_off": "an hour"}]},
        {"changes": [{**CHANGED, "clock_off": MOST_OFF + 1}]},
        {"changes": [{**CHANGED, "by_office": 1}]},
        {"changes": [{**CHANGED, "author": None}]},
    ],
    ids=str,
)
def test_a_row_out_of_form_is_refused(spoiled: dict[str, Any]) -> None:
    header = {"epoch": "e1", "files": {}, "more": False}
    assert read_page(lines(header, [{**ROW, "changes": [CHANGED]}]))
    with pytest.raises(NotOurs):
        read_page(lines(header, [{**ROW, **spoiled}]))


@pytest.mark.parametrize(
    "spoiled",
    [
        {"id": 1},
        {"hash": None},
        {"verdict": 7},
        {"order": "1"},
        {"heads": ["c0"]},
        {"heads": {"met_by": "c0"}},
        {"heads": {"met_by": [1]}},
        {"problem": 1},
    ],
    ids=str,
)
def test_a_receipt_out_of_form_is_refused(spoiled: dict[str, Any]) -> None:
    header = {"epoch": "e1", "number": 1}
    assert read_receipts(lines(header, [RECEIPT]))
    with pytest.raises(NotOurs):
        read_receipts(lines(header, [{**RECEIPT, **spoiled}]))


HELLO = {"office": "o", "epoch": "e", "name": "Help at Hand", "protocol": 1}
HELLO["now"] = "2026-03-02T12:00:00+00:00"


def test_the_office_introduces_itself() -> None:
    assert read_hello({**HELLO, "protocol": 4, "oldest": 2}).oldest == 2
    assert read_hello({**HELLO, "protocol": 4}).oldest == 4
    assert read_hello(HELLO) == Hello("o", "e", "Help at Hand", "2026-03-02T12:00:00+00:00", 1)


@pytest.mark.parametrize(
    "spoiled",
    [
        [],
        "Welcome",
        {},
        {**HELLO, "office": 1},
        {**HELLO, "protocol": "1"},
        {**HELLO, "now": "noon"},
        {**HELLO, "now": "2026-03-02T12:00:00"},
    ],
    ids=str,
)
def test_an_introduction_out_of_form_is_not_the_offices(spoiled: object) -> None:
    with pytest.raises(NotOurs):
        read_hello(spoiled)


ENROLLED = {"laptop": "l", "adviser": "ruth", "adviser_name": "Ruth", "office": "o", "epoch": "e"}


def test_an_enrolment_is_answered() -> None:
    expected = Enrolled(LaptopId("l"), RecordId("ruth"), "Ruth", "o", "e")
    assert read_enrolled(ENROLLED) == expected


@pytest.mark.parametrize("name", sorted(ENROLLED))
def test_an_answer_to_an_enrolment_must_be_whole(name: str) -> None:
    with pytest.raises(NotOurs):
        read_enrolled({**ENROLLED, name: None})


def test_a_row_names_every_head_of_each_field_that_moved() -> None:
    ours = PulledChange(ChangeId("c1"), 1, own=("a", "b"))
    other = PulledChange(ChangeId("c2"), 2, fields={"b": "x"})
    row = PulledRow(RecordId("r1"), "visit", (), 2, (ours, other))
    assert row.heads() == {"a": (ours,), "b": (ours, other)}


def test_what_a_laptop_signs_is_good_for_one_purpose_only() -> None:
    signed = {
        signed_token_request("x", "o"),
        signed_token_request("o", "x"),
        signed_push("o\nx"),
        signed_bundle("o", "x", 1),
        signed_bundle("o", "x", 11),
        signed_bundle("o\nx", "1", 1),
    }
    assert len(signed) == 6


def test_words_with_odd_line_ends_stay_on_their_line() -> None:
    odd = "one\u2028two\x85three\r\nfour\x0b"
    _, items = read_lines(lines({}, [{"said": odd}]))
    assert json.loads(json.dumps(items)) == [{"said": odd}]


def test_a_token_comes_with_how_far_the_office_is() -> None:
    sent = write_token("t", 600, Reached(7, "a" * 64))
    assert read_token(json.loads(json.dumps(sent))) == ("t", Reached(7, "a" * 64))
    assert sent.keys() == {"token", "expires_in", "number", "hash"}


@pytest.mark.parametrize(
    "spoiled",
    [[], {}, {"token": "t"}, {"token": 5, "number": 0, "hash": ""}, {"token": "t", "number": "0"}],
    ids=str,
)
def test_an_answer_about_a_token_must_be_whole(spoiled: object) -> None:
    with pytest.raises(NotOurs):
        read_token(spoiled)


OWN = OwnChange(
    Change(
        ChangeId("c1"),
        LaptopId("l1"),
        1,
        "",
        RecordId("v1"),
        "visit",
        (FileId("visit:v1"),),
        "ruth",
        "2026-03-02T12:00:00+00:00",
        {"met_by": Edit("Zoë", (ChangeId("c0"),))},
    ),
    5,
    Verdict.SET_ASIDE,
    "Only the office may change this.",
)


def test_a_laptop_is_given_back_its_own_changes_as_they_were() -> None:
    assert read_own(write_own([OWN])) == [OWN]
    assert content_hash(read_own(write_own([OWN]))[0].change) == content_hash(OWN.change)


def test_what_a_newer_version_said_more_in_it_comes_back_with_it() -> None:
    more = spell(to_plain(OWN.change) | {"mood": "new"})
    (found,) = read_own(write_own([OwnAsKept(more, 5, Verdict.APPLIED)]))
    assert (found.change, found.text) == (OWN.change, more)
    assert found.hash == hashlib.sha256(more.encode()).hexdigest()


@pytest.mark.parametrize(
    ("plain", "number"),
    [
        ({"id": "c1", "number": 3, "fields": {}}, 3),
        ({"id": "c1", "number": 3, "author": "\ud800"}, 3),
        ({"id": "c1", "number": "three"}, 0),
        ({"id": "c1", "number": -3}, 0),
    ],
)
def test_what_neither_side_can_read_comes_back_in_its_place_as_it_was_kept(
    plain: dict[str, Any], number: int
) -> None:
    kept = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    (found,) = read_own(write_own([OwnAsKept(kept, 5, Verdict.SET_ASIDE, "It cannot be read.")]))
    assert (found.change.id, found.change.number, found.change.record) == ("c1", number, "")
    assert (found.verdict, found.problem) == (Verdict.SET_ASIDE, "It cannot be read.")
    assert (found.text, found.hash) == (kept, hashlib.sha256(kept.encode()).hexdigest())


@pytest.mark.parametrize("name", ["", None, 5, "x" * 201, "Zoë", "a\x00b"], ids=repr)
def test_what_has_no_name_that_both_sides_can_keep_is_called_by_its_hash(name: object) -> None:
    kept = spell({"id": name})
    (found,) = read_own(write_own([OwnAsKept(kept, 5, Verdict.SET_ASIDE)]))
    assert found.change.id == f"unreadable-{found.hash}"


@pytest.mark.parametrize(
    "spoiled",
    [{"change": None}, {"order": "5"}, {"verdict": 7}, {"problem": None}],
    ids=str,
)
def test_an_own_change_out_of_form_is_refused(spoiled: dict[str, Any]) -> None:
    _, (plain,) = read_lines(write_own([OWN]))
    with pytest.raises(NotOurs):
        read_own(lines({}, [{**plain, **spoiled}]))


# What a newer office says more is passed over, and harms nothing


def with_more(value: object) -> object:
    """The same JSON with a name in each object that nobody here knows; but for maps of ours."""
    if isinstance(value, list):
        return [with_more(each) for each in value]
    if not isinstance(value, dict):
        return value
    maps = {"files", "heads", "fields", "digests", "replaces", "extra", "reached"}
    inner = {k: v if k in maps else with_more(v) for k, v in value.items()}
    return inner if "end" in value else {**inner, "from_the_future": {"a": [1, None]}}


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_what_a_newer_office_says_more_is_passed_over(name: str) -> None:
    body, read = ONE_OF_EACH[name]
    newer = [json.dumps(with_more(json.loads(line))) for line in body.decode().split("\n")]
    if name == "push":
        pytest.skip("a change is kept as it was spelled: more is part of it")
    assert read("\n".join(newer).encode()) == read(body)


def test_a_verdict_of_a_newer_office_is_a_receipt_all_the_same() -> None:
    body = lines({"epoch": "e1", "number": 1}, [{**RECEIPT, "verdict": "woven"}])
    assert read_receipts(body)[1][0].verdict is Verdict.APPLIED


def test_a_page_says_how_far_the_office_has_the_laptops_changes() -> None:
    page = Page("e1", {}, more=False, reached=Reached(7, "0f"))
    assert read_page(write_page(page, [])) == (page, [])


def test_the_answer_to_a_push_names_the_files_that_are_read_by_it() -> None:
    accepted = Accepted("e1", 7, 12, {FileId("ref"): 9})
    assert read_receipts(write_receipts(accepted, [])) == (accepted, [])


@pytest.mark.parametrize("item", [b"not JSON", b"3", b'["a list"]', b"[" * 100_000])
def test_an_item_that_is_no_object_makes_the_whole_answer_none_of_ours(item: bytes) -> None:
    body = b"\n".join([b"{}", item, b'{"end":true,"count":1}'])
    with pytest.raises(NotOurs):
        read_lines(body)
