"""A change that cannot be read or used is kept with the reason, and holds nothing else up."""

import base64
import hashlib
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from hah_central.database.rows import Change
from hah_central.journal import witness
from hah_central.journal.items import item, read
from hah_central.people.audit import Deed
from hah_central.problems import Problem
from hah_central.proof.verify import verify
from hah_desktop.domain.aside import Reason, reason_of
from hah_desktop.domain.changes import canonical, content_hash, to_plain
from hah_desktop.domain.exchange import Receipt, Verdict
from hah_desktop.domain.ids import visit_file
from hah_desktop.domain.unread import content
from hah_desktop.store.exchange import outbox
from hah_desktop.store.exchange.outbox import SetAside
from hah_desktop.store.tables import meta
from hah_desktop.sync.wire.changes import read_own, read_receipts
from hah_desktop.sync.wire.form import read_lines, spelled_lines
from hah_desktop.sync.wire.opaque import write_opaque
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, good, new_id, values, verdicts
from tests.central.syncing import Shipped, Yard
from tests.central.test_own import ask

Laptops = Callable[[str], Laptop]


def push_plain(ada: Laptop, *plain: dict[str, Any]) -> list[Receipt]:
    """Push items as they stand, of whatever form."""
    # json.dumps spells half a surrogate pair only as an escape, as a foreign program might.
    header = {"epoch": ada.enrolled.epoch, "protocol": 1}
    all_lines = (header, *plain, {"end": True, "count": len(plain)})
    body = b"\n".join(json.dumps(line).encode() for line in all_lines)
    return read_receipts(good(ada.push_body(body)).content)[1]


def spoiled(ada: Laptop, **members: Any) -> dict[str, Any]:
    """A change that was spoiled after the laptop made it, and is chained as it was sent."""
    return chained(ada, to_plain(ada.visit(new_id(), impression="Quiet.")) | members)


def chained(ada: Laptop, plain: dict[str, Any]) -> dict[str, Any]:
    ada.previous = item(plain).hash
    return plain


def kept(desk: Desk, id_: str) -> str:
    with desk.database.reading() as connection:
        return connection.execute(select(Change.body).where(Change.id == id_)).scalar_one()


@pytest.mark.parametrize(
    "members",
    [
        {"fields": {}},
        {"fields": {"impression": {"value": ["a", "list"]}}},
        {"fields": {"impression": {"value": 1.5}}},
        {"files": []},
        {"kind": ""},
        {"record": "a\x00b"},
        {"author": "\ud800"},
        {"clock_trusted": "perhaps"},
        {"made_at": None},
    ],
)
def test_a_change_that_cannot_be_read_is_set_aside_and_the_next_one_is_taken(
    desk: Desk, laptop: Laptops, members: dict[str, Any]
) -> None:
    ada = laptop("Ada Example")
    bad = spoiled(ada, **members)
    after = ada.visit(new_id(), impression="Loud.")

    first, second = push_plain(ada, bad, to_plain(after))

    assert (first.id, first.verdict) == (bad["id"], Verdict.SET_ASIDE)
    assert first.problem
    assert second.verdict is Verdict.APPLIED
    assert json.loads(kept(desk, bad["id"])) == bad


@pytest.mark.parametrize("name", ["aside", "author", "fields"])
def test_what_is_nested_too_deeply_is_refused_wherever_it_stands(name: str) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    with pytest.raises(Problem, match="too deeply"):
        read(spelled_lines({"epoch": "an epoch"}, [f'{{"{name}":{deep}}}'.encode()]))


