"""The line to the office is cut, taken over or gone: nothing is lost and nothing sent twice."""

import random
from string import ascii_letters

import pytest
from sqlalchemy import delete, select

from hah_central.database.rows import Laptop as LaptopRow
from hah_central.database.rows import Recovery, Token
from hah_central.office import office as desk
from hah_desktop.domain.exchange import Admission
from hah_desktop.domain.ids import RecordId, visit_file
from hah_desktop.store.exchange import digests, outbox
from hah_desktop.sync.errors import BrokeOff
from tests.faults.made import Machine, Post, in_plain_english
from tests.faults.plain import real_now
from tests.faults.proxy import Fault, Line, line_to
from tests.sync.server import Answer, Server, serving

MANY = 40
SHORT_OF_MANY = 9_000
"""Bytes: enough for some of the visits, and for the tables of contents, not for all of them."""
TRIES = 12
PATHS = ("/v1/hello", "/v1/token", "/v1/push", "/v1/pull")
NOT_JSON = b"<!doctype html><title>Welcome to Hotel Wi-Fi</title><p>Sign in to go on.</p>"
PORTALS = {
    "a page instead of an answer": Answer(NOT_JSON, headers={"Content-Type": "text/html"}),
    "a way to a sign-in page": Answer(status=302, headers={"Location": "http://127.0.0.1:1/login"}),
    "other people's JSON": Answer(b'{"ok": true}', headers={"Content-Type": "application/json"}),
    "the status made for it": Answer(NOT_JSON, status=511),
    "a proxy's forbidden": Answer(NOT_JSON, status=403),
    "an empty answer": Answer(),
}


def at_the_office(post: Post, machine: Machine) -> int:
    """How many changes of this laptop the office holds."""
    with post.database.reading() as connection:
        last = select(LaptopRow.last_number).where(LaptopRow.id == machine.unlocked.who.laptop)
        return int(connection.execute(last).scalar_one())


def test_an_office_that_is_down_leaves_everything_saved_here(post: Post, machine: Machine) -> None:
    visit = machine.save(met_by="T. Lark")
    done = machine.sync("http://127.0.0.1:1")
    assert "cannot be reached" in str(done.problem)
    assert in_plain_english(done.problem)
    assert machine.unsent() == 1
    assert machine.visits()[visit].met_by == "T. Lark"
    assert machine.sync().problem is None
    assert (machine.unsent(), at_the_office(post, machine)) == (0, 1)


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("path", PATHS)
def test_a_line_cut_anywhere_loses_nothing_and_sends_nothing_twice(
    post: Post, machine: Machine, path: str, fault: Fault
) -> None:
    with line_to(post.url, seed=1) as line:
        for cut in range(1, 4):
            machine.save(met_by=f"Person {cut}")
            line.cut(fault, path)
            # So that they meet anew, and every address is asked.
            machine.unlocked.store.admission = Admission()
            with machine.unlocked.store.writing() as connection:
                digests.read_again(connection, list(outbox.cursors(connection)))
            assert in_plain_english(machine.sync(line.url).problem)
            assert line.cuts == cut
            assert len(machine.visits()) == machine.saved() == cut
            if cut % 2:
                # Every other time more is written before the next try.
                assert machine.sync(line.url).problem is None
                assert (machine.unsent(), at_the_office(post, machine)) == (0, cut)
    assert {visit.met_by for visit in machine.visits().values()} == {
        f"Person {cut}" for cut in range(1, 4)
    }


def synced(machine: Machine, line: Line) -> int:
    """Try until all is through. Returns how often it was cut."""
    for cuts in range(TRIES):
        done = machine.sync(line.url)
        if done.problem is None:
            return cuts
        assert isinstance(done.problem, BrokeOff)
    pytest.fail("however often it is tried, it is cut before it is through")


def test_a_line_that_never_carries_much_carries_all_of_it_in_the_end(
    post: Post, machine: Machine, other: Machine
) -> None:
    chance = random.Random(1)  # noqa: S311 - the same words each time
    for _ in range(MANY):
        machine.save(impression="".join(chance.choices(ascii_letters, k=700)))
    with line_to(post.url, seed=1) as line:
        line.carries = SHORT_OF_MANY
        assert 0 < synced(machine, line) == line.cuts
        assert (machine.unsent(), at_the_office(post, machine)) == (0, MANY)
        adviser = RecordId(other.unlocked.who.adviser)
        with post.database.writing() as connection:
            for visit in machine.visits():
                file = visit_file(RecordId(visit))
                desk.assign(connection, adviser, file, real_now())
        line.cuts = 0
        assert 0 < synced(other, line) == line.cuts
    machine.sync()
    assert other.visits() == machine.visits()


