"""What a colleague's laptop hands over: kept for a person, taken once, and in nobody's way."""

import dataclasses as dc
import hashlib
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import select, update

from hah_central.database.rows import Change as Row
from hah_central.database.rows import Evidence
from hah_central.database.rows import Witness as WitnessRow
from hah_central.journal import set_aside, witness
from hah_central.journal.witness import NotWaiting
from hah_central.office import laptops, office
from hah_central.people.audit import Deed, entries
from hah_central.people.people import Asker
from hah_central.proof.verify import verify
from hah_central.pulling.own import own
from hah_central.sticks import by_hand
from hah_central.sticks.by_hand import NotTaken
from hah_desktop.domain.aside import Reason, reason_of
from hah_desktop.domain.changes import Change, canonical, content_hash, words_hash
from hah_desktop.domain.exchange import ByHand, Receipt, Verdict
from hah_desktop.domain.ids import visit_file
from hah_desktop.seals.bundle import Kind, Part
from hah_desktop.sync.wire.changes import read_receipts
from hah_desktop.sync.wire.form import MAX_CHANGES
from hah_desktop.sync.wire.hand import read_heard, write_by_hand
from hah_desktop.sync.wire.witness import read_kept
from tests.central.bureau import DRAFT, changes, handed
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, good, new_id, problem, values, verdicts
from tests.central.syncing import without_its_rule

Laptops = Callable[[str], Laptop]


def signed(laptop: Laptop, part: Part, *others: Part, name: str = "") -> ByHand:
    """What a stick of this laptop holds, as whoever opens it has it."""
    return handed(laptop.key, name or laptop.enrolled.laptop, part, *others)


def give(giver: Laptop, hand: ByHand) -> int:
    headers = {"Authorization": f"Bearer {giver.token}"}
    answer = giver.client.post("/v1/by-hand", content=write_by_hand(hand), headers=headers)
    return read_kept(good(answer).json())


def refused(giver: Laptop, hand: ByHand, status: int, name: str) -> str:
    headers = {"Authorization": f"Bearer {giver.token}"}
    answer = giver.client.post("/v1/by-hand", content=write_by_hand(hand), headers=headers)
    return problem(answer, status, name)


def waiting(desk: Desk) -> dict[str, bool]:
    """What waits, and whether its author's laptop signed for it."""
    with desk.database.reading() as connection:
        return {each.change: each.signed for each in witness.waiting(connection)}


def take(desk: Desk, change: Change) -> list[Receipt]:
    with desk.database.writing() as connection:
        return list(by_hand.take(connection, Deed("Grace", desk.clock()), change.id).receipts)


def in_order(desk: Desk) -> bool:
    with desk.database.reading() as connection:
        return verify(connection).faults == []


class Shared:
    """Ada and Ben are on one visit. Ada wrote two things of it and one of another, offline."""

    def __init__(self, desk: Desk, laptop: Laptops) -> None:
        self.desk = desk
        self.ada, self.ben = laptop("Ada Example"), laptop("Ben Example")
        self.visit = new_id()
        self.begun = self.ada.visit(self.visit, advisers=[self.ben.adviser])
        self.ada.push(self.begun)
        self.quiet = self.ada.visit(self.visit, impression="Quiet.")
        self.other = self.ada.visit(new_id(), impression="Of nobody’s business here.")
        self.loud = self.ada.visit(self.visit, [self.quiet.id], impression="Loud.")
        self.hand = signed(self.ada, changes(self.quiet, self.loud))

    def says(self) -> set[object]:
        self.ben.cursors = {}
        return set(values(self.ben.pull_all(), self.visit, "impression"))


@pytest.fixture
def shared(desk: Desk, laptop: Laptops) -> Shared:
    return Shared(desk, laptop)


def test_what_a_colleague_hands_over_waits_and_is_not_in_force(shared: Shared) -> None:
    assert give(shared.ben, shared.hand) == 2
    assert give(shared.ben, shared.hand) == 2
    assert waiting(shared.desk) == {shared.quiet.id: True, shared.loud.id: True}
    assert shared.says() == set()


