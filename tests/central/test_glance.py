"""What every pull asks first: it sees what single questions see, and lets in whom they let in."""

import dataclasses as dc
import datetime as dt

import pytest
from sqlalchemy import Connection, delete, event, insert, select, update

from hah_central.database import rows
from hah_central.journal import access, digests
from hah_central.office import office
from hah_central.people import audit, people
from hah_central.people.people import TOKEN_LASTS
from hah_central.problems import Problem
from hah_central.pulling import glance, pull
from hah_central.pulling.glance import Glance, Lies
from hah_central.pulling.pull import Ask, Unnamed
from hah_desktop.domain.digest import digest, names
from hah_desktop.domain.ids import REFERENCE_FILE, FileId, LaptopId, RecordId, visit_file
from hah_desktop.sync.wire.changes import read_page, write_page
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, good, new_id, problem
from tests.central.test_brief import ask


@pytest.fixture
def ada(desk: Desk) -> Laptop:
    """A laptop with three visits that has read all there is, beside one with its own."""
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    for number in range(3):
        ada.push(ada.visit(new_id(), met_by=f"Manager {number}"))
    ben.push(ben.visit(new_id(), met_by="His manager"), ben.place(new_id(), name="Invented House"))
    for laptop in (ada, ben):
        laptop.pull_all()
    return ada


def seen(desk: Desk, laptop: Laptop) -> Glance:
    authorization = f"Bearer {laptop.token}"
    with desk.database.asking() as connection:
        by_token = glance.of_token(connection, authorization, desk.clock())
        assert by_token == glance.of_laptop(connection, by_token.asker.laptop)
        assert by_token.asker == people.asker(connection, authorization, desk.clock())
    return by_token


def last(connection: Connection, file: FileId) -> int:
    lies = select(rows.RecordFile.seq).where(rows.RecordFile.file == file)
    return max(connection.execute(lies).scalars())


def brief(seen: Glance) -> Ask:
    """What a laptop asks that has read all of it."""
    return Ask(seen.epoch, {}, unnamed=Unnamed(seen.now, names(seen.files)))


def withdraw(desk: Desk, of: Laptop, file: FileId) -> None:
    deed = audit.Deed("Grace Example", desk.clock())
    with desk.database.writing() as connection:
        office.withdraw(connection, of.adviser, file, deed)


def a_visit_of(laptop: Laptop) -> FileId:
    return max(laptop.cursors.keys() - {REFERENCE_FILE})


def test_it_sees_what_single_questions_see(desk: Desk, ada: Laptop) -> None:
    found = seen(desk, ada)
    with desk.database.reading() as connection:
        assert found.files.keys() == access.files_of(connection, ada.adviser)
        held = {file: digest(*lies.sums) for file, lies in found.files.items()}
        assert held == digests.of(connection, list(found.files))
        for file, lies in found.files.items():
            assert (lies.last, lies.stale) == (last(connection, file), False)
    assert found.held == ada.cursors.keys() - {REFERENCE_FILE}
    assert found.now == max(ada.cursors.values())


def test_a_file_in_which_nothing_lies_is_seen_too(desk: Desk, ada: Laptop) -> None:
    file = visit_file(RecordId(new_id()))
    given = {"adviser": ada.adviser, "file": file, "seq": 1, "how": access.How.OFFICE.value}
    with desk.database.writing() as connection:
        connection.execute(insert(rows.Grant).values(given))
    found = seen(desk, ada)
    assert found.files[file] == Lies()


def test_whoever_has_no_file_at_all_sees_what_everybody_sees(desk: Desk, ada: Laptop) -> None:
    with desk.database.writing() as connection:
        connection.execute(delete(rows.Grant))
        connection.execute(delete(rows.Holding))
    found = seen(desk, ada)
    assert (set(found.files), found.held) == ({REFERENCE_FILE}, frozenset())


def test_what_was_dropped_is_not_held(desk: Desk, ada: Laptop) -> None:
    dropped = a_visit_of(ada)
    with desk.database.writing() as connection:
        gone = update(rows.Holding).where(rows.Holding.file == dropped)
        connection.execute(gone.values(dropped=desk.clock()))
    assert seen(desk, ada).held == ada.cursors.keys() - {REFERENCE_FILE, dropped}


def test_a_short_answer_is_letter_for_letter_the_long_one(desk: Desk, ada: Laptop) -> None:
    found = seen(desk, ada)
    asked = brief(found)
    short = pull.no_news(found, asked)
    with desk.database.reading() as connection:
        page, told = pull.pull(connection, found, asked)
    assert short is not None
    assert dc.replace(page, digests={}) == short
    assert write_page(page, told, brief=True) == write_page(short, [], brief=True)


