"""Words that were said stand at the office as well, whatever program a change comes from."""

from collections.abc import Callable, Iterable

import pytest
from sqlalchemy import select

from hah_central.database.rows import Change as Row
from hah_central.proof.verify import verify
from hah_central.pulling import mending
from hah_desktop.domain.aside import Reason, told
from hah_desktop.domain.changes import Change
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.ids import visit_file
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.signoff import SIGNED_OFF
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, new_id, values, verdicts

Laptops = Callable[[str], Laptop]
ADA, BEN = "Ada Example", "Ben Example"


class Talk:
    """A visit that two advisers have, and a statement in it."""

    def __init__(self, laptop: Laptops) -> None:
        self.ada, self.ben = laptop(ADA), laptop(BEN)
        self.visit, self.said = new_id(), new_id()
        both = (self.ada.adviser, self.ben.adviser)
        self.ada.push(self.ada.visit(self.visit, advisers=both))

    def says(
        self, laptop: Laptop, words: Json, *replaces: Change, kind: str = "statement", **more: Json
    ) -> Change:
        """Somebody writes down what was said, or says that it was something else."""
        seen = [change.id for change in replaces]
        return laptop.change(
            self.said, kind, [visit_file(self.visit)], {"text": words, **more}, seen
        )

    def stands(self, name: str = "text") -> set[Json]:
        """What the office says now."""
        return values(self.ben.pull(self.said)[1], self.said, name)


@pytest.fixture
def talk(laptop: Laptops) -> Talk:
    return Talk(laptop)


def is_whole(desk: Desk, talk: Talk) -> bool:
    """Whether the journal makes of itself what the office says."""
    with desk.database.reading() as connection:
        altered = mending.altered(connection, [visit_file(talk.visit)])
        return verify(connection).faults == [] and altered == []


def problems(desk: Desk, changes: Iterable[Change]) -> set[str]:
    with desk.database.reading() as connection:
        asked = select(Row.problem).where(Row.id.in_([change.id for change in changes]))
        return set(connection.execute(asked).scalars())


@pytest.mark.parametrize("words", ["I like it here.", None, "I hate it.\n\nNot really.", 1, True])
@pytest.mark.parametrize("kind", ["statement", "addendum"])
def test_other_words_in_the_place_of_those_that_were_said_are_set_aside(
    desk: Desk, talk: Talk, words: Json, kind: str
) -> None:
    first = talk.says(talk.ada, "I hate it.", kind=kind)
    talk.ada.push(first)
    other = talk.says(talk.ben, words, first, kind=kind)
    beside = talk.ben.visit(talk.visit, impression="Loud.")

    receipts = talk.ben.push(other, beside)

    assert verdicts(receipts) == [Verdict.SET_ASIDE, Verdict.APPLIED]
    assert receipts[0].problem == Reason.OTHER_WORDS.why
    assert receipts[0].heads == {"text": (first.id,)}
    assert talk.stands() == {"I hate it."}
    assert problems(desk, [other]) == {Reason.OTHER_WORDS.why}
    assert is_whole(desk, talk)


def test_also_those_of_ones_own_and_in_one_batch(desk: Desk, talk: Talk) -> None:
    first = talk.says(talk.ada, "I hate it.")
    other = talk.says(talk.ada, "I like it.", first)
    later = talk.says(talk.ada, "I love it.", other)

    found = verdicts(talk.ada.push(first, other, later))

    # What replaces one that was set aside stands beside what that one saw: nothing is overwritten.
    assert found == [Verdict.CONFLICT, Verdict.SET_ASIDE, Verdict.CONFLICT]
    assert talk.stands() == {"I hate it.", "I love it."}
    assert is_whole(desk, talk)


def test_what_is_no_quotation_may_be_edited(talk: Talk) -> None:
    first = talk.says(talk.ada, "I hate it.", type="own_words")
    talk.ada.push(first)
    edit = talk.ada.change(
        talk.said, "statement", [visit_file(talk.visit)], {"by": "his mother"}, ()
    )
    assert verdicts(talk.ada.push(edit)) == [Verdict.APPLIED]


def test_words_where_there_were_none_are_taken(desk: Desk, talk: Talk) -> None:
    empty = talk.says(talk.ada, None)
    first = talk.says(talk.ben, "I hate it.", empty)
    talk.ada.push(empty)
    assert verdicts(talk.ben.push(first)) == [Verdict.APPLIED]
    assert is_whole(desk, talk)


