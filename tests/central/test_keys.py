"""The office's keys: made once, kept apart, never lost by a mistake at the desk."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from hah_central.database.database import Database, in_folder
from hah_central.database.rows import OfficeKey
from hah_central.office import keyfiles, keys
from hah_central.office.keyfiles import FLOOR, Cost, KeyFault, Kind
from hah_central.office.keys import KeysStay, NoKeys
from hah_central.people import audit
from hah_central.people.audit import Deed
from hah_desktop.seals.sealing import OfficeKeys, OfficeSecrets
from tests.central.conftest import START, Desk, HandClock, served
from tests.central.laptop import Laptop, good, problem
from tests.central.trust import PASSPHRASE, SECRETS, enrolment

DEED = Deed("Grace Example", START)
Made = dict[Kind, bytes]


@pytest.fixture(scope="module")
def contents() -> Made:
    """Both key files, made once: a passphrase is slow to stretch."""
    return {
        Kind.RECOVERY: keyfiles.lock(Kind.RECOVERY, SECRETS.recovery_seed, PASSPHRASE, FLOOR),
        Kind.ORDERS: keyfiles.lock(Kind.ORDERS, SECRETS.orders_seed, PASSPHRASE, FLOOR),
    }


@pytest.fixture
def folder(tmp_path: Path, contents: Made) -> Path:
    """A folder with the key files of the office of the tests."""
    with keyfiles.written(tmp_path / "keys", contents):
        return tmp_path / "keys"


def make(database: Database, folder: Path, passphrase: str = PASSPHRASE) -> OfficeKeys:
    return keys.make(database, folder, passphrase, DEED, FLOOR)


def test_keys_are_made_published_and_opened_again(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    public = make(database, folder)

    orders = keys.orders_key(database, folder, PASSPHRASE)
    recovery = keys.recovery_key(database, folder, PASSPHRASE)

    with database.reading() as connection:
        assert keys.published(connection) == public
        (entry,) = audit.entries(connection)
    assert OfficeSecrets(recovery.recovery_seed, orders).public == public
    assert (entry.who, entry.what) == ("Grace Example", "made the office’s keys")
    assert public.fingerprint() in entry.detail


def test_key_files_are_for_their_owner_alone_and_hold_no_key_in_clear(folder: Path) -> None:
    files = sorted(folder.iterdir())

    assert [file.name for file in files] == ["office-orders.key", "office-recovery.key"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    for seed in SECRETS.to_plain().values():
        assert not any(seed.encode() in file.read_bytes() for file in files)


def test_no_private_key_is_in_the_database(database: Database, tmp_path: Path) -> None:
    make(database, tmp_path / "keys")

    with database.reading() as connection:
        rows = connection.execute(select(OfficeKey.kind, OfficeKey.public)).all()
    secrets = keys.recovery_key(database, tmp_path / "keys", PASSPHRASE)
    assert {kind for kind, _ in rows} == {"recovery", "orders"}
    assert not any(secrets.recovery_seed.hex() in public for _, public in rows)


def test_a_key_file_is_never_written_over(
    database: Database, tmp_path: Path, contents: Made
) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / "office-orders.key").write_bytes(contents[Kind.ORDERS])

    with pytest.raises(KeyFault, match="There is a key file already"):
        make(database, folder)

    assert [file.name for file in folder.iterdir()] == ["office-orders.key"]
    assert (folder / "office-orders.key").read_bytes() == contents[Kind.ORDERS]
    with database.reading() as connection:
        assert keys.published(connection) is None


def test_keys_that_cannot_be_written_are_not_published(database: Database, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("in the way")

    with pytest.raises(KeyFault, match="cannot be written"):
        make(database, tmp_path / "a file" / "keys")

    with database.reading() as connection:
        assert keys.published(connection) is None


def test_a_passphrase_that_is_soon_tried_is_not_taken(database: Database, tmp_path: Path) -> None:
    with pytest.raises(KeyFault, match="too short"):
        make(database, tmp_path / "keys", "short words")

    assert not (tmp_path / "keys").exists()


def test_the_keys_do_not_lie_with_the_database(tmp_path: Path) -> None:
    database = Database(in_folder(tmp_path / "office"))

    with pytest.raises(KeysStay, match="may not lie with the database"):
        make(database, tmp_path / "office" / "keys")

    assert [file.name for file in (tmp_path / "office").glob("*keys*")] == []
    database.close()


def test_keys_may_be_made_anew_while_nobody_is_enrolled(database: Database, tmp_path: Path) -> None:
    first = make(database, tmp_path / "one")
    second = make(database, tmp_path / "two")

    with database.reading() as connection:
        assert keys.published(connection) == second != first
    with pytest.raises(KeyFault, match="not those of this office"):
        keys.orders_key(database, tmp_path / "one", PASSPHRASE)
    with pytest.raises(KeyFault, match="not those of this office"):
        keys.recovery_key(database, tmp_path / "one", PASSPHRASE)


def test_keys_stay_once_a_laptop_is_enrolled(
    desk: Desk, laptop: Callable[[str], Laptop], tmp_path: Path
) -> None:
    laptop("Ada Example")

    with pytest.raises(KeysStay, match="could not be helped"):
        make(desk.database, tmp_path / "keys")

    assert not (tmp_path / "keys").exists()
    with desk.database.reading() as connection:
        assert keys.published(connection) == SECRETS.public


def test_a_wrong_passphrase_opens_nothing(folder: Path) -> None:
    with pytest.raises(KeyFault, match="does not open") as told:
        keyfiles.read(folder, Kind.ORDERS, f"{PASSPHRASE} ")

    assert "Caps Lock" in str(told.value)


def test_a_passphrase_is_the_same_however_its_letters_are_put_together(tmp_path: Path) -> None:
    composed = "caf\N{LATIN SMALL LETTER E WITH ACUTE} au lait"
    apart = "cafe\N{COMBINING ACUTE ACCENT} au lait"
    made = {Kind.ORDERS: keyfiles.lock(Kind.ORDERS, SECRETS.orders_seed, composed, FLOOR)}
    with keyfiles.written(tmp_path, made):
        assert keyfiles.read(tmp_path, Kind.ORDERS, apart) == SECRETS.orders_seed


def test_a_missing_key_file_is_said_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(KeyFault, match="cannot be read"):
        keyfiles.read(tmp_path, Kind.ORDERS, PASSPHRASE)


def test_one_key_is_not_taken_for_the_other(folder: Path) -> None:
    (folder / "office-orders.key").replace(folder / "office-recovery.key")

    with pytest.raises(KeyFault, match="torn, or it is another file"):
        keyfiles.read(folder, Kind.RECOVERY, PASSPHRASE)


def test_every_changed_bit_and_every_torn_file_is_noticed(folder: Path, contents: Made) -> None:
    whole = contents[Kind.ORDERS]
    flipped = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
    torn = [whole[:length] for length in range(len(whole) - 1)]
    # A last line end that is another letter or gone changes nothing that counts.
    for content in (*flipped[:-1], *torn, b"[" * 4000, whole * 9):
        (folder / "office-orders.key").write_bytes(content)
        with pytest.raises(KeyFault, match="torn, or it is another file"):
            keyfiles.read(folder, Kind.ORDERS, PASSPHRASE)


@pytest.mark.parametrize("cost", [(1024, 3, 4), (64 * 1024, 1, 4), (2**21, 3, 4), (2**17, 3, 99)])
def test_a_file_can_neither_weaken_the_passphrase_nor_hang_the_desk(
    cost: tuple[int, int, int],
) -> None:
    with pytest.raises(ValueError, match="outside"):
        Cost(*cost)


def test_without_keys_nobody_asks_for_them_and_nobody_is_enrolled(
    database: Database, clock: HandClock, tmp_path: Path
) -> None:
    with served(database, clock) as client:
        assert good(client.get("/health")).json() == {"status": "ok"}
        problem(client.get("/v1/keys"), 404, "no-keys")
        problem(client.post("/v1/enrol", json=enrolment("A" * 12, "00" * 32)), 404, "no-keys")
    with pytest.raises(NoKeys, match="hah-central keys"):
        keys.orders_key(database, tmp_path, PASSPHRASE)


def test_the_public_halves_are_told_to_whoever_asks(desk: Desk) -> None:
    assert good(desk.client.get("/v1/keys")).json() == SECRETS.public.to_plain()
