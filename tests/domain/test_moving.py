"""What is about the wrong child: moved so that nothing of it stands in the wrong file."""

import itertools
from dataclasses import replace

import pytest

from hah_desktop.domain.codec import to_body
from hah_desktop.domain.ids import RecordId, child_file
from hah_desktop.domain.moving import Movable, back, leaves_something, move
from hah_desktop.domain.records.child import Concern, Permission, permission_id
from hah_desktop.domain.records.visit import Action

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


def answer(item: Movable) -> Permission:
    key = RecordId(permission_id(item.id, "place"))
    said = Permission(id=key, visit=item.visit, child=item.child, item=item.id, reader="place")
    return replace(said, answer="yes", reason="Ben said so")


def new_id() -> str:
    return f"new-{next(_NUMBERS)}"


_NUMBERS = itertools.count()


@pytest.mark.parametrize("child", ["kai", ""])
def test_what_lies_in_the_childs_file_is_written_anew_and_emptied(child: str) -> None:
    done = move(CONCERN, child, [answer(CONCERN)], new_id)
    assert done.stands == replace(CONCERN, id=done.stands.id, child=child, moved=CONCERN.id)
    assert done.stands.id != CONCERN.id
    assert child_file("ben") not in done.stands.files()
    gone, said = done.emptied
    where = {"visit": "v", "child": "ben"}
    assert to_body(gone) == {**where, "removed": True, "moved": done.stands.id}
    about = {"item": CONCERN.id, "reader": "place"}
    assert to_body(said) == {**where, **about, "removed": True}


def test_what_is_undone_stands_as_before_and_what_stood_is_emptied() -> None:
    done = move(CONCERN, "kai", [answer(CONCERN)], new_id)
    gone, said, stands = back(done, [answer(CONCERN)], new_id)
    assert (stands, said) == (CONCERN, answer(CONCERN))
    where = {"visit": "v", "child": "kai"}
    assert to_body(gone) == {**where, "removed": True, "moved": CONCERN.id}


def test_what_lies_in_no_childs_file_only_says_another_child() -> None:
    assert not leaves_something(ACTION, ())
    done = move(ACTION, "kai", (), new_id)
    assert (done.stands, done.emptied) == (replace(ACTION, child="kai"), ())
    assert back(done, (), new_id) == (ACTION,)


def test_an_answer_about_it_lies_in_the_childs_file_and_stays_behind() -> None:
    assert leaves_something(ACTION, [answer(ACTION)])
    done = move(ACTION, "kai", [answer(ACTION)], new_id)
    assert done.stands.id != ACTION.id
    assert [one.removed for one in done.emptied] == [True, True]


def test_what_only_joins_a_childs_file_stays_the_same_record_and_leaves_it_as_another() -> None:
    nobodys = replace(CONCERN, child="")
    done = move(nobodys, "kai", (), new_id)
    assert (done.stands, done.emptied) == (replace(CONCERN, child="kai"), ())
    gone, stands = back(done, (), new_id)
    assert stands == replace(nobodys, id=stands.id, moved=CONCERN.id)
    assert to_body(gone)["removed"]
    assert child_file("kai") in gone.files()
