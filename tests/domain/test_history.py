"""The past of a record: told from the changes that are known, and never guessed."""

from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.changes import Edit
from hah_desktop.domain.history import Known, before_all, entries
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.records.base import Json


def known(change: str, order: int, value: Json, *replaces: str, aside: str = "") -> Known:
    edit = Edit(value, tuple(map(ChangeId, replaces)))
    return Known(ChangeId(change), "ruth", "2026-03-02", order, {"met_by": edit}, aside=aside)


FIRST = known("first", 1, "nobody yet")
MINE = known("mine", 2, "the manager", "first")
THEIRS = known("theirs", 3, "the deputy", "first")
DECIDED = known("decided", 4, "both", "mine", "theirs")


def heads(*changes: str) -> dict[str, list[ChangeId]]:
    return {"met_by": [ChangeId(change) for change in changes]}


def test_each_entry_says_what_was_seen_and_what_stands() -> None:
    past = entries([DECIDED, THEIRS, MINE, FIRST], heads("decided"))
    assert [e.head.value for e in past] == ["nobody yet", "the manager", "the deputy", "both"]
    assert [[h.value for h in e.saw] for e in past] == [
        [],
        ["nobody yet"],
        ["nobody yet"],
        ["the manager", "the deputy"],
    ]
    assert [e.chose for e in past] == [False, False, False, True]
    assert [e.stands for e in past] == [False, False, False, True]


def test_what_is_known_at_the_office_only_is_counted_not_guessed() -> None:
    (only,) = entries([DECIDED], heads("decided"))
    assert (only.saw, only.beyond, only.chose) == ((), 2, True)
    (one,) = entries([MINE], heads("mine"))
    assert (one.beyond, one.chose) == (1, False)


def test_a_change_of_which_another_field_is_known_is_not_one_of_this_field() -> None:
    elsewhere = Known(ChangeId("first"), "sam", "2026-03-01", 1, {"exit_with": Edit("x", ())})
    past = entries([elsewhere, MINE], heads("mine"))
    assert [(e.name, e.beyond) for e in past] == [("exit_with", 0), ("met_by", 1)]


def test_two_versions_that_said_the_same_were_no_choice() -> None:
    same = known("theirs", 3, "the manager", "first")
    past = entries([FIRST, MINE, same, DECIDED], heads("decided"))
    assert not past[-1].chose


def test_what_a_field_said_before_the_versions_that_clash() -> None:
    past = entries([FIRST, MINE, THEIRS], heads("mine", "theirs"))
    before = before_all(past, "met_by")
    assert before is not None
    assert before.value == "nobody yet"
    assert before_all(past, "exit_with") is None
    assert before_all(entries([MINE, THEIRS], heads("mine", "theirs")), "met_by") is None


def test_what_the_office_set_aside_was_never_said_before() -> None:
    refused = known("refused", 1, "a stranger", aside="No such visit.")
    past = entries([refused, MINE, THEIRS], heads("mine", "theirs"))
    assert past[0].aside == "No such visit."
    assert before_all(past, "met_by") is None


@given(st.permutations([FIRST, MINE, THEIRS, DECIDED]))
def test_the_order_of_arrival_does_not_matter(arriving: list[Known]) -> None:
    assert entries(arriving, heads("decided")) == entries(
        [FIRST, MINE, THEIRS, DECIDED], heads("decided")
    )


def removal(change: str, order: int, *replaces: str) -> Known:
    edit = Edit(value=True, replaces=tuple(map(ChangeId, replaces)))
    return Known(ChangeId(change), "ruth", "2026-03-02", order, {"removed": edit})


def test_a_removal_that_replaces_all_that_its_author_saw_was_no_choice() -> None:
    other = Known(ChangeId("other"), "sam", "2026-03-01", 2, {"exit_with": Edit("x", ())})
    past = entries([FIRST, other, removal("gone", 3, "first", "other")], {})
    assert (past[-1].saw, past[-1].beyond, past[-1].chose) == ((), 0, False)


def test_to_keep_it_removed_is_a_choice_between_removing_and_going_on() -> None:
    gone = removal("gone", 2, "first")
    kept = removal("kept", 4, "first", "gone", "theirs")
    past = entries([FIRST, gone, THEIRS, kept], {"removed": [ChangeId("kept")]})
    decision = past[-1]
    assert [(head.change, head.value) for head in decision.saw] == [
        ("gone", True),
        ("theirs", None),
    ]
    assert (decision.beyond, decision.chose, decision.stands) == (0, True, True)


def test_of_what_a_removal_replaced_only_what_is_not_here_is_beyond() -> None:
    (*_, gone) = entries([THEIRS, removal("gone", 4, "theirs", "elsewhere")], {})
    assert (gone.saw, gone.beyond, gone.chose) == ((), 1, False)
