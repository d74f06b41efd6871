"""Setting a laptop up: whatever goes wrong, it can be tried again and nothing else is touched."""

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest
from sqlalchemy import select

from hah_central.database.rows import Laptop as LaptopRow
from hah_desktop.domain.errors import KnownError
from hah_desktop.laptop.errors import NotSetUp
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.setting_up import Making
from hah_desktop.store.disk.files import DATABASE
from hah_desktop.store.errors import StoreFull
from hah_desktop.store.store import Store
from hah_desktop.store.tables import meta
from hah_desktop.sync.errors import Refused, Unreachable
from hah_desktop.vault.errors import WeakPassphrase, WrongPassphrase
from tests.faults.made import WRONG_CODE, Post, in_plain_english, laptop_in, set_up
from tests.faults.plain import PASSPHRASE
from tests.faults.proxy import Fault, line_to

P = ParamSpec("P")
T = TypeVar("T")


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    return laptop_in(tmp_path / "laptop")


def works(laptop: Laptop) -> bool:
    """Whether the laptop unlocks as one that is set up."""
    unlocked = laptop.unlock(PASSPHRASE)
    unlocked.lock()
    return bool(unlocked.who.laptop)


def test_a_wrong_code_is_told_and_leaves_nothing_behind(post: Post, laptop: Laptop) -> None:
    with pytest.raises(Refused, match="not valid") as told:
        set_up(laptop, post.url, WRONG_CODE)
    assert in_plain_english(told.value)
    assert not laptop.folder.exists()
    set_up(laptop, post.url, post.code()).lock()
    assert works(laptop)


def test_a_wrong_code_takes_nothing_of_the_persons_own_away(post: Post, laptop: Laptop) -> None:
    laptop.folder.mkdir()
    (laptop.folder / "photographs").mkdir()
    letter = laptop.folder / "letter to my sister.txt"
    letter.write_text("Dear Ann")
    with pytest.raises(Refused):
        set_up(laptop, post.url, WRONG_CODE)
    assert {path.name for path in laptop.folder.iterdir()} == {letter.name, "photographs"}
    assert letter.read_text() == "Dear Ann"


def test_an_office_that_cannot_be_reached_leaves_nothing_behind(laptop: Laptop) -> None:
    with pytest.raises(Unreachable) as told:
        set_up(laptop, "http://127.0.0.1:1", WRONG_CODE)
    assert in_plain_english(told.value)
    assert not laptop.folder.exists()


@pytest.mark.parametrize(
    "address",
    ["", "office", "http://office.example", "http://127.0.0.1.example", "ftp://x", "https:// x"],
)
def test_an_address_that_is_not_an_offices_is_told_before_anything_is_sent(
    laptop: Laptop, address: str
) -> None:
    with pytest.raises(KnownError) as told:
        set_up(laptop, address, WRONG_CODE)
    assert "https://" in str(told.value)
    assert not laptop.folder.exists()


def test_an_address_that_nobody_can_have_is_out_of_reach(laptop: Laptop) -> None:
    with pytest.raises(Unreachable):
        set_up(laptop, "https://[", WRONG_CODE)


@pytest.mark.parametrize("fault", [Fault.IN_REQUEST, Fault.IN_ANSWER, Fault.SWALLOW])
def test_a_line_cut_while_enrolling_keeps_the_key_for_the_next_try(
    post: Post, laptop: Laptop, fault: Fault
) -> None:
    with line_to(post.url) as line:
        line.cut(fault, "/v1/enrol")
        with pytest.raises(KnownError) as told:
            set_up(laptop, line.url, post.code())
    assert in_plain_english(told.value)
    assert laptop.is_set_up()
    with pytest.raises(NotSetUp, match="same passphrase"):
        laptop.unlock(PASSPHRASE)


def test_a_line_cut_before_the_office_heard_is_mended_by_trying_again(
    post: Post, laptop: Laptop
) -> None:
    code = post.code()
    with line_to(post.url) as line:
        line.cut(Fault.IN_REQUEST, "/v1/enrol")
        with pytest.raises(KnownError):
            set_up(laptop, line.url, code)
    set_up(laptop, post.url, code).lock()
    assert works(laptop)


@pytest.mark.parametrize("fault", [Fault.IN_ANSWER, Fault.SWALLOW])
def test_a_lost_answer_is_given_again_to_the_same_key(
    post: Post, laptop: Laptop, fault: Fault
) -> None:
    code = post.code(f"Ruth {fault.name}")
    with line_to(post.url) as line:
        line.cut(fault, "/v1/enrol")
        with pytest.raises(KnownError):
            set_up(laptop, line.url, code)
        set_up(laptop, line.url, code).lock()
    assert works(laptop)