def test_a_person_takes_it_and_it_is_in_force_as_its_author_wrote_it(shared: Shared) -> None:
    give(shared.ben, shared.hand)
    receipts = take(shared.desk, shared.loud)
    assert verdicts(receipts) == [Verdict.APPLIED, Verdict.APPLIED]
    assert waiting(shared.desk) == {}
    assert shared.says() == {"Loud."}
    assert in_order(shared.desk)
    with shared.desk.database.reading() as connection:
        last = entries(connection)[-1]
        author = select(Row.author, Row.laptop).where(Row.id == shared.loud.id)
        assert connection.execute(author).one() == (
            shared.ada.adviser,
            shared.ada.enrolled.laptop,
        )
    assert (last.who, last.what) == ("Grace", "took in what came from hand to hand")


def long_stick(shared: Shared, *some: Change) -> list[ByHand]:
    """One stick with a part for each of these, as whoever opens it gives them."""
    parts = [dc.replace(changes(each), name=f"part-{n}") for n, each in enumerate(some)]
    first = signed(shared.ada, *parts)
    return [dc.replace(first, changes=b"".join(part.pieces)) for part in parts]


@pytest.mark.parametrize("named", [0, 1, 2])
def test_a_long_stick_is_taken_as_one_in_its_order(shared: Shared, named: int) -> None:
    written = [shared.quiet, shared.other, shared.loud]
    for hand in reversed(long_stick(shared, *written)):
        give(shared.ben, hand)
    receipts = take(shared.desk, written[named])
    assert [receipt.id for receipt in receipts] == [change.id for change in written]
    assert verdicts(receipts) == [Verdict.APPLIED] * 3
    assert waiting(shared.desk) == {}
    assert in_order(shared.desk)


def test_a_part_that_was_on_an_earlier_stick_too_is_taken_with_the_later(shared: Shared) -> None:
    (earlier,) = long_stick(shared, shared.quiet)
    later = long_stick(shared, shared.quiet, shared.other, shared.loud)
    for hand in (earlier, *later):
        give(shared.ben, hand)
    receipts = take(shared.desk, shared.loud)
    written = [shared.quiet.id, shared.other.id, shared.loud.id]
    assert [receipt.id for receipt in receipts] == written
    assert waiting(shared.desk) == {}


def test_of_a_long_stick_only_what_came_and_waits_is_taken(shared: Shared) -> None:
    first, second, last = long_stick(shared, shared.quiet, shared.other, shared.loud)
    give(shared.ben, first)
    give(shared.ben, last)
    with shared.desk.database.writing() as connection:
        witness.close(connection, Deed("Grace", shared.desk.clock()), shared.loud.id)
    assert [receipt.id for receipt in take(shared.desk, shared.quiet)] == [shared.quiet.id]
    give(shared.ben, second)
    assert [receipt.id for receipt in take(shared.desk, shared.other)] == [shared.other.id]


def test_a_part_that_was_altered_at_the_office_keeps_no_other_from_being_taken(
    shared: Shared,
) -> None:
    first, last = long_stick(shared, shared.quiet, shared.loud)
    give(shared.ben, first)
    give(shared.ben, last)
    digest = hashlib.sha256(last.changes).hexdigest()
    with shared.desk.database.writing() as connection:
        without_its_rule(connection)
        connection.execute(update(Evidence).values(body=b"x").where(Evidence.digest == digest))
    assert [receipt.id for receipt in take(shared.desk, shared.quiet)] == [shared.quiet.id]
    assert waiting(shared.desk) == {shared.loud.id: True}
    with pytest.raises(NotTaken, match="not what was signed"):
        take(shared.desk, shared.loud)


