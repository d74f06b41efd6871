"""A laptop that its office lost, as it was put back from a backup, comes back with all it holds."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hah_desktop.laptop.errors import LeaseEnded
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.returning import NothingAgreed, come_back
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.seals import letters
from hah_desktop.seals.errors import Misheard
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.rows import META
from hah_desktop.sync.errors import OtherOffice, Refused, Unreachable, WrongOffice, is_unknown
from hah_desktop.vault.kdf import FLOOR
from tests.central.office import Office
from tests.laptop.conftest import PASSPHRASE, Days, purposes, save_visit, silent
from tests.laptop.syncing import sync_now

NEW, BEHIND = "The food", "The showers"


@dataclass
class Lost:
    """A laptop with one visit that the office lost, and one that it never had."""

    office: Office
    laptop: Laptop
    unlocked: Unlocked
    days: Days

    def code(self) -> str:
        return self.office.run("readmit", self.unlocked.who.adviser_name)

    def ask(self, code: str) -> None:
        with closing(self.laptop.office(self.unlocked.who)) as line:
            come_back(self.unlocked, line, code)

    def sync(self) -> None:
        assert sync_now(self.laptop, self.unlocked).problem is None


@pytest.fixture(scope="module")
def put_back_from(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Path]]:
    """An office, and a backup of it from before anybody was enrolled."""
    folder = tmp_path_factory.mktemp("lost")
    with Office.running(data=folder / "office") as running:
        running.make_keys()
        running.backup(folder / "kept")
        yield running, folder / "kept"


@pytest.fixture
def lost(
    put_back_from: tuple[Office, Path], numbers: Iterator[int], tmp_path: Path
) -> Iterator[Lost]:
    office, kept = put_back_from
    days = Days()
    laptop = Laptop(tmp_path / "laptop", days, cost=FLOOR)
    unlocked = laptop.set_up(office.url, office.enrol(f"Ruth {next(numbers)}"), PASSPHRASE, silent)
    made = Lost(office, laptop, unlocked, days)
    save_visit(unlocked, NEW)
    made.sync()
    save_visit(unlocked, BEHIND)
    office.put_back(kept)
    yield made
    made.unlocked.lock()


def test_it_comes_back_and_gives_the_office_all_that_it_had_sent(lost: Lost) -> None:
    refused = sync_now(lost.laptop, lost.unlocked).problem
    assert is_unknown(refused)
    lost.ask(lost.code())
    lost.sync()
    assert (
        f"{lost.unlocked.who.laptop}  laptop of {lost.unlocked.who.adviser_name}"
        in lost.office.run("laptops")
    )
    assert next(one.words() for one in lost.unlocked.events()) == (
        "The office, which had lost this laptop, let it in again, by a code."
    )
    second = Laptop(lost.laptop.folder.parent / "second", Days(), cost=FLOOR)
    code = lost.office.enrol(lost.unlocked.who.adviser_name)
    other = second.set_up(lost.office.url, code, PASSPHRASE, silent)
    with other.or_locked():
        assert sync_now(second, other).problem is None
        assert purposes(other) == {NEW, BEHIND}
    other.lock()


def test_the_office_can_help_it_by_telephone_again(lost: Lost) -> None:
    lost.ask(lost.code())
    lost.unlocked.lock()
    code = lost.office.recovery(lost.laptop.recovery_request())
    lost.unlocked = lost.laptop.recover(code, "four wet herons at noon", silent)
    lost.sync()


def test_one_that_was_away_too_long_comes_back_before_it_opens(lost: Lost) -> None:
    lost.unlocked.lock()
    lost.days.ahead = 40
    with pytest.raises(LeaseEnded):
        lost.laptop.unlock(PASSPHRASE)
    with pytest.raises(Refused) as refused:
        lost.laptop.connect(PASSPHRASE, silent, lambda: False)
    assert is_unknown(refused.value)
    code = lost.code()
    lost.unlocked = lost.laptop.connect(PASSPHRASE, silent, lambda: False, code)
    lost.sync()
    lost.unlocked.lock()
    lost.unlocked = lost.laptop.unlock(PASSPHRASE)
    assert purposes(lost.unlocked) == {NEW, BEHIND}


def test_a_code_of_another_office_or_one_that_was_misheard_is_never_sent(lost: Lost) -> None:
    code = lost.code()
    mine = letters.read(code, 24)
    with pytest.raises(WrongOffice):
        lost.ask(letters.write(mine[:12] + "A" * 12))
    with pytest.raises(Misheard):
        lost.ask(code[:-1] + ("A" if code[-1] != "A" else "B"))
    with pytest.raises(Refused, match="not valid"):
        lost.ask(letters.write("A" * 12 + mine[12:]))
    lost.office.stop()
    try:
        with pytest.raises(Unreachable):
            lost.ask(code)
    finally:
        lost.office.start()
    lost.ask(code)
    lost.sync()


def test_it_does_not_come_back_to_another_office(lost: Lost, tmp_path: Path) -> None:
    code = lost.code()
    with Office.running(data=tmp_path / "another") as another:
        another.make_keys()
        with lost.unlocked.store.writing() as connection:
            who = replace(meta.enrolled(connection), office_url=another.url)
        lost.unlocked.who = who
        with pytest.raises(OtherOffice):
            lost.ask(code)


def test_one_of_an_older_version_is_told_that_no_code_helps(lost: Lost) -> None:
    with lost.unlocked.store.writing() as connection:
        connection.execute(META.delete().where(META.c.key == "trust"))
    with pytest.raises(NothingAgreed):
        lost.ask(lost.code())
