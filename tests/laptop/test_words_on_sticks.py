"""What was said stands on a laptop as well, whatever a colleague’s stick brings."""

import dataclasses as dc
from collections.abc import Callable
from pathlib import Path

import pytest

from hah_desktop.domain.changes import Change, Edit
from hah_desktop.domain.ids import ChangeId, RecordId, visit_file
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.child import Statement
from hah_desktop.store.exchange.carrying import NotTaken
from hah_desktop.store.journal.saving import Edited
from tests.laptop.team import Person, Team

LOUD, NIGHT = "It is loud.", "It is loud at night."


def heard(team: Team, person: Person, words: str, record: RecordId | None = None) -> Change:
    """Somebody writes down what was said; gives the change."""
    store = person.unlocked.store
    held = person.held(record) if record else None
    if held is None:
        said = Statement(id=record or RecordId(store.new_id()), visit=team.visit, text=words)
        store.add(said)
    else:
        store.save(Edited(dc.replace(held.record, text=words), held.seen))  # type: ignore[call-arg]  # a statement
    return person.own()[-1]


def altered(team: Team, record: RecordId, words: Json, *replaces: Change) -> Change:
    """What only a program that was altered would make."""
    ruth = team.ruth
    store = ruth.unlocked.store
    team.ruth.edit(team.visit, impression=store.new_id())
    last = team.ruth.own()[-1]
    return dc.replace(
        last,
        id=ChangeId(store.new_id()),
        record=record,
        kind="statement",
        files=(visit_file(team.visit),),
        edits={"text": Edit(words, tuple(change.id for change in replaces))},
    )


def to_sam(team: Team, path: Path, *changes: Change) -> Path:
    (sam,) = (card for card in team.ruth.readers(team.visit) if card.adviser == team.sam.card)
    return team.ruth.forge(path, list(changes), sam)


@pytest.mark.parametrize("words", ["It is quiet.", None, f"{LOUD}\n\nSometimes."])
def test_a_stick_with_other_words_than_were_said_is_refused(
    team: Team, stick: Path, words: Json
) -> None:
    said = heard(team, team.sam, LOUD)
    forged = altered(team, said.record, words, said)
    with pytest.raises(NotTaken, match="other words in the place of words that were said"):
        team.sam.take(to_sam(team, stick, forged))
    assert team.sam.reads(said.record, "text") == LOUD
    assert team.sam.carried() == 0


def test_also_where_both_come_on_it(team: Team, stick: Path) -> None:
    said = heard(team, team.ruth, LOUD)
    forged = altered(team, said.record, "It is quiet.", said)
    with pytest.raises(NotTaken, match="what was said stands"):
        team.sam.take(to_sam(team, stick, said, forged))
    assert team.sam.held(said.record) is None


def test_what_joins_words_is_taken_though_some_of_them_are_not_here(
    team: Team, stick: Path
) -> None:
    hers = heard(team, team.ruth, LOUD)
    his = dc.replace(hers, id=ChangeId(team.ruth.unlocked.store.new_id()))
    joined = altered(team, hers.record, f"{LOUD}\n\n{NIGHT}", hers, his)
    team.sam.take(to_sam(team, stick, hers, joined))
    assert team.sam.reads(hers.record, "text") == f"{LOUD}\n\n{NIGHT}"


Come = Callable[[Team, Change], None]


def test_words_that_come_later_stand_beside_what_was_to_overwrite_them(
    team: Team, stick: Path
) -> None:
    said = heard(team, team.ruth, LOUD)
    forged = altered(team, said.record, "It is quiet.", said)
    team.sam.take(to_sam(team, stick, forged))
    assert team.sam.reads(said.record, "text") == "It is quiet."
    team.ruth.sync()
    team.sam.sync()
    assert team.sam.reads(said.record, "text") == {"It is quiet.", LOUD}