def test_a_code_that_was_used_lets_no_other_key_in(post: Post, tmp_path: Path) -> None:
    code = post.code()
    set_up(laptop_in(tmp_path / "one"), post.url, code).lock()
    with pytest.raises(Refused, match="not valid"):
        set_up(laptop_in(tmp_path / "two"), post.url, code)
    assert not (tmp_path / "two").exists()


def test_another_passphrase_on_the_second_try_opens_nothing(post: Post, laptop: Laptop) -> None:
    code = post.code()
    with line_to(post.url) as line:
        line.cut(Fault.IN_REQUEST, "/v1/enrol")
        with pytest.raises(KnownError):
            set_up(laptop, line.url, code)
    with pytest.raises(WrongPassphrase) as told:
        set_up(laptop, post.url, code, "another one entirely here")
    assert in_plain_english(told.value)


def test_a_weak_passphrase_leaves_nothing_behind(post: Post, laptop: Laptop) -> None:
    with pytest.raises(WeakPassphrase):
        set_up(laptop, post.url, post.code(), "password")
    assert not laptop.folder.exists()


def test_a_database_that_cannot_be_made_leaves_no_half_laptop(
    post: Post, laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreFull("The disk of this laptop is full.", "Nothing was saved.", "Make room.")

    with monkeypatch.context() as patch:
        patch.setattr("hah_desktop.store.tables.meta.keep_identity", full)
        with pytest.raises(StoreFull):
            set_up(laptop, post.url, post.code())
    assert not laptop.folder.exists()
    set_up(laptop, post.url, post.code()).lock()
    assert works(laptop)


def test_a_power_cut_while_the_database_is_made_is_mended_by_trying_again(
    post: Post, laptop: Laptop
) -> None:
    def cut(words: str) -> None:
        if words == "Enrolling with the office":
            raise SystemExit

    with pytest.raises(SystemExit):
        laptop.set_up(post.url, post.code(), PASSPHRASE, cut)
    set_up(laptop, post.url, post.code()).lock()
    assert works(laptop)


class PowerCut(BaseException):
    """Nothing runs after it, not even what would tidy up."""


@pytest.mark.parametrize("when", range(6))
def test_a_power_cut_at_any_step_of_the_making_is_mended_by_trying_again(
    post: Post, laptop: Laptop, monkeypatch: pytest.MonkeyPatch, when: int
) -> None:
    steps: list[str] = []

    def dies(step: Callable[P, T]) -> Callable[P, T]:
        def may_die(*given: P.args, **named: P.kwargs) -> T:
            steps.append(step.__name__)
            if len(steps) > when:
                raise PowerCut
            return step(*given, **named)

        return may_die

    code = post.code()
    with monkeypatch.context() as patch:
        patch.setattr(Store, "create", dies(Store.create))
        patch.setattr("hah_desktop.store.tables.meta.keep_identity", dies(meta.keep_identity))
        patch.setattr(Path, "replace", dies(Path.replace))
        patch.setattr("hah_desktop.laptop.setting_up.shutil.rmtree", lambda *_, **__: None)
        patch.setattr(Making, "_take_away", lambda _making: None)
        with pytest.raises(PowerCut):
            set_up(laptop, post.url, code)
    set_up(laptop, post.url, code).lock()
    assert works(laptop)


def test_a_laptop_that_is_set_up_is_not_set_up_again(post: Post, laptop: Laptop) -> None:
    set_up(laptop, post.url, post.code()).lock()
    before = laptop.unlock(PASSPHRASE)
    before.lock()
    with pytest.raises(KnownError, match="already set up"):
        set_up(laptop, post.url, post.code())
    after = laptop.unlock(PASSPHRASE)
    after.lock()
    assert after.who.laptop == before.who.laptop


def test_a_database_without_its_vault_is_never_written_over(post: Post, laptop: Laptop) -> None:
    laptop.folder.mkdir()
    (laptop.folder / DATABASE).write_bytes(b"somebody's database")
    with pytest.raises(KnownError, match="not the vault"):
        set_up(laptop, post.url, post.code())
    assert (laptop.folder / DATABASE).read_bytes() == b"somebody's database"


def test_the_office_knows_one_laptop_for_each_code(post: Post, laptop: Laptop) -> None:
    unlocked = set_up(laptop, post.url, post.code())
    unlocked.lock()
    with post.database.reading() as connection:
        known = connection.execute(select(LaptopRow.id)).scalars().all()
    assert known.count(unlocked.who.laptop) == 1