@pytest.mark.parametrize("taken", [False, True])
def test_the_author_who_comes_later_brings_nothing_twice(shared: Shared, *, taken: bool) -> None:
    give(shared.ben, shared.hand)
    if taken:
        take(shared.desk, shared.quiet)
    mine = (shared.quiet, shared.other, shared.loud)
    first = verdicts(shared.ada.push(*mine))
    fresh = Verdict.DUPLICATE if taken else Verdict.APPLIED
    assert first == [fresh, Verdict.APPLIED, fresh]
    assert verdicts(shared.ada.push(*mine)) == [Verdict.DUPLICATE] * 3
    with shared.desk.database.reading() as connection:
        listed = {line.id: line.changes for line in laptops.lines(connection)}
    assert listed[shared.ada.enrolled.laptop] == 4
    shared.ada.push(shared.ada.visit(shared.visit, [shared.loud.id], impression="Quiet again."))
    assert shared.says() == {"Quiet again."}
    assert waiting(shared.desk) == {}
    assert in_order(shared.desk)


def test_what_the_author_gets_back_of_its_own_is_its_chain_and_nothing_beside_it(
    shared: Shared,
) -> None:
    give(shared.ben, shared.hand)
    take(shared.desk, shared.quiet)
    who = Asker(shared.ada.enrolled.laptop, shared.ada.adviser, "")
    with shared.desk.database.reading() as connection:
        kept = [each.text.encode() for each in own(connection, who, 0, 10)]
    assert kept == [canonical(shared.begun)]
    shared.ada.push(shared.quiet, shared.other, shared.loud)
    with shared.desk.database.reading() as connection:
        kept = [each.text.encode() for each in own(connection, who, 0, 10)]
    chain = (shared.begun, shared.quiet, shared.other, shared.loud)
    assert kept == list(map(canonical, chain))


def test_a_change_has_one_place_in_the_order_for_its_author_and_everybody_else(
    shared: Shared,
) -> None:
    give(shared.ben, shared.hand)
    first, last = (receipt.order for receipt in take(shared.desk, shared.quiet))
    mine = (shared.quiet, shared.other, shared.loud)
    receipts = [shared.ada.push(*mine) for _ in range(2)]  # The first answer may be lost.
    assert [(each[0].order, each[2].order) for each in receipts] == [(first, last)] * 2
    who = Asker(shared.ada.enrolled.laptop, shared.ada.adviser, "")
    with shared.desk.database.reading() as connection:
        _, quiet, other, loud = own(connection, who, 0, 10)
    assert (quiet.order, loud.order) == (first, last)
    assert other.order == receipts[0][1].order


def test_what_its_author_numbered_anew_since_is_the_same_change(shared: Shared) -> None:
    give(shared.ben, shared.hand)
    take(shared.desk, shared.quiet)
    # A copy was put back: another change has the number that the stick's had.
    other = dc.replace(shared.other, number=2, previous=content_hash(shared.begun))
    moved = dc.replace(shared.quiet, number=3, previous=content_hash(other))
    assert verdicts(shared.ada.push(other, moved)) == [Verdict.APPLIED, Verdict.DUPLICATE]
    altered = dc.replace(shared.loud, number=4, previous=content_hash(moved), clock_trusted=False)
    (receipt,) = shared.ada.push(altered)
    assert reason_of(receipt.problem) is Reason.SAME_ID
    assert in_order(shared.desk)


def test_what_the_author_sent_meanwhile_does_not_wait(shared: Shared) -> None:
    shared.ada.push(shared.quiet)
    assert give(shared.ben, shared.hand) == 2
    assert waiting(shared.desk) == {shared.loud.id: True}
    assert verdicts(take(shared.desk, shared.loud)) == [Verdict.APPLIED]
    assert shared.says() == {"Loud."}
    assert in_order(shared.desk)