def test_a_push_cut_after_the_office_took_it_is_not_called_received(
    post: Post, machine: Machine
) -> None:
    machine.save()
    with line_to(post.url) as line:
        line.cut(Fault.SWALLOW, "/v1/push")
        machine.sync(line.url)
    assert (machine.unsent(), at_the_office(post, machine)) == (1, 1)


def test_a_push_cut_before_the_office_took_it_is_not_called_received(
    post: Post, machine: Machine
) -> None:
    machine.save()
    with line_to(post.url) as line:
        line.cut(Fault.IN_REQUEST, "/v1/push")
        machine.sync(line.url)
    assert (machine.unsent(), at_the_office(post, machine)) == (1, 0)


def test_an_edit_made_after_a_cut_follows_the_one_before(post: Post, machine: Machine) -> None:
    machine.save(met_by="T. Lark")
    with line_to(post.url) as line:
        line.cut(Fault.SWALLOW, "/v1/push")
        machine.sync(line.url)
        machine.save(met_by="D. Moss")
        assert machine.sync(line.url).problem is None
    assert (machine.unsent(), at_the_office(post, machine)) == (0, 2)


@pytest.mark.parametrize("portal", PORTALS.values(), ids=PORTALS)
def test_a_network_that_wants_a_sign_in_first_gets_nothing_and_changes_nothing(
    machine: Machine, portal: Answer
) -> None:
    machine.save()
    with serving() as server:
        done = _sync_with(machine, server, portal)
        sent = b"".join(asked.body for asked in server.asked)
    assert "not" in str(done) or "sign-in" in str(done)
    assert machine.unsent() == 1
    assert b"met_by" not in sent
    assert machine.sync().problem is None
    assert machine.unsent() == 0


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_proxys_server_error_means_that_the_office_is_out_of_reach(
    machine: Machine, status: int
) -> None:
    machine.save()
    with serving() as server:
        said = _sync_with(machine, server, Answer(b"<h1>Bad gateway</h1>", status=status))
    assert "cannot be reached" in said
    assert machine.unsent() == 1


def _sync_with(machine: Machine, server: Server, answer: Answer) -> str:
    server.answers = dict.fromkeys(PATHS, answer)
    done = machine.sync(server.url)
    assert in_plain_english(done.problem)
    return str(done.problem)


def test_another_office_at_the_address_changes_nothing(
    machine: Machine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    machine.save()
    before = machine.unlocked.store.identity()
    other = Post(tmp_path_factory.mktemp("other") / "office")
    try:
        done = machine.sync(other.url)
    finally:
        other.close()
    assert "not the office" in str(done.problem)
    assert in_plain_english(done.problem)
    assert machine.unlocked.store.identity() == before
    assert machine.unsent() == 1
    assert machine.sync().problem is None


def test_a_token_that_was_taken_back_in_the_middle_is_no_failure(
    machine: Machine, post: Post
) -> None:
    machine.save()
    office = machine.laptop.office(machine.unlocked.who)
    office.sign_in(machine.unlocked.who.office)
    with post.database.writing() as connection:
        connection.execute(delete(Token).where(Token.laptop == machine.unlocked.who.laptop))
    with machine.unlocked.store.reading() as connection:
        batch = outbox.unsent_spelled(connection, 10)
    _, receipts = office.pack(machine.unlocked.who.epoch, batch).answer()
    office.close()
    assert len(receipts) == 1


def test_a_laptop_that_the_office_no_longer_knows_keeps_everything(
    machine: Machine, post: Post
) -> None:
    visit = machine.save(met_by="T. Lark")
    with post.database.writing() as connection:
        mine = machine.unlocked.who.laptop
        for hangs_on_it in (Token, Recovery):
            connection.execute(delete(hangs_on_it).where(hangs_on_it.laptop == mine))
        connection.execute(delete(LaptopRow).where(LaptopRow.id == mine))
    done = machine.sync()
    assert "does not know this laptop" in str(done.problem)
    assert in_plain_english(done.problem)
    assert str(done.problem).count("saved on th") == 1
    assert machine.unsent() == 1
    assert machine.visits()[visit].met_by == "T. Lark"


def test_every_try_is_in_the_history_with_its_reason(machine: Machine) -> None:
    machine.sync("http://127.0.0.1:1")
    machine.sync()
    with machine.unlocked.store.reading() as connection:
        runs = outbox.runs(connection)
    assert [bool(run.problem) for run in runs] == [False, True]
