import base64
import hashlib
import json
import zlib

import pytest
from hypothesis import given

from hah_desktop.domain.changes import Change, canonical
from hah_desktop.domain.exchange import OwnAsKept, Verdict
from hah_desktop.domain.ids import FileId
from hah_desktop.domain.spelling import spell
from hah_desktop.domain.unread import content, is_opaque
from hah_desktop.sync.wire.changes import knows, read_own, write_own
from hah_desktop.sync.wire.form import MAX_BYTES, read_lines
from hah_desktop.sync.wire.opaque import write_opaque
from tests.domain.made import changes


def packed(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data)).decode()


@given(changes)
def test_the_bytes_of_a_change_come_out_as_they_went_in(change: Change) -> None:
    header, (item,) = read_lines(write_opaque("epoch", canonical(change).decode()))
    assert header == {"epoch": "epoch"}
    assert is_opaque(item)
    assert content(item) == canonical(change)
    assert (item["id"], item["number"]) == (change.id, change.number)


@given(changes)
def test_what_goes_as_bytes_says_what_its_laptop_knows_to_be_taken_back(change: Change) -> None:
    known = {FileId("visit:v"): 7}
    assert knows(write_opaque("epoch", canonical(change).decode(), known)) == known
    assert knows(write_opaque("epoch", canonical(change).decode(), {})) is None


@given(changes)
def test_the_bytes_that_go_are_those_that_are_kept(change: Change) -> None:
    # As a version that spells otherwise had kept it: what was hashed then is what is sent.
    kept = json.dumps(json.loads(canonical(change)), ensure_ascii=True, indent=1)
    _, (item,) = read_lines(write_opaque("epoch", kept))
    assert content(item) == kept.encode()


@pytest.mark.parametrize("kept", [{"id": 5}, {"number": 3, "fields": {}}], ids=str)
def test_what_came_back_unreadable_goes_as_its_bytes_too(kept: dict[str, object]) -> None:
    _, (item,) = read_lines(write_opaque("epoch", json.dumps(kept)))
    assert content(item) == json.dumps(kept).encode()


def test_what_came_back_as_bytes_goes_as_it_came() -> None:
    came = {"id": "c1", "number": 3, "previous": "", "opaque": packed(b"words")}
    _, (item,) = read_lines(write_opaque("epoch", json.dumps(came)))
    assert item == came


@given(changes)
def test_a_change_as_it_is_always_sent_is_none(change: Change) -> None:
    plain = json.loads(canonical(change))
    assert not is_opaque(plain)
    assert not is_opaque({**plain, "opaque": "of a later version"})


@pytest.mark.parametrize(
    "damaged",
    [
        None,
        7,
        "no base64!",
        base64.b64encode(b"not packed").decode(),
        base64.b64encode(zlib.compress(b"words")[:-2]).decode(),
        base64.b64encode(zlib.compress(b"words") + b"more").decode(),
        packed(bytes(MAX_BYTES + 1)),
    ],
)
def test_what_is_damaged_or_too_large_is_nothing(damaged: object) -> None:
    assert content({"opaque": damaged}) is None


@given(changes)
def test_what_went_as_its_bytes_comes_back_as_the_laptop_wrote_it(change: Change) -> None:
    sent = canonical(change)
    _, (item,) = read_lines(write_opaque("epoch", sent.decode()))
    back = OwnAsKept(spell(item), 5, Verdict.SET_ASIDE, "It cannot be read.")
    (found,) = read_own(write_own([back]))
    assert (found.change, found.text.encode(), found.bytes_hash) == (change, sent, "")
    assert (found.verdict, found.hash) == (Verdict.SET_ASIDE, hashlib.sha256(sent).hexdigest())


@pytest.mark.parametrize("sent", ["{", '{"id": "c1",  "number": 3}', "5"])
def test_bytes_that_say_nothing_in_our_spelling_stay_bytes(sent: str) -> None:
    kept = spell({"id": "c1", "number": 3, "previous": "", "opaque": packed(sent.encode())})
    (found,) = read_own(write_own([OwnAsKept(kept, 5, Verdict.SET_ASIDE)]))
    assert (found.change.id, found.change.record, found.text) == ("c1", "", kept)
    assert found.hash == hashlib.sha256(sent.encode()).hexdigest()