def test_what_was_taken_back_since_is_told_to_be_here_and_nothing_more(
    shared: Shared, laptop: Laptops
) -> None:
    desk, ben, cai = shared.desk, shared.ben, laptop("Cai Example")
    ben.pull_all()
    give(ben, shared.hand)
    take(desk, shared.quiet)
    with desk.database.writing() as connection:
        file, deed = visit_file(shared.visit), Deed("Grace", desk.clock())
        office.withdraw(connection, ben.adviser, file, deed)

    asked = (shared.quiet.id, shared.loud.id, new_id())
    assert {(each.id, *each.heads) for each in told(ben, *asked)} == {
        (shared.quiet.id,),
        (shared.loud.id,),
    }
    assert told(cai, *asked) == []


def test_what_was_given_and_is_lacking_is_told_and_that_alone(shared: Shared) -> None:
    give(shared.ben, shared.hand)
    digest = hashlib.sha256(shared.hand.changes).hexdigest()
    answer = ask_after(shared.ben, ids=[], given=[digest, "f" * 64])
    assert read_heard(good(answer).content).lacks == ["f" * 64]


@pytest.mark.parametrize("given", ["one", [1], {}, ["x"] * (MAX_CHANGES + 1)])
def test_what_was_given_is_named_by_digests(shared: Shared, given: object) -> None:
    answer = ask_after(shared.ben, ids=[], given=given)
    assert "given" in problem(answer, 422, "unreadable")


def told(asking: Laptop, *changes: str) -> list[Receipt]:
    """What became of changes from a colleague's hand."""
    return read_receipts(good(ask_after(asking, ids=changes)).content)[1]


def ask_after(asking: Laptop, **asked: object) -> httpx.Response:
    headers = {"Authorization": f"Bearer {asking.token}"}
    return asking.client.post("/v1/carried", json=asked, headers=headers)


def test_what_was_refused_and_began_no_record_is_told_to_who_has_it_by_hand(
    desk: Desk, laptop: Laptops
) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    bens = ben.visit(new_id(), impression="Quiet.")
    ben.push(bens)
    beside = dc.replace(ada.visit(new_id(), impression="Loud."), files=(visit_file(bens.record),))
    (refused,) = ada.push(beside)
    words = canonical(beside).decode()
    anew = canonical(dc.replace(beside, number=9)).decode()
    assert words_hash(words) == words_hash(anew), "wherever its laptop chained it"
    answer = ask_after(ben, ids=[beside.id], words={beside.id: words_hash(words)})
    (receipt,) = read_heard(good(answer).content).receipts
    assert (refused.verdict, receipt.verdict) == (Verdict.SET_ASIDE, Verdict.SET_ASIDE)
    assert receipt.heads == {}
    assert in_order(desk)


@pytest.mark.parametrize("words", [None, "f" * 64, ""])
def test_who_only_knows_the_id_of_what_began_no_record_is_told_nothing(
    laptop: Laptops, words: str | None
) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    bens = ben.visit(new_id(), impression="Quiet.")
    ben.push(bens)
    beside = dc.replace(ada.visit(new_id(), impression="Loud."), files=(visit_file(bens.record),))
    (refused,) = ada.push(beside)
    assert refused.verdict is Verdict.SET_ASIDE
    named = {} if words is None else {"words": {beside.id: words}}
    answer = ask_after(ben, ids=[beside.id], **named)
    assert read_heard(good(answer).content).receipts == []


@pytest.mark.parametrize("verdict", [Verdict.DUPLICATE, Verdict.SET_ASIDE])
def test_of_a_child_never_given_here_only_who_has_the_words_is_told(
    laptop: Laptops, verdict: Verdict
) -> None:
    ada, ben, cai = laptop("Ada Example"), laptop("Ben Example"), laptop("Cai Example")
    first = ada if verdict is Verdict.DUPLICATE else cai
    first.push(begun := first.child(new_id(), known_as="Zara"))
    ada.push(carried := ada.child(begun.record, full_name="Zara Example"))
    assert told(ben, carried.id) == []
    words = {carried.id: words_hash(canonical(carried).decode())}
    answer = ask_after(ben, ids=[carried.id], words=words)
    (receipt,) = read_heard(good(answer).content).receipts
    assert (receipt.verdict, receipt.heads) == (verdict, {})


