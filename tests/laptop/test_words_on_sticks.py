"""What was said stands on a laptop as well, whatever a colleague’s stick brings."""

import dataclasses as dc
from collections.abc import Callable
from pathlib import Path

import pytest

from hah_desktop.domain.changes import Change, Edit
from hah_desktop.domain.ids import ChangeId, RecordId, visit_file
from hah_desktop.domain.moving import move
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.child import Child, Conversation, Statement
from hah_desktop.store.exchange.carrying import NotTaken
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.saving import NOTHING, Edited
from tests.laptop.team import Person, Team, give

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


def moved(team: Team, said: Change, stands: Json) -> tuple[Change, Change]:
    """The words written anew in another record, and the one that they leave for it."""
    there = RecordId(team.ruth.unlocked.store.new_id())
    anew = altered(team, there, stands)
    gone = altered(team, said.record, None, said)
    fields = {"removed": Edit(True, (said.id,)), "moved": Edit(there, ())}
    return anew, dc.replace(gone, edits={**gone.edits, **fields})


@pytest.mark.parametrize("stands", [LOUD, "It is quiet.", None])
def test_words_leave_a_record_only_for_one_in_which_they_stand(
    team: Team, stick: Path, stands: Json
) -> None:
    said = heard(team, team.ruth, LOUD)
    anew, gone = moved(team, said, stands)
    path = to_sam(team, stick, said, anew, gone)
    if stands == LOUD:
        team.sam.take(path)
        assert team.sam.held(said.record) is None
        assert team.sam.reads(anew.record, "text") == LOUD
    else:
        with pytest.raises(NotTaken, match="what was said stands"):
            team.sam.take(path)
        assert team.sam.held(said.record) is None
        assert team.sam.held(anew.record) is None


@pytest.mark.parametrize("is_here", [True, False])
def test_where_words_went_before_the_stick_was_written_is_looked_up_or_left_to_the_office(
    team: Team, stick: Path, *, is_here: bool
) -> None:
    said = heard(team, team.ruth, LOUD)
    anew, gone = moved(team, said, LOUD)
    if is_here:
        team.sam.take(to_sam(team, stick, anew))
        stick.unlink()
    team.sam.take(to_sam(team, stick, said, gone))
    assert team.sam.held(said.record) is None
    held = team.sam.held(anew.record)
    assert (held is not None) == is_here


def test_a_conversation_that_was_moved_comes_so_on_a_stick_and_from_the_office(
    team: Team, stick: Path
) -> None:
    store = team.ruth.unlocked.store
    ben, kai = (Child(id=RecordId(store.new_id()), known_as=name) for name in ("Ben", "Kai"))
    talk = Conversation(id=RecordId(store.new_id()), visit=team.visit, child=ben.id)
    words = Statement(id=RecordId(store.new_id()), visit=team.visit, child=ben.id, text=LOUD)
    store.add(ben, kai, talk, dc.replace(words, conversation=talk.id))
    done = move([talk, dc.replace(words, conversation=talk.id)], kai.id, store.new_id)
    with store.reading() as connection:
        seen = reading.seen(connection, [one.id for one in done.saved])
    store.save_all([Edited(one, seen.get(one.id, NOTHING)) for one in done.saved])
    give(team, stick)
    team.sam.take(stick)
    for _ in range(2):
        assert team.sam.held(words.id) is None
        assert team.sam.held(talk.id) is None
        assert team.sam.reads(done.stands[1].id, "text") == LOUD
        team.sam.sync()
        team.ruth.sync()
        team.sam.sync()


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
