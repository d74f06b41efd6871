"""Unlocking a laptop whose files are damaged, foreign, missing, newer, or without room."""

import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from hah_desktop.domain.errors import KnownError
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.opening import open_with
from hah_desktop.store.disk.files import DATABASE
from hah_desktop.store.errors import StoreDamaged, StoreMissing, StoreTooNew
from hah_desktop.store.store import Store
from hah_desktop.vault.errors import TooSoon, VaultDamaged, VaultMissing, WrongPassphrase
from hah_desktop.vault.vault import HEADER_NAME, SECOND_NAME, Vault
from tests.faults.made import in_plain_english, laptop_in
from tests.faults.plain import PASSPHRASE, RUTH, real_now

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def ready(new_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a laptop that is set up, to copy."""
    folder = tmp_path_factory.mktemp("ready") / "laptop"
    shutil.copytree(new_folder, folder)
    vault = Vault.open(folder)
    unlocked = open_with(folder, vault, vault.unlock(PASSPHRASE), real_now)
    unlocked.store.keep_identity(RUTH)
    unlocked.lock()
    return folder


@pytest.fixture
def laptop(ready: Path, tmp_path: Path) -> Laptop:
    shutil.copytree(ready, tmp_path / "laptop")
    return laptop_in(tmp_path / "laptop")


def plain_sqlite(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE visit (words TEXT)")
        made.commit()


def shortened(to: float) -> Callable[[Path], None]:
    def cut(path: Path) -> None:
        whole = path.read_bytes()
        path.write_bytes(whole[: round(len(whole) * to)])

    return cut


def written_over(with_bytes: bytes) -> Callable[[Path], None]:
    return lambda path: (path.write_bytes(with_bytes), None)[1]


def somebody_elses(path: Path) -> None:
    Store.create(path.with_name("other.db"), lambda: bytearray(b"x'" + b"ab" * 48 + b"'"), real_now)
    path.with_name("other.db").replace(path)


FOREIGN: dict[str, Callable[[Path], None]] = {
    "cut in half": shortened(0.5),
    "cut by a little": shortened(0.99),
    "cut to its first page": shortened(0.01),
    "a plain database": plain_sqlite,
    "another laptop's database": somebody_elses,
    "a text": written_over(b"Dear Ann,\nI am well.\n" * 400),
    "a PDF": written_over(b"%PDF-1.7\n" + b"0 0 obj\n" * 2000),
    "one byte": written_over(b"x"),
}


@pytest.mark.parametrize("spoil", FOREIGN.values(), ids=FOREIGN)
def test_a_database_that_is_not_whole_or_not_ours_is_left_byte_for_byte(
    laptop: Laptop, spoil: Callable[[Path], None]
) -> None:
    path = laptop.folder / DATABASE
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(StoreDamaged, match="left exactly as it is") as told:
        laptop.unlock(PASSPHRASE)
    assert in_plain_english(told.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize("empty", [True, False])
def test_no_database_is_made_where_one_is_missing(laptop: Laptop, empty: bool) -> None:  # noqa: FBT001 - two cases
    path = laptop.folder / DATABASE
    path.unlink()
    if empty:
        path.touch()
    with pytest.raises(StoreMissing) as told:
        laptop.unlock(PASSPHRASE)
    assert in_plain_english(told.value)
    assert path.exists() == empty
    assert not empty or not path.read_bytes()


def test_a_database_of_a_newer_version_is_left_byte_for_byte(laptop: Laptop) -> None:
    unlocked = laptop.unlock(PASSPHRASE)
    with unlocked.store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num='9999'"))
    unlocked.lock()
    before = (laptop.folder / DATABASE).read_bytes()
    with pytest.raises(StoreTooNew) as told:
        laptop.unlock(PASSPHRASE)
    assert in_plain_english(told.value)
    assert (laptop.folder / DATABASE).read_bytes() == before


def test_a_wrong_passphrase_says_nothing_but_that(laptop: Laptop) -> None:
    before = (laptop.folder / DATABASE).read_bytes()
    with pytest.raises(WrongPassphrase) as told:
        laptop.unlock("another one entirely here")
    assert in_plain_english(told.value)
    assert (laptop.folder / DATABASE).read_bytes() == before
    laptop.unlock(PASSPHRASE).lock()


def test_many_wrong_passphrases_slow_down_and_say_for_how_long(laptop: Laptop) -> None:
    for _ in range(5):
        with suppress(WrongPassphrase, TooSoon):
            laptop.unlock("another one entirely here")
    with pytest.raises(TooSoon) as told:
        laptop.unlock(PASSPHRASE)
    assert in_plain_english(told.value)
    assert "second" in str(told.value)


@pytest.mark.parametrize("spoil", [shortened(0.5), written_over(b"Dear Ann")])
def test_a_header_that_is_not_whole_is_left_byte_for_byte(
    laptop: Laptop, spoil: Callable[[Path], None]
) -> None:
    copies = [laptop.folder / name for name in (HEADER_NAME, SECOND_NAME)]
    for path in copies:
        spoil(path)
    before = [path.read_bytes() for path in copies]
    with pytest.raises(VaultDamaged) as told:
        laptop.unlock(PASSPHRASE)
    assert in_plain_english(told.value)
    assert [path.read_bytes() for path in copies] == before


@pytest.mark.parametrize("name", [HEADER_NAME, SECOND_NAME])
def test_one_spoiled_copy_of_the_header_is_no_loss_and_is_mended(laptop: Laptop, name: str) -> None:
    whole = (laptop.folder / name).read_bytes()
    shortened(0.5)(laptop.folder / name)
    laptop.unlock(PASSPHRASE).lock()
    assert (laptop.folder / name).read_bytes() == whole


def test_what_setting_up_left_behind_does_not_open_with_the_first_passphrase_for_ever(
    laptop: Laptop,
) -> None:
    """As after a power cut between the moves of the header's two copies."""
    left = laptop.folder / ".setting-up"
    left.mkdir()
    (laptop.folder / HEADER_NAME).replace(left / HEADER_NAME)
    laptop.unlock(PASSPHRASE).lock()
    assert not left.exists()
    assert (laptop.folder / HEADER_NAME).exists()


def test_a_missing_header_is_not_taken_for_a_new_laptop(laptop: Laptop) -> None:
    (laptop.folder / HEADER_NAME).unlink()
    (laptop.folder / SECOND_NAME).unlink()
    with pytest.raises(VaultMissing) as told:
        laptop.unlock(PASSPHRASE)
    assert in_plain_english(told.value)
    with pytest.raises(KnownError):
        laptop.set_up("http://127.0.0.1:1", "AAAA", PASSPHRASE, lambda _words: None)
    assert (laptop.folder / DATABASE).exists()


def test_a_folder_that_is_a_zip_of_a_laptop_is_no_laptop(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "laptop", "w") as made:
        made.writestr(HEADER_NAME, b"")
    with pytest.raises(KnownError) as told:
        laptop_in(tmp_path / "laptop").unlock(PASSPHRASE)
    assert in_plain_english(told.value)


@pytest.fixture
def without_room(laptop: Laptop) -> dict[str, object]:
    """What a laptop on a full disk is told, and what it holds afterwards."""
    if sys.platform == "win32":
        pytest.skip("only POSIX can limit the size of files for one process")
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.little_room", str(laptop.folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    said: dict[str, object] = json.loads(done.stdout)
    return said


def test_a_disk_without_room_is_told_and_takes_nothing_away(
    without_room: dict[str, object],
) -> None:
    assert "disk of this laptop is full" in str(without_room["saving"])
    assert (without_room["again"], without_room["kept"]) == ("", 2)


def test_a_disk_without_room_is_not_called_a_damaged_database(
    without_room: dict[str, object],
) -> None:
    assert "full" in str(without_room["unlocking"])