@pytest.mark.parametrize("words", [[], "x", {"a": 1}, {"a": "x" * 501}])
def test_words_are_named_by_hashes(shared: Shared, words: object) -> None:
    assert "words" in problem(ask_after(shared.ben, ids=[], words=words), 422, "unreadable")


def test_a_later_stick_brings_what_the_first_did_not(shared: Shared) -> None:
    give(shared.ben, signed(shared.ada, changes(shared.quiet)))
    give(shared.ben, shared.hand)
    assert waiting(shared.desk) == {shared.quiet.id: True, shared.loud.id: True}
    assert len(take(shared.desk, shared.loud)) == 1
    assert len(take(shared.desk, shared.quiet)) == 1
    assert shared.says() == {"Loud."}
    assert in_order(shared.desk)


def test_what_was_known_by_hearsay_is_proved_when_it_comes_signed(shared: Shared) -> None:
    with shared.desk.database.writing() as connection:
        hearsay = [by_hand._witness(shared.quiet)]
        witness.keep(connection, shared.ben.enrolled.laptop, hearsay, shared.desk.clock())
    assert waiting(shared.desk) == {shared.quiet.id: False}
    with pytest.raises(NotTaken, match="Nobody signed for this"):
        take(shared.desk, shared.quiet)
    give(shared.ben, shared.hand)
    assert waiting(shared.desk) == {shared.quiet.id: True, shared.loud.id: True}


def test_no_hearsay_stands_among_the_words_that_were_signed_for(shared: Shared) -> None:
    told = by_hand._witness(shared.quiet)
    made_up = dc.replace(told, author="AD-nobody", fields={"impression": "Forged.", "met_by": "x"})
    # What is told before, and what is told after.
    for _ in range(2):
        with shared.desk.database.writing() as connection:
            witness.keep(connection, shared.ben.enrolled.laptop, [made_up], shared.desk.clock())
        give(shared.ben, shared.hand)
    with shared.desk.database.reading() as connection:
        found = {each.change: each for each in witness.waiting(connection)}[shared.quiet.id]
    assert (found.signed, found.fields) == (True, {"impression": "Quiet."})
    assert found.author == "Ada Example"


def test_it_is_judged_as_if_its_author_had_sent_it(desk: Desk, laptop: Laptops) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    bens = ben.visit(new_id(), impression="Quiet.")
    ben.push(bens)
    adas = ada.visit(bens.record, [bens.id], impression="Not hers to say.")
    give(ben, signed(ada, changes(adas)))
    (receipt,) = take(desk, adas)
    assert reason_of(receipt.problem) is Reason.NOT_GIVEN
    assert waiting(desk) == {}
    (again,) = ada.push(adas)
    assert (again.verdict, again.problem) == (Verdict.SET_ASIDE, receipt.problem)
    assert in_order(desk)


def test_a_stick_about_one_visit_alters_nothing_of_another(shared: Shared) -> None:
    desk, ada, ben = shared.desk, shared.ada, shared.ben
    bens = ben.visit(new_id(), impression="Quiet.")
    ben.push(bens)
    files = (visit_file(shared.visit),)
    forged = dc.replace(ada.visit(bens.record, [bens.id], impression="Loud."), files=files)
    as_area = dc.replace(ada.visit(new_id(), seen="Well."), kind="area", files=files)
    bens_area = dc.replace(
        ben.visit(as_area.record, seen="Ill."), kind="area", files=(visit_file(bens.record),)
    )
    ben.push(bens_area)
    give(ben, signed(ada, changes(forged, as_area)))
    (own, other) = take(desk, forged)
    assert reason_of(own.problem) is Reason.MISPLACED
    assert reason_of(other.problem) is Reason.NOT_GIVEN
    assert in_order(desk)


