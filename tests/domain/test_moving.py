"""What is about the wrong child: moved so that nothing of it stands in the wrong file."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.codec import to_body
from hah_desktop.domain.ids import RecordId, child_file
from hah_desktop.domain.moving import AboutChild, Move, back, leaves_something, move
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.base import Json, Record
from hah_desktop.domain.records.child import (
    Concern,
    Conversation,
    Permission,
    Statement,
    permission_id,
)
from hah_desktop.domain.records.visit import Action
from hah_desktop.domain.said import moved_to
from hah_desktop.domain.sharing import permissions_of
from tests.domain.made import records_of

CONCERN = Concern(
    id=RecordId("one"),
    visit="v",
    child="ben",
    level="S3",
    about="Nobody answers the bell",
    told_to="T. Lark",
    unknown={"of_later": "words"},
)
ACTION = Action(id=RecordId("two"), visit="v", child="ben", what="Look at the bell")
TALK = Conversation(id=RecordId("talk"), visit="v", child="ben", status="complete")
SAID = Statement(
    id=RecordId("said"), visit="v", child="ben", conversation="talk", text="I hate it."
)
WHERE = {"visit": "v", "child": "ben"}


def answer(item: Record, given_by: str = "ben") -> Permission:
    key = RecordId(permission_id(item.id, "place"))
    said = Permission(id=key, visit="v", child=given_by, item=item.id, reader="place")
    return replace(said, answer="FULL", reason="Ben said so")


def new_id() -> str:
    return f"new-{next(_NUMBERS)}"


_NUMBERS = itertools.count()


@pytest.mark.parametrize("child", ["kai", ""])
def test_what_lies_in_the_childs_file_is_written_anew_and_emptied(child: str) -> None:
    done = move([CONCERN, answer(CONCERN)], child, new_id)
    (stands,) = done.stands
    assert stands == replace(CONCERN, id=stands.id, child=child, moved=CONCERN.id)
    assert stands.id != CONCERN.id
    assert child_file("ben") not in stands.files()
    first, gone, said = done.saved
    assert first == stands
    assert to_body(gone) == {**WHERE, "removed": True, "moved": stands.id}
    about = {"item": CONCERN.id, "reader": "place"}
    assert to_body(said) == {**WHERE, **about, "removed": True}


def test_what_is_undone_stands_as_before_and_what_stood_is_emptied() -> None:
    done = move([CONCERN, answer(CONCERN)], "kai", new_id)
    undone = back(done, new_id)
    assert undone.stands == (CONCERN, answer(CONCERN))
    *_, gone = undone.saved
    assert to_body(gone) == {"visit": "v", "child": "kai", "removed": True, "moved": CONCERN.id}


def test_what_lies_in_no_childs_file_only_says_another_child() -> None:
    assert not leaves_something(ACTION, ())
    done = move([ACTION], "kai", new_id)
    assert done.saved == (replace(ACTION, child="kai"),)
    assert back(done, new_id).saved == (ACTION,)


def test_an_answer_about_it_lies_in_the_childs_file_and_stays_behind() -> None:
    assert leaves_something(ACTION, [answer(ACTION)])
    stands, *left = move([ACTION, answer(ACTION)], "kai", new_id).saved
    assert stands.id != ACTION.id
    assert [one.removed for one in left] == [True, True]


def test_what_only_joins_a_childs_file_stays_the_same_record_and_leaves_it_as_another() -> None:
    nobodys = replace(CONCERN, child="")
    done = move([nobodys], "kai", new_id)
    assert done.saved == (replace(CONCERN, child="kai"),)
    stands, gone = back(done, new_id).saved
    assert stands == replace(nobodys, id=stands.id, moved=CONCERN.id)
    assert to_body(gone)["removed"]
    assert child_file("kai") in gone.files()


def test_an_answer_goes_along_only_where_somebody_says_that_the_right_child_gave_it() -> None:
    left = move([TALK, SAID, answer(SAID)], "kai", new_id)
    assert permissions_of(left.saved) == {}
    done = move([TALK, SAID, answer(SAID)], "kai", new_id, answered=True)
    _, said, _ = done.stands
    ((asked, allowed),) = permissions_of(done.saved).items()
    assert (asked, allowed.child, allowed.answer) == ((said.id, "place"), "kai", "FULL")
    # Of what is about no child no child has said who may see it.
    nobodys = move([CONCERN, answer(CONCERN)], "", new_id, answered=True)
    assert permissions_of(nobodys.saved) == {}


def test_what_came_meanwhile_goes_to_the_conversation_that_stands_already() -> None:
    done = move([SAID], "kai", new_id, into={"talk": "there"})
    (said,) = done.stands
    assert isinstance(said, Statement)
    assert (said.conversation, said.child, said.text) == ("there", "kai", SAID.text)


def test_words_leave_a_record_only_with_all_of_it_and_for_a_record_that_is_named() -> None:
    stands, gone = move([SAID], "kai", new_id).saved
    assert moved_to(to_body(gone)) == stands.id
    assert moved_to({"removed": True}) == moved_to({"moved": "there"}) == ""
    assert moved_to({"removed": True, "moved": True}) == ""


MADE = st.sampled_from([Statement, Concern, Action, Attachment])


@st.composite
def talks(draw: st.DrawFn) -> list[AboutChild]:
    """A conversation with Ben, what was said in it, what came of it, and who may see that."""
    kinds = [Conversation, *draw(st.lists(MADE, max_size=5))]
    found: list[AboutChild] = []
    for number, kind in enumerate(kinds):
        made = replace(draw(records_of(kind)), id=RecordId(f"r{number}"), removed=None)
        made = replace(made, visit="v", child="ben")  # type: ignore[call-arg]  # all have both
        if isinstance(made, Statement):
            made = replace(made, conversation="r0")
        found.append(made)  # type: ignore[arg-type]  # of these kinds
    return [*found, *(answer(one) for one in found[1:] if draw(st.booleans()))]


def shown(*saves: Sequence[Record]) -> dict[str, Record]:
    """What is shown after these saves, one over the other."""
    last = {one.id: one for save in saves for one in save}
    return {str(id_): one for id_, one in last.items() if not one.removed}


def words(records: Sequence[Record]) -> list[dict[str, Json]]:
    """What records say, apart from which child they are about and how they hang together."""
    bound = {"child", "conversation", "item", "moved"}
    said = [{k: v for k, v in to_body(one).items() if k not in bound} for one in records]
    return sorted(said, key=repr)


@given(talks(), st.booleans(), st.sampled_from(["kai", "new"]))
def test_all_of_a_conversation_goes_word_for_word_and_nothing_stays_or_is_lost(
    before: list[AboutChild],
    answered: bool,  # noqa: FBT001 - drawn
    child: str,
) -> None:
    done: Move = move(before, child, new_id, answered=answered)
    now = shown(before, done.saved)
    went = [one for one in before if answered or not isinstance(one, Permission)]
    assert words(list(now.values())) == words(went)
    for one in done.saved:
        lies_with_ben = child_file("ben") in one.files()
        kept = {"visit", "child", "removed", "moved", "item", "reader"}
        assert not lies_with_ben or to_body(one).keys() <= kept
    said = [one for one in now.values() if isinstance(one, Statement)]
    assert {one.conversation for one in said} <= {str(done.stands[0].id)}
    undone = back(done, new_id)
    assert shown(before, done.saved, undone.saved) == shown(before)
    # A laptop that is lost in between has not left the words nowhere.
    for one_save in (done.saved, undone.saved):
        assert sorted(one_save, key=lambda one: bool(one.removed)) == list(one_save)
