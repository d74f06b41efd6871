"""Letters on their way to the office and from it: cut at any byte, in the end they are the same."""

import os
import random
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from hah_central.office import office as desk
from hah_central.people.audit import Deed
from hah_desktop.domain.chunks import CHUNK, chunks_of
from hah_desktop.domain.exchange import Admission
from hah_desktop.domain.ids import RecordId, visit_file
from hah_desktop.store.attachments import travelling
from hah_desktop.store.attachments.attachments import Damaged, find
from hah_desktop.store.attachments.coming import NotNamed, NotTheSame
from hah_desktop.store.attachments.travelling import Count, Way
from hah_desktop.sync.errors import Cancelled, Refused
from hah_desktop.sync.files import SMALL, NotThere
from hah_desktop.sync.wire.form import NotOurs
from tests.faults.carrying import Carrier, CutLine
from tests.faults.made import Machine, Post, in_plain_english
from tests.faults.plain import real_now

ROUNDS = int(os.environ.get("HAH_ROUNDS_OF_FILES", "1"))
"""More rounds are for a long night: each cuts the line more than a hundred times."""

SIZES = (1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 345, 4 * CHUNK)


def chance(seed: int = 0) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a history to run again


@pytest.fixture
def ruth(machine: Machine) -> Carrier:
    return Carrier(machine, CutLine(chance(1)))


@pytest.fixture
def sam(other: Machine) -> Carrier:
    return Carrier(other, CutLine(chance(2)))


@pytest.fixture
def folder(post: Post) -> Path:
    """Where the office keeps what it was sent."""
    name = post.database.engine.url.database
    assert name is not None
    return Path(name).parent / "attachments"


def test_a_letter_goes_to_the_office_after_the_text_and_small_ones_come_by_themselves(
    ruth: Carrier, sam: Carrier, folder: Path
) -> None:
    visit = ruth.visit(sam.machine)
    content = chance(3).randbytes(2 * CHUNK + 345)
    letter = ruth.add(visit, content)
    assert ruth.way(letter) == Way(len(content))
    assert ruth.carry().sent == 0, "the office knows no record that names it yet"
    ruth.sync()
    assert ruth.carry().sent == 1
    assert ruth.way(letter) == Way(len(content), len(content), received=True)
    assert (folder / ruth.record(letter).hash).read_bytes() == content
    sam.sync()
    assert sam.way(letter) == Way(len(content), can_fetch=True)
    assert sam.carry().fetched == 1
    assert sam.content(letter) == content
    assert sam.way(letter).received
    assert sam.lying() == [f"{sam.record(letter).content}.sealed"]
    assert sam.kept.sweep(sam.store).removed == 0
    assert ruth.carry() == sam.carry()
    with ruth.store.reading() as connection:
        assert travelling.count(connection, visit) == Count(1, 1)
        assert travelling.only_here(connection) == frozenset()


