"""Removing against editing: what nobody who removed it saw is found, and nothing else."""

from dataclasses import dataclass, field
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.heads import FieldHeads, take
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.removing import REMOVED, Removal, replaced, unseen

PEOPLE = 3
FIELDS = ("text", "place", REMOVED)
ONE, TWO, GONE = ChangeId("one"), ChangeId("two"), ChangeId("gone")


def test_a_removal_replaces_all_that_its_author_saw() -> None:
    seen = {"text": (ONE, TWO), "place": (ONE,), REMOVED: ()}
    assert replaced(REMOVED, value=True, seen=seen) == (ONE, TWO)
    assert replaced(REMOVED, value=None, seen=seen) == ()
    assert replaced("text", value="x", seen=seen) == (ONE, TWO)
    assert replaced("new", value="x", seen=seen) == ()


def test_an_edit_that_no_removal_names_is_unseen() -> None:
    removal = Removal(GONE, value=True, replaces=(ONE,))
    assert unseen([removal], {"text": (ONE, TWO), REMOVED: (GONE,)}) == [TWO]
    assert unseen([removal], {"text": (ONE,), REMOVED: (GONE,)}) == []


def test_what_one_of_several_people_saw_who_removed_it_was_seen() -> None:
    removals = [Removal(GONE, value=True, replaces=(ONE,)), Removal(TWO, True, (ONE, TWO))]
    assert unseen(removals, {"text": (ONE, TWO), REMOVED: (GONE, TWO)}) == []


def test_a_record_that_is_not_removed_has_nothing_unseen() -> None:
    assert unseen([], {"text": (ONE,)}) == []
    assert unseen([Removal(GONE, value=None, replaces=(TWO,))], {"text": (ONE,)}) == []


def test_a_removal_of_an_older_version_says_nothing_of_what_it_saw() -> None:
    assert unseen([Removal(GONE, value=True, replaces=())], {"text": (ONE,)}) == []


@dataclass(frozen=True)
class Step:
    """What one person does: edits, removes or puts back, or hears from another."""

    person: int
    field: str
    value: Json
    hears: int | None


@dataclass
class Known:
    """The changes that one person knows."""

    changes: set[int] = field(default_factory=lambda: {0})


@dataclass(frozen=True)
class Made:
    """A change: the field it is of, what it says, what it replaces, and what its author knew."""

    field: str
    value: Json
    replaces: tuple[ChangeId, ...]
    knew: frozenset[int]


STEPS = st.lists(
    st.builds(
        Step,
        st.integers(0, PEOPLE - 1),
        st.sampled_from(FIELDS),
        st.sampled_from([True, None]),
        st.one_of(st.none(), st.integers(0, PEOPLE - 1)),
    ),
    max_size=25,
)


def id_of(number: int) -> ChangeId:
    return ChangeId(f"{number:03}")


def heads(made: list[Made], order: list[int]) -> dict[str, tuple[ChangeId, ...]]:
    found = {name: FieldHeads() for name in FIELDS}
    known: set[ChangeId] = set()
    for number in order:
        change = made[number]
        name = change.field
        found[name] = take(found[name], id_of(number), change.replaces, known)
        known.add(id_of(number))
    return {name: tuple(sorted(state.heads)) for name, state in found.items()}


def played(steps: list[Step]) -> list[Made]:
    """The first change makes the record, and everybody knows it."""
    made = [Made("text", "first", (), frozenset())]
    people = [Known() for _ in range(PEOPLE)]
    for step in steps:
        person = people[step.person]
        if step.hears is not None:
            person.changes |= people[step.hears].changes
            continue
        seen = heads(made, sorted(person.changes))
        value = step.value if step.field == REMOVED else f"{len(made)}"
        replaces = replaced(step.field, value, seen)
        made.append(Made(step.field, value, replaces, frozenset(person.changes)))
        person.changes.add(len(made) - 1)
    return made


@given(steps=STEPS, chance=st.randoms(use_true_random=False))
def test_exactly_what_no_remover_knew_is_unseen_in_whatever_order_it_arrives(
    steps: list[Step], chance: Random
) -> None:
    made = played(steps)
    order = list(range(len(made)))
    chance.shuffle(order)
    now = heads(made, order)
    assert now == heads(made, sorted(order))
    last = [int(head) for head in now[REMOVED]]
    removals = [Removal(id_of(n), made[n].value, made[n].replaces) for n in last]
    edits = {int(head) for name in FIELDS if name != REMOVED for head in now[name]}
    known = {n for one in last for n in made[one].knew}
    is_removed = bool(last) and all(made[n].value is True for n in last)
    assert unseen(removals, now) == (
        [id_of(n) for n in sorted(edits - known)] if is_removed else []
    )
