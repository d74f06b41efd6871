"""What a laptop writes in a file that was taken back, before it knew and after."""

import datetime as dt

import pytest

from hah_desktop.domain.aside import Reason
from hah_desktop.domain.changes import Change, Spelled, canonical
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.ids import child_file, visit_file
from hah_desktop.domain.records.base import Json
from hah_desktop.sync.wire.changes import read_receipts, write_spelled_push
from hah_desktop.sync.wire.form import spelled_lines
from hah_desktop.sync.wire.opaque import write_opaque
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, good, new_id, values, verdicts
from tests.central.test_withdrawing import assign, withdraw


def spelled(change: Change) -> Spelled:
    """As a laptop keeps it."""
    return Spelled(canonical(change).decode())


def test_what_a_laptop_wrote_once_it_knew_is_set_aside(
    desk: Desk, ada: Laptop, ben: Laptop, visit: str
) -> None:
    withdraw(desk, ben.adviser, visit_file(visit))
    before = ben.visit(visit, met_by="The deputy")
    knows = {visit_file(visit): before.number}
    after = ben.visit(visit, left_at="16:40")

    sent = write_spelled_push("", map(spelled, (before, after)), knows=knows)
    _, receipts = read_receipts(good(ben.push_body(sent)).content)

    assert verdicts(receipts) == [Verdict.APPLIED, Verdict.SET_ASIDE]
    assert receipts[1].problem == Reason.TAKEN_BACK.why
    assert verdicts(ben.push(ben.visit(visit, met_by="Me"))) == [Verdict.SET_ASIDE]
    assert values(ada.pull_all(), visit, "met_by") == {"The deputy"}


def test_what_it_writes_of_a_child_who_went_with_the_visit_is_set_aside_as_taken_back(
    desk: Desk, ben: Laptop, visit: str
) -> None:
    met = new_id()
    ben.push(ben.child(met, known_as="Sky"), ben.conversation(visit, met))
    withdraw(desk, ben.adviser, visit_file(visit))
    knows = dict.fromkeys((visit_file(visit), child_file(met)), ben.number)

    sent = write_spelled_push("", [spelled(ben.child(met, known_as="Me"))], knows=knows)
    _, (receipt,) = read_receipts(good(ben.push_body(sent)).content)

    assert receipt.problem == Reason.TAKEN_BACK.why


@pytest.mark.parametrize(
    "knows", [{"visit:v": "soon"}, {"visit:v": -1}, ["visit:v"], "all", {"visit:v": 2**63}]
)
def test_what_it_says_to_know_and_nobody_can_read_stops_nothing(
    desk: Desk, ben: Laptop, visit: str, knows: Json
) -> None:
    withdraw(desk, ben.adviser, visit_file(visit))
    change = ben.visit(visit, met_by="The deputy")

    answer = good(ben.push_body(spelled_lines({"epoch": "", "knows": knows}, [canonical(change)])))

    assert verdicts(read_receipts(answer.content)[1]) == [Verdict.APPLIED]


def test_what_it_wrote_once_it_knew_is_set_aside_also_where_it_comes_as_bytes(
    desk: Desk, ben: Laptop, visit: str
) -> None:
    withdraw(desk, ben.adviser, visit_file(visit))
    knows = {visit_file(visit): ben.number}

    sent = write_opaque("", spelled(ben.visit(visit, left_at="16:40")), knows)
    _, (receipt,) = read_receipts(good(ben.push_body(sent)).content)

    assert receipt.problem == Reason.TAKEN_BACK.why


def test_whoever_was_told_for_a_day_and_asks_on_knows_it(
    desk: Desk, ben: Laptop, visit: str
) -> None:
    withdraw(desk, ben.adviser, visit_file(visit))
    had = dict(ben.cursors)

    def asks_on(hours: int) -> list[Verdict]:
        desk.clock.now += dt.timedelta(hours=hours)
        ben.sign_in()
        ben.cursors = had
        ben.pull()
        return verdicts(ben.push(ben.visit(visit, met_by="The deputy")))

    assert [asks_on(hours) for hours in (0, 23)] == [[Verdict.APPLIED]] * 2
    assert asks_on(hours=1) == [Verdict.SET_ASIDE]


def test_whoever_only_sends_may_write_on_for_a_day_and_no_longer(
    desk: Desk, ben: Laptop, visit: str
) -> None:
    withdraw(desk, ben.adviser, visit_file(visit))

    def writes(hours: int) -> list[Verdict]:
        desk.clock.now += dt.timedelta(hours=hours)
        ben.sign_in()
        return verdicts(ben.push(ben.visit(visit, met_by="The deputy")))

    assert [writes(hours) for hours in (0, 23, 1)] == [[Verdict.APPLIED]] * 3
    assert writes(hours=0) == [Verdict.SET_ASIDE]


def test_what_was_written_far_from_any_line_counts_though_the_first_answer_was_lost(
    desk: Desk, ben: Laptop, visit: str
) -> None:
    withdraw(desk, ben.adviser, visit_file(visit))
    ben.push(ben.visit(visit, met_by="The deputy"))
    desk.clock.now += dt.timedelta(days=10)
    ben.sign_in()

    written = [ben.visit(visit, impression="Quiet."), ben.visit(visit, left_at="16:40")]

    assert verdicts(ben.push(*written)) == [Verdict.APPLIED] * 2


def test_what_was_known_counts_no_more_once_it_is_given_and_taken_again(
    desk: Desk, ben: Laptop, visit: str
) -> None:
    withdraw(desk, ben.adviser, visit_file(visit))
    knows = {visit_file(visit): ben.number}
    ben.push_body(write_spelled_push("", [spelled(ben.visit(visit, met_by="A"))], knows=knows))

    assign(desk, ben.adviser, visit_file(visit))
    assert verdicts(ben.push(ben.visit(visit, met_by="B"))) == [Verdict.APPLIED]
    withdraw(desk, ben.adviser, visit_file(visit))

    assert verdicts(ben.push(ben.visit(visit, left_at="16:40"))) == [Verdict.APPLIED]