def test_without_news_one_question_is_all(desk: Desk, ada: Laptop) -> None:
    asked = list[str]()
    event.listen(desk.database.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    good(ask(ada, ada.cursors))
    # On PostgreSQL it goes past SQLAlchemy, as all that is asked often.
    assert sum(not statement.startswith("BEGIN") for statement in asked) <= 1


def test_each_reason_to_look_further_is_seen(desk: Desk, ada: Laptop) -> None:
    found = seen(desk, ada)
    asked, visit = brief(found), a_visit_of(ada)
    behind = dc.replace(asked, cursors={visit: found.files[visit].last - 1})
    stale = {**found.files, visit: found.files[visit]._replace(stale=True)}
    for other, what in (
        (found, behind),
        (found, dc.replace(asked, want=frozenset([RecordId("any")]))),
        (found, dc.replace(asked, unnamed=None, cursors=ada.cursors)),
        (dc.replace(found, files=stale), asked),
        (dc.replace(found, held=found.held - {visit}), asked),
        (dc.replace(found, held=found.held | {FileId("visit:other")}), asked),
    ):
        assert pull.no_news(other, what) is None
    assert pull.no_news(found, dc.replace(behind, cursors={visit: found.files[visit].last}))


def test_a_file_that_is_to_be_added_up_anew_is_told_right(desk: Desk, ada: Laptop) -> None:
    told = good(ask(ada, ada.cursors)).content
    with desk.database.writing() as connection:
        connection.execute(update(rows.FileDigest).values(stale=True, count=0))
    assert good(ask(ada, ada.cursors)).content == told


def test_a_laptop_that_is_not_known_to_hold_a_file_is_noted_to(desk: Desk, ada: Laptop) -> None:
    held = seen(desk, ada).held
    with desk.database.writing() as connection:
        connection.execute(delete(rows.Holding))
    assert seen(desk, ada).held == frozenset()
    good(ask(ada, ada.cursors))
    assert seen(desk, ada).held == held


def test_a_file_that_was_taken_back_stops_the_short_answer(desk: Desk, ada: Laptop) -> None:
    asked, gone = brief(seen(desk, ada)), a_visit_of(ada)
    withdraw(desk, ada, gone)
    found = seen(desk, ada)
    assert gone not in found.files
    with pytest.raises(Problem):
        pull.no_news(found, dc.replace(asked, unnamed=Unnamed(found.now, names(ada.cursors))))
    problem(ask(ada, ada.cursors, moves=False), 409, "names")
    moved = dc.replace(asked, unnamed=Unnamed(found.now, names(ada.cursors), moves=True))
    assert pull.no_news(found, moved) is None
    page, told = read_page(good(ask(ada, ada.cursors)).content, ada.cursors)
    assert (page.gone, page.given) == (frozenset({gone}), frozenset())
    assert told == []
    left = {file: found.now for file in ada.cursors if file != gone}
    good(ask(ada, left))
    assert gone not in seen(desk, ada).held


def test_whoever_is_not_let_in_sees_nothing(desk: Desk, ada: Laptop) -> None:
    with desk.database.writing() as connection:
        reader = people.operations_token(connection, audit.Deed("Grace Example", desk.clock()))
    token = ada.token
    for shown in ("wrong", reader):
        ada.token = shown
        problem(ask(ada, ada.cursors), 401, "sign-in")
    ada.token = token
    good(ask(ada, ada.cursors))
    desk.clock.pass_by(TOKEN_LASTS - dt.timedelta(seconds=1))
    good(ask(ada, ada.cursors))
    desk.clock.pass_by(dt.timedelta(seconds=1))
    problem(ask(ada, ada.cursors), 401, "sign-in")


def test_a_laptop_whose_access_has_ended_sees_nothing(desk: Desk, ada: Laptop) -> None:
    now = desk.clock()
    with desk.database.writing() as connection:
        gone = update(rows.Laptop).where(rows.Laptop.id == ada.enrolled.laptop)
        connection.execute(gone.values(revoked=now))
    problem(ask(ada, ada.cursors), 403, "revoked")
    with desk.database.asking() as connection, pytest.raises(Problem, match="ended this laptop"):
        glance.of_laptop(connection, ada.enrolled.laptop)


def test_a_laptop_that_nobody_enrolled_sees_nothing(desk: Desk, ada: Laptop) -> None:
    del ada
    with desk.database.asking() as connection, pytest.raises(Problem, match="not signed in"):
        glance.of_laptop(connection, LaptopId("unknown"))