def test_two_who_wrote_down_what_was_said_both_stand_until_it_is_joined_whole(
    desk: Desk, talk: Talk
) -> None:
    hers, his = talk.says(talk.ada, "It is loud."), talk.says(talk.ben, "It is loud at night.")
    talk.ada.push(hers)
    assert verdicts(talk.ben.push(his)) == [Verdict.CONFLICT]
    for words in ("It is loud.", "It is loud at night.", "It is loud. It is loud at night.", None):
        chosen = talk.says(talk.ben, words, hers, his)
        assert verdicts(talk.ben.push(chosen)) == [Verdict.SET_ASIDE]
    joined = talk.says(talk.ben, "It is loud at night.\n\nIt is loud.", hers, his)
    assert verdicts(talk.ben.push(joined)) == [Verdict.APPLIED]
    # Whoever joined them meanwhile without knowing of it is right as well.
    again = talk.says(talk.ada, "It is loud.\n\nIt is loud at night.", hers, his)
    assert verdicts(talk.ada.push(again)) == [Verdict.CONFLICT]
    assert is_whole(desk, talk)


def test_what_was_joined_from_a_stick_may_come_before_what_it_joins(desk: Desk, talk: Talk) -> None:
    hers, his = talk.says(talk.ada, "It is loud."), talk.says(talk.ben, "It is loud at night.")
    joined = talk.says(talk.ada, "It is loud.\n\nIt is loud at night.", hers, his)

    assert verdicts(talk.ada.push(hers, joined)) == [Verdict.APPLIED, Verdict.APPLIED]
    assert talk.stands() == {"It is loud.\n\nIt is loud at night."}
    assert verdicts(talk.ben.push(his)) == [Verdict.APPLIED]
    assert talk.stands() == {"It is loud.\n\nIt is loud at night."}
    assert is_whole(desk, talk)


def test_what_leaves_out_words_that_are_known_is_set_aside_though_others_are_not(
    talk: Talk,
) -> None:
    hers, his = talk.says(talk.ada, "It is loud."), talk.says(talk.ben, "It is loud at night.")
    talk.ada.push(hers)
    kept = talk.says(talk.ada, "It is loud at night.", hers, his)
    assert verdicts(talk.ada.push(kept)) == [Verdict.SET_ASIDE]


@pytest.mark.parametrize("together", [True, False])
def test_words_that_come_after_what_was_to_overwrite_them_stand_beside_it(
    desk: Desk, talk: Talk, *, together: bool
) -> None:
    his = talk.says(talk.ben, "It is loud at night.")
    more = talk.says(talk.ben, "It is loud at night.", his, by="Kai")
    altered = talk.says(talk.ada, "It is quiet at night.", his)

    assert verdicts(talk.ada.push(altered)) == [Verdict.APPLIED]
    if together:
        found = verdicts(talk.ben.push(his, more))
        assert found == [Verdict.CONFLICT, Verdict.SET_ASIDE]
    else:
        assert verdicts(talk.ben.push(his)) == [Verdict.CONFLICT]
    assert talk.stands() == {"It is quiet at night.", "It is loud at night."}
    assert is_whole(desk, talk)


def test_what_was_written_without_knowing_that_the_visit_is_signed_off_is_taken(
    desk: Desk, talk: Talk
) -> None:
    talk.ada.push(talk.ada.visit(talk.visit, status=SIGNED_OFF))
    first, other = new_id(), talk.said
    assert first != other
    said = talk.says(talk.ben, "Nobody asked me.", type="own_words")
    impression = talk.ben.visit(talk.visit, impression="Loud.")
    assert verdicts(talk.ben.push(said, impression)) == [Verdict.APPLIED, Verdict.APPLIED]
    assert is_whole(desk, talk)


def test_a_removal_leaves_the_words_as_they_are(desk: Desk, talk: Talk) -> None:
    first = talk.says(talk.ada, "I hate it.")
    talk.ada.push(first)
    removal = talk.ada.change(
        talk.said, "statement", [visit_file(talk.visit)], {"removed": True}, [first.id]
    )
    assert verdicts(talk.ada.push(removal)) == [Verdict.APPLIED]
    assert talk.stands() == {"I hate it."}
    assert is_whole(desk, talk)


def test_the_adviser_and_the_office_are_told_what_to_do() -> None:
    words = told(Reason.OTHER_WORDS.why)
    assert "another statement" in words.do
    assert "Ask the adviser" in words.office