def test_a_large_one_comes_when_somebody_asks(ruth: Carrier, sam: Carrier) -> None:
    letter = ruth.add(ruth.visit(sam.machine), chance(3).randbytes(SMALL + 1))
    ruth.sync()
    ruth.carry()
    sam.sync()
    assert sam.carry().fetched == 0
    sam.fetch(letter)
    assert sam.content(letter) == ruth.content(letter)


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"rotten")])
def test_what_the_office_has_lost_is_sent_again_by_whoever_has_it(
    ruth: Carrier, sam: Carrier, folder: Path, spoil: Callable[[Path], object]
) -> None:
    content = chance(3).randbytes(2 * CHUNK + 345)
    letter = ruth.add(ruth.visit(sam.machine), content)
    ruth.sync()
    ruth.carry()
    sam.sync()
    sam.carry()
    kept = folder / ruth.record(letter).hash
    with closing(ruth.office()) as office:
        spoil(kept)
        with pytest.raises(Refused):
            office.get_piece(kept.name, 0, 1)
    assert sam.way(letter).received, "nobody has told this laptop yet"

    sam.store.admission = Admission()
    sam.sync()
    assert not sam.way(letter).received
    assert sam.carry().sent == 1
    assert kept.read_bytes() == content

    ruth.store.admission = Admission()
    ruth.sync()
    assert ruth.way(letter).received, "it was healed by somebody else"


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_cut_at_any_byte_it_is_the_same_in_the_end_and_nothing_is_sent_twice(
    ruth: Carrier, sam: Carrier, folder: Path, seed: int
) -> None:
    lie_there = {path.name for path in folder.iterdir()} if folder.exists() else set()
    visit = ruth.visit(sam.machine)
    contents = [chance(100 * seed + n).randbytes(size) for n, size in enumerate(SIZES)]
    letters = {ruth.add(visit, content): content for content in contents}
    ruth.sync()
    ruth.line.how_often = sam.line.how_often = 0.9
    with closing(ruth.office()) as office:
        while any(not ruth.way(letter).received for letter in letters):
            ruth.carry_over(office)
    sam.sync()
    with closing(sam.office()) as office:
        while any(not sam.way(letter).received for letter in letters):
            sam.carry_over(office)
    assert {letter: sam.content(letter) for letter in letters} == letters
    for carrier, method in ((ruth, "PUT"), (sam, "GET")):
        whole = [what for what in carrier.line.asked if what.startswith(method)]
        assert len(whole) == sum(chunks_of(size) for size in SIZES)
        for what in whole:
            assert carrier.line.asked[what] <= 1 + carrier.line.cut[what]
        assert carrier.kept.sweep(carrier.store).removed == 0
        assert all(name.endswith(".sealed") for name in carrier.lying())
    hashes = {ruth.record(letter).hash for letter in letters}
    assert {path.name for path in folder.iterdir()} == lie_there | hashes
    assert ruth.line.cuts + sam.line.cuts > 100


def test_a_laptop_that_is_closed_half_way_goes_on_where_it_was(ruth: Carrier, sam: Carrier) -> None:
    content = chance(5).randbytes(6 * CHUNK)
    letter = ruth.add(ruth.visit(sam.machine), content)
    ruth.sync()
    problem = ruth.carry(stops(2)).problem
    assert isinstance(problem, Cancelled)
    assert ruth.way(letter) == Way(6 * CHUNK, CHUNK)
    ruth.carry()
    sam.sync()
    with pytest.raises(Cancelled):
        sam.fetch(letter, stops(3))
    assert sam.way(letter) == Way(6 * CHUNK, fetched=3 * CHUNK, can_fetch=True)
    sam.line.asked.clear()
    assert sam.kept.sweep(sam.store).removed == 0
    sam.fetch(letter)
    assert sam.line.asked.total() == 3
    assert sam.content(letter) == content


def stops(after: int) -> "Stops":
    return Stops(after)


class Stops:
    """Somebody who stops it after being asked so often."""

    def __init__(self, after: int) -> None:
        self._left = after

    def __call__(self) -> bool:
        self._left -= 1
        return self._left < 0


def test_pieces_that_were_torn_on_the_disk_are_fetched_again(ruth: Carrier, sam: Carrier) -> None:
    content = chance(6).randbytes(6 * CHUNK)
    letter = ruth.add(ruth.visit(sam.machine), content)
    ruth.sync()
    ruth.carry()
    sam.sync()
    for asked, spoilt in ((4, 2 * CHUNK + 999), (3, 5)):
        with pytest.raises(Cancelled):
            sam.fetch(letter, stops(asked))
        path = sam.kept.path_of_coming(sam.record(letter).content)
        with path.open("r+b") as file:
            file.seek(spoilt)
            file.write(b"torn")
    sam.line.asked.clear()
    sam.fetch(letter)
    assert sam.line.asked.total() == 6
    assert sam.content(letter) == content