def test_what_this_office_cannot_read_is_given_back_letter_for_letter(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    odd = [spoiled(ada, mood="new"), spoiled(ada, files=[]), as_bytes(ada, b'{"odd"')]
    receipts = push_plain(ada, *odd)
    assert verdicts(receipts) == [Verdict.APPLIED, Verdict.SET_ASIDE, Verdict.SET_ASIDE]

    _, found = read_lines(good(ask(ada, 0)).content)
    (readable,) = read_own(good(ask(ada, 0, most=1)).content)

    assert [each["change"] for each in found] == odd
    assert readable.hash == receipts[0].hash


def test_a_change_without_id_and_number_takes_the_number_of_its_place(
    desk: Desk, laptop: Laptops
) -> None:
    ada = laptop("Ada Example")
    nameless = spoiled(ada, id=None, number="two")
    after = ada.visit(new_id(), impression="Loud.")

    first, second = (push_plain(ada, nameless, to_plain(after)) for _ in range(2))

    assert verdicts(first) == [Verdict.SET_ASIDE, Verdict.APPLIED]
    assert verdicts(second) == [Verdict.SET_ASIDE, Verdict.DUPLICATE]
    assert first[0] == second[0]
    assert first[0].id == f"unreadable-{first[0].hash}"
    assert json.loads(kept(desk, first[0].id)) == nameless


def test_two_changes_of_one_id_are_both_kept(desk: Desk, laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    place = new_id()
    first = ada.place(place, name="Invented House")
    ada.push(first)
    again = to_plain(ben.place(place, name="Invented Home")) | {"id": first.id}

    (receipt,) = push_plain(ben, again)

    assert receipt.verdict is Verdict.SET_ASIDE
    assert "same id" in receipt.problem
    assert push_plain(ben, again) == [receipt]
    assert "Invented Home" in kept(desk, f"reused-{receipt.order}")
    assert values(ada.pull(place)[1], place, "name") == {"Invented House"}


def test_one_id_twice_in_a_batch_is_taken_once(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    first = to_plain(ada.place(new_id(), name="Invented House"))
    second = to_plain(ada.place(new_id(), name="Invented Home")) | {"id": first["id"]}

    receipts = push_plain(ada, first, second)

    assert verdicts(receipts) == [Verdict.APPLIED, Verdict.SET_ASIDE]


def test_a_change_that_replaces_itself_is_set_aside(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    plain = to_plain(ada.visit(new_id(), impression="Quiet."))
    plain["fields"]["impression"]["replaces"] = [plain["id"]]

    assert verdicts(push_plain(ada, plain)) == [Verdict.SET_ASIDE]


def test_words_with_a_nul_character_are_kept_as_they_are(laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    visit = new_id()

    ada.push(ada.visit(visit, impression="Quiet\x00.", **{"new\x00field": "x"}))

    rows = ada.pull(visit)[1]
    assert values(rows, visit, "impression") == {"Quiet\x00."}
    assert values(rows, visit, "new\x00field") == {"x"}


def test_what_a_newer_version_adds_to_a_change_is_kept_and_counts_for_its_hash(
    desk: Desk, laptop: Laptops
) -> None:
    ada = laptop("Ada Example")
    plain = to_plain(ada.visit(new_id(), impression="Quiet.")) | {"mood": "new"}

    (receipt,) = push_plain(ada, plain)

    body = kept(desk, receipt.id)
    assert json.loads(body)["mood"] == "new"
    assert receipt.hash == hashlib.sha256(body.encode()).hexdigest()


def test_the_journal_holds_a_change_in_its_one_spelling(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    visit = new_id()
    change = ada.change(visit, "visit", [visit_file(visit)], {"met_by": "Zoë", "b": 1, "a": None})

    (receipt,) = ada.push(change)

    assert kept(desk, change.id).encode() == canonical(change)
    assert receipt.hash == content_hash(change)


def as_bytes(laptop: Laptop, data: bytes) -> dict[str, Any]:
    """The next item of a laptop as mere bytes, whatever they are."""
    laptop.number += 1
    packed = base64.b64encode(zlib.compress(data)).decode()
    item = {"id": new_id(), "number": laptop.number, "previous": laptop.previous, "opaque": packed}
    laptop.previous = hashlib.sha256(data).hexdigest()
    return item


def test_who_has_from_hand_to_hand_what_nobody_can_read_is_told_that_it_is_set_aside(
    laptop: Laptops,
) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    odd = as_bytes(ada, b"gibberish")
    (receipt,) = push_plain(ada, odd)

    headers = {"Authorization": f"Bearer {ben.token}"}
    answer = ben.client.post("/v1/carried", json={"ids": [odd["id"]]}, headers=headers)

    assert read_receipts(good(answer).content)[1] == [receipt]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[]",
        b'{"id": "odd", "a" : 1}',
        b'{"opaque":"eJwDAAAAAAE="}',
    ],
)
def test_what_comes_as_bytes_that_nobody_can_read_is_kept_in_its_place(
    desk: Desk, laptop: Laptops, data: bytes
) -> None:
    ada = laptop("Ada Example")
    before = to_plain(ada.visit(new_id(), impression="Quiet."))
    odd = as_bytes(ada, data)
    after = to_plain(ada.visit(new_id(), impression="Loud."))

    first = push_plain(ada, before, odd, after)
    assert verdicts(first) == [Verdict.APPLIED, Verdict.SET_ASIDE, Verdict.APPLIED]
    assert first[1].hash == hashlib.sha256(data).hexdigest()
    assert reason_of(first[1].problem) is Reason.UNREADABLE
    assert verdicts(push_plain(ada, before, odd, after)) == [
        Verdict.DUPLICATE,
        Verdict.SET_ASIDE,
        Verdict.DUPLICATE,
    ]
    assert content(json.loads(kept(desk, odd["id"]))) == data
    with desk.database.reading() as connection:
        assert verify(connection).faults == []


def test_a_change_that_comes_as_bytes_is_read_after_all_and_is_the_same_change(
    desk: Desk, laptop: Laptops
) -> None:
    ada = laptop("Ada Example")
    change = ada.visit(new_id(), impression="Loud.")

    body = write_opaque("", canonical(change).decode())
    (receipt,) = read_receipts(good(ada.push_body(body)).content)[1]

    assert (receipt.id, receipt.hash) == (change.id, content_hash(change))
    assert receipt.verdict is Verdict.APPLIED
    assert verdicts(ada.push(change)) == [Verdict.DUPLICATE]
    with desk.database.reading() as connection:
        assert verify(connection).faults == []


def test_bytes_that_were_damaged_are_kept_as_they_came(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    damaged = as_bytes(ada, b"words") | {"opaque": "no base64!"}

    (receipt,) = push_plain(ada, damaged)

    assert receipt.verdict is Verdict.SET_ASIDE
    assert json.loads(kept(desk, damaged["id"])) == damaged
    with desk.database.reading() as connection:
        assert verify(connection).faults == []


ODD: dict[str, Callable[[Laptop], dict[str, Any]]] = {
    "bytes": lambda ada: as_bytes(ada, b"\xff\xfe"),
    "damaged bytes": lambda ada: chained(ada, as_bytes(ada, b"words") | {"opaque": "no base64!"}),
    "words of another form": lambda ada: spoiled(ada, files=[]),
    "half a letter": lambda ada: spoiled(ada, author="\ud800"),
    "no number": lambda ada: spoiled(ada, number="two", previous=None, id=None),
}


@pytest.mark.parametrize("odd", ODD)
def test_a_laptop_that_lost_what_nobody_can_read_gets_all_of_its_own_back(
    yard: Yard, odd: str
) -> None:
    ada, loud, since = yard.laptop("Ada Example"), new_id(), new_id()
    ada.edit(new_id(), impression="Quiet.")
    ada.synced()
    # This database is older than what it sent: a copy was put back.
    sent = ada.name
    with ada.store.reading() as connection:
        end = meta.chain_end(connection)
    sent.number, sent.previous = end.number, end.hash
    sent.sign_in()
    unreadable = ODD[odd](sent)
    push_plain(sent, unreadable, to_plain(sent.visit(loud, impression="Loud.")))
    ada.edit(since, impression="Bright.")

    for _ in range(2):
        assert ada.synced().run.agrees is True

    assert ada.says(loud) == {"impression": "Loud."}
    assert ada.says(since) == {"impression": "Bright."}
    assert [(each.record, dict(each.content)) for each in aside(ada)] == [("", {"fields": {}})]
    assert reason_of(aside(ada)[0].problem) is Reason.UNREADABLE
    # A restored office gets all of it once more, and both sides go on.
    with yard.desk.database.writing() as connection:
        witness.restored(connection, Deed("Grace", yard.desk.clock()))
    ada.edit(since, impression="Bright again.")
    assert ada.synced().run.agrees is True
    assert (ada.unsent(), len(aside(ada))) == (0, 1)
    with yard.desk.database.reading() as connection:
        assert verify(connection).faults == []


def aside(laptop: Shipped) -> list[SetAside]:
    with laptop.store.reading() as connection:
        return outbox.set_aside(connection)