def test_nothing_that_is_not_signed_for_is_kept(shared: Shared, laptop: Laptops) -> None:
    cai, hand = laptop("Cai Example"), shared.hand
    theirs = changes(cai.visit(new_id(), impression="In another’s name."))
    wrong = [
        (ByHand(hand.signed, hand.signature[::-1], hand.changes), 401, "wrong-signature"),
        (ByHand(b"odd", hand.signature, hand.changes), 422, "unreadable"),
        (ByHand(hand.signed, hand.signature, hand.changes + b"{}\n"), 422, "unreadable"),
        (signed(cai, changes(shared.loud), name="LT-nobody"), 422, "unreadable"),
        (signed(cai, theirs, name=shared.ada.enrolled.laptop), 401, "wrong-signature"),
        # What a laptop signed for in its own name may not be somebody else's words.
        (signed(cai, changes(shared.loud)), 422, "unreadable"),
        (signed(cai, DRAFT), 422, "unreadable"),
    ]
    for each, status, name in wrong:
        refused(shared.ben, each, status, name)
    assert waiting(shared.desk) == {}
    with shared.desk.database.reading() as connection:
        assert connection.execute(select(WitnessRow.change)).all() == []


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b"no JSON\n", "unreadable"),
        (b"[]\n", "unreadable"),
        (b"{}\n", "unreadable"),
        (b"[" * 100_000 + b"\n", "unreadable"),
        (b"\xff\n", "cut"),  # Through the middle of a letter, for all that the office knows.
    ],
)
def test_what_is_signed_for_and_cannot_be_read_is_not_kept(
    shared: Shared, line: bytes, name: str
) -> None:
    odd = Part("changes", Kind.CHANGES, [line])
    refused(shared.ben, signed(shared.ada, odd), 422, name)


def test_more_than_is_taken_at_once_is_told(shared: Shared) -> None:
    many = changes(*[shared.loud] * (MAX_CHANGES + 1))
    refused(shared.ben, signed(shared.ada, many), 413, "too-large")


def test_what_was_cut_is_not_kept(shared: Shared) -> None:
    headers = {"Authorization": f"Bearer {shared.ben.token}"}
    body = write_by_hand(shared.hand)[:-5]
    problem(shared.ben.client.post("/v1/by-hand", content=body, headers=headers), 422, "cut")


def test_what_was_altered_at_the_office_is_not_taken(shared: Shared) -> None:
    give(shared.ben, shared.hand)
    with shared.desk.database.writing() as connection:
        without_its_rule(connection)
        connection.execute(update(Evidence).values(body=b"altered"))
    with pytest.raises(NotTaken, match="not what was signed"):
        take(shared.desk, shared.loud)
    assert len(waiting(shared.desk)) == 2


def test_what_does_not_wait_is_not_taken(shared: Shared) -> None:
    with pytest.raises(NotWaiting):
        take(shared.desk, shared.loud)


def test_what_was_set_aside_by_hand_and_in_its_chain_is_listed_once(
    desk: Desk, laptop: Laptops
) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    bens = ben.visit(new_id(), impression="Quiet.")
    ben.push(bens)
    adas = ada.visit(bens.record, [bens.id], impression="Not hers to say.")
    give(ben, signed(ada, changes(adas)))
    take(desk, adas)
    ada.push(adas)
    with desk.database.reading() as connection:
        (line,) = set_aside.lines(connection)
        assert set_aside.counted(connection) == [(Reason.NOT_GIVEN.value, 1)]
    assert (line.record, line.adviser) == (bens.record, "Ada Example")


def test_how_far_the_clock_was_off_goes_with_what_a_stick_brought(shared: Shared) -> None:
    late = dc.replace(shared.quiet, clock_trusted=False, clock_off=7200)
    give(shared.ben, signed(shared.ada, changes(late)))
    with shared.desk.database.reading() as connection:
        (found,) = witness.waiting(connection)
    assert (found.clock_trusted, found.clock_off) == (False, 7200)