def test_no_plain_byte_of_it_is_on_the_disk_of_either_laptop(ruth: Carrier, sam: Carrier) -> None:
    planted = b"The marmalade cat sat upon the secret ledger. "
    letter = ruth.add(ruth.visit(sam.machine), planted * (5 * CHUNK // len(planted)))
    ruth.sync()
    ruth.carry()
    sam.sync()
    with pytest.raises(Cancelled):
        sam.fetch(letter, stops(2))
    assert any(name.endswith(".coming") for name in sam.lying())
    for carrier in (ruth, sam):
        for path in carrier.store.folder.rglob("*"):
            assert not path.is_file() or planted not in path.read_bytes()


# Wrong bytes


def test_bytes_that_were_changed_on_the_line_are_refused(ruth: Carrier, sam: Carrier) -> None:
    letter = ruth.add(ruth.visit(sam.machine), b"Dear Kai, your placement ends on Friday.")
    ruth.sync()
    ruth.carry()
    sam.sync()
    sam.line.spoil = lambda whole: whole[:-1] + b"!"
    with pytest.raises(NotOurs):
        sam.fetch(letter)
    assert sam.way(letter) == Way(40, can_fetch=True)
    sam.line.spoil = None
    sam.fetch(letter)
    assert sam.content(letter).endswith(b"Friday.")


def test_bytes_of_an_office_that_lies_are_refused_and_not_asked_for_again(
    ruth: Carrier, sam: Carrier
) -> None:
    content = chance(8).randbytes(2 * CHUNK + 5)
    letter = ruth.add(ruth.visit(sam.machine), content)
    ruth.sync()
    ruth.carry()
    sam.sync()
    sam.line.spoil, sam.line.lies = (lambda whole: whole[:-1] + b"!"), True
    problem = sam.carry().problem
    assert isinstance(problem, NotTheSame)
    assert in_plain_english(problem)
    assert sam.lying() == []
    asked = sam.line.asked.total()
    assert sam.carry().problem is None
    assert sam.line.asked.total() == asked
    with pytest.raises(NotTheSame):
        sam.fetch(letter)
    sam.line.spoil, sam.line.lies = None, False
    sam.fetch(letter)
    assert sam.content(letter) == content
    assert sam.kept.sweep(sam.store).removed == 0


def test_a_letter_that_is_damaged_here_stops_no_other(ruth: Carrier) -> None:
    visit = ruth.visit()
    first, second = ruth.add(visit, b"first"), ruth.add(visit, b"and the second")
    ruth.sync()
    with ruth.kept.path(ruth.record(first).content).open("r+b") as file:
        file.seek(20)
        file.write(b"!")
    done = ruth.carry()
    assert (done.sent, str(done.problem)[:15]) == (1, "This attachment")
    assert (ruth.way(first).received, ruth.way(second).received) == (False, True)


def test_a_name_that_is_a_path_is_never_fetched(ruth: Carrier, sam: Carrier) -> None:
    letter = ruth.add(ruth.visit(sam.machine), b"Dear Kai")
    ruth.sync()
    ruth.carry()
    sam.sync()
    made = sam.record(letter)
    assert sam.way(letter).can_fetch
    for name in ("../../evil", "", "0" * 31, "0" * 32 + "/x"):
        object.__setattr__(made, "content", name)
        with sam.store.reading() as connection:
            assert not travelling.way(connection, made).can_fetch


# Who may not have it


def test_another_adviser_is_not_told_of_it_and_a_withdrawn_one_no_longer(
    ruth: Carrier, sam: Carrier, post: Post
) -> None:
    content = chance(9).randbytes(3 * CHUNK)
    letter = ruth.add(ruth.visit(sam.machine), content)
    mine = ruth.add(ruth.visit(), b"of nobody else")
    ruth.sync()
    ruth.carry()
    sam.sync()
    with pytest.raises(Cancelled):
        sam.fetch(letter, stops(1))
    assert sam.lying()
    with post.database.writing() as connection:
        connection.exec_driver_sql(
            "DELETE FROM file_grant WHERE adviser = ?", (sam.machine.unlocked.who.adviser,)
        )
    with pytest.raises(NotThere) as refusal:
        sam.fetch(letter)
    assert in_plain_english(refusal.value)
    assert sam.lying() == []
    with closing(sam.office()) as office, pytest.raises(Refused, match="no such file"):
        office.get_piece(ruth.record(mine).hash, 0, 14)


def test_what_the_office_lost_is_sent_again_after_it_was_restored(
    ruth: Carrier, folder: Path, post: Post
) -> None:
    letter = ruth.add(ruth.visit(), b"Dear Kai, come back")
    ruth.sync()
    ruth.carry()
    (folder / ruth.record(letter).hash).unlink()
    with post.database.writing() as connection:
        connection.exec_driver_sql("UPDATE clock SET epoch = 'another'")
    ruth.sync()
    assert not ruth.way(letter).received
    assert ruth.carry().sent == 1
    assert (folder / ruth.record(letter).hash).read_bytes() == b"Dear Kai, come back"


# What is damaged here, and what is taken back meanwhile


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: os.truncate(path, 9)])
def test_what_is_lost_here_comes_again_from_the_office(
    ruth: Carrier, sam: Carrier, spoil: Callable[[Path], object]
) -> None:
    content = chance(5).randbytes(CHUNK + 1)
    letter = ruth.add(ruth.visit(sam.machine), content)
    ruth.sync()
    ruth.carry()
    sam.sync()
    sam.carry()
    spoil(sam.kept.path(sam.record(letter).content))
    sam.tidy()
    assert sam.way(letter) == Way(len(content), can_fetch=True)
    assert sam.carry().fetched == 1
    assert sam.content(letter) == content


def test_what_rots_here_is_fetched_again_once_somebody_looks(ruth: Carrier, sam: Carrier) -> None:
    content = chance(5).randbytes(CHUNK + 1)
    letter = ruth.add(ruth.visit(sam.machine), content)
    ruth.sync()
    ruth.carry()
    sam.sync()
    sam.carry()
    path = sam.kept.path(sam.record(letter).content)
    rotten = bytearray(path.read_bytes())
    rotten[CHUNK // 2] ^= 1
    path.write_bytes(rotten)
    with pytest.raises(Damaged):
        sam.content(letter)
    with sam.store.writing() as connection:
        assert travelling.let_come_again(connection, [sam.record(letter).content]) == 1
    sam.fetch(letter)
    assert sam.content(letter) == content


def test_what_only_this_laptop_has_is_kept_however_damaged(ruth: Carrier) -> None:
    letter = ruth.add(ruth.visit(), b"Dear Kai, come back")
    path = ruth.kept.path(ruth.record(letter).content)
    os.truncate(path, 9)
    ruth.tidy()
    with ruth.store.writing() as connection:
        assert travelling.let_come_again(connection, [ruth.record(letter).content]) == 0
    assert path.exists()
    assert ruth.way(letter) == Way(19)


@pytest.mark.parametrize("removed", [False, True], ids=["taken back", "removed"])
def test_what_goes_while_its_file_is_fetched_leaves_no_file(
    ruth: Carrier, sam: Carrier, post: Post, *, removed: bool
) -> None:
    """The last piece is here when a sync beside it takes the record away."""
    visit = ruth.visit(sam.machine)
    letter = ruth.add(visit, chance(9).randbytes(SMALL + 1))
    ruth.sync()
    ruth.carry()
    sam.sync()
    name = sam.record(letter).content

    def goes(done: int, size: int) -> None:
        if done < size:
            return
        if removed:
            ruth.remove(letter)
            ruth.sync()
        else:
            with post.database.writing() as connection:
                adviser = sam.machine.unlocked.who.adviser
                deed = Deed("The office", real_now())
                desk.withdraw(connection, RecordId(adviser), visit_file(RecordId(visit)), deed)
        sam.sync()

    with pytest.raises(NotNamed) as refusal:
        sam.fetch(letter, tell=goes)

    assert in_plain_english(refusal.value)
    with sam.store.reading() as connection:
        assert find(connection, name) is None
    sam.tidy()
    assert sam.lying() == []
    assert sam.carry().problem is None


@pytest.mark.parametrize("rotten", [0, 1])
def test_of_two_copies_of_the_same_the_whole_one_is_sent(ruth: Carrier, rotten: int) -> None:
    visit = ruth.visit()
    content = chance(6).randbytes(CHUNK + 5)
    names = sorted(ruth.record(ruth.add(visit, content)).content for _ in range(2))
    ruth.sync()
    path = ruth.kept.path(names[rotten])
    spoilt = bytearray(path.read_bytes())
    spoilt[CHUNK // 2] ^= 1
    path.write_bytes(spoilt)

    done = ruth.carry()

    assert (done.sent, done.problem) == (1, None)
    with ruth.store.reading() as connection:
        assert travelling.count(connection, visit) == Count(2, 2)
