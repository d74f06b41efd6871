"""Several people on one laptop: everybody finds their own folder, and nobody touches another's."""

import os
from contextlib import suppress
from pathlib import Path

import pytest

from hah_desktop.domain.errors import KnownError
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.people import LABEL, LONGEST, add, forget, next_label, people
from hah_desktop.vault.errors import TooSoon, WrongPassphrase
from hah_desktop.vault.kdf import FLOOR
from hah_desktop.vault.vault import Vault
from tests.faults.plain import real_now

PASSPHRASE = "violet kettle orbit marsh"


def set_up(folder: Path) -> None:
    _, keys = Vault.create(folder, PASSPHRASE, cost=FLOOR, now=real_now())
    keys.wipe()


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def second(base: Path, label: str = "Person 2") -> Path:
    folder = add(base, label)
    set_up(folder)
    return folder


def test_a_new_laptop_has_one_person_to_set_up(tmp_path: Path) -> None:
    base = tmp_path / "none yet"
    assert [(one.folder, one.label) for one in people(base)] == [(base, "Person 1")]
    assert not base.exists()


def test_the_vault_of_an_older_version_is_the_first_persons(tmp_path: Path) -> None:
    set_up(tmp_path)
    other = second(tmp_path, "Early shift")
    assert [(one.folder, one.label) for one in people(tmp_path)] == [
        (tmp_path, "Person 1"),
        (other, "Early shift"),
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in lists, not in bits")
def test_nobody_else_on_the_computer_looks_into_a_persons_folder(tmp_path: Path) -> None:
    base = tmp_path / "help-at-hand"
    set_up(base)
    for folder in (base, second(base)):
        assert folder.stat().st_mode & 0o077 == 0


def test_people_keep_their_order(tmp_path: Path) -> None:
    set_up(tmp_path)
    folders = [second(tmp_path, f"Person {number}") for number in (2, 3, 4)]
    for age, folder in enumerate(folders):
        os.utime(folder / LABEL, (1_000 + age, 1_000 + age))
    assert [one.folder for one in people(tmp_path)] == [tmp_path, *folders]


def test_somebody_who_was_added_and_never_set_up_is_not_listed(tmp_path: Path) -> None:
    set_up(tmp_path)
    add(tmp_path, "Person 2")
    assert len(people(tmp_path)) == 1


def test_a_folder_that_lost_its_vault_is_still_somebodys(tmp_path: Path) -> None:
    set_up(tmp_path)
    other = add(tmp_path, "Person 2")
    (other / "records.db").write_bytes(b"damaged")
    assert [one.folder for one in people(tmp_path)] == [tmp_path, other]


def test_a_person_of_their_own_is_enough_where_the_base_holds_nothing(tmp_path: Path) -> None:
    other = second(tmp_path)
    assert [one.folder for one in people(tmp_path)] == [other]


def test_a_folder_that_holds_a_vault_itself_is_given_as_it_is(tmp_path: Path) -> None:
    set_up(tmp_path)
    other = second(tmp_path)
    assert [one.folder for one in people(other)] == [other]


def test_two_people_with_one_label_have_two_folders(tmp_path: Path) -> None:
    assert add(tmp_path, "Ann") != add(tmp_path, "Ann")


def test_the_name_of_a_folder_says_nothing_about_the_person(tmp_path: Path) -> None:
    assert "ruth" not in add(tmp_path, "Ruth").name.casefold()


@pytest.mark.parametrize("written", [b"", b"\xff\xfe", b"\x00\x1b[2J\n\n"])
def test_a_label_that_cannot_be_read_is_a_number_or_one_plain_line(
    tmp_path: Path, written: bytes
) -> None:
    other = second(tmp_path)
    (other / LABEL).write_bytes(written)
    [person] = people(tmp_path)
    assert person.label in {"Person 1", "[2J"}


def test_a_label_is_one_short_line(tmp_path: Path) -> None:
    other = second(tmp_path, "Early\n\tshift " + "x" * 100)
    [person] = people(tmp_path)
    assert person.folder == other
    assert person.label.startswith("Early shift x")
    assert len(person.label) <= LONGEST


def test_one_more_person_is_called_by_the_next_number(tmp_path: Path) -> None:
    assert next_label(tmp_path) == "Person 2"
    set_up(tmp_path)
    second(tmp_path, "Person 3")
    assert next_label(tmp_path) == "Person 4"


def test_a_folder_is_forgotten_only_while_nobody_has_used_it(tmp_path: Path) -> None:
    set_up(tmp_path)
    other = second(tmp_path)
    unused = add(tmp_path, "Person 3")
    before = everything(tmp_path)
    for folder in (tmp_path, other, tmp_path.parent, unused):
        forget(tmp_path, folder)
    assert not unused.exists()
    del before[str((unused / LABEL).relative_to(tmp_path))]
    assert everything(tmp_path) == before


def test_a_folder_elsewhere_is_not_forgotten(tmp_path: Path) -> None:
    elsewhere = add(tmp_path / "other", "Person 2")
    forget(tmp_path, elsewhere)
    assert elsewhere.exists()


def test_setting_up_that_fails_leaves_everybody_elses_folder_alone(tmp_path: Path) -> None:
    set_up(tmp_path)
    before = everything(tmp_path)
    own = add(tmp_path, "Person 2")
    with pytest.raises(KnownError):
        Laptop(own, real_now, cost=FLOOR).set_up(
            "http://127.0.0.1:1", "AAAA", PASSPHRASE, lambda _words: None
        )
    forget(tmp_path, own)
    assert everything(tmp_path) == before


def test_wrong_tries_of_one_person_slow_down_nobody_else(tmp_path: Path) -> None:
    set_up(tmp_path)
    other = second(tmp_path)
    before = everything(tmp_path)
    for _ in range(4):
        with suppress(WrongPassphrase, TooSoon):
            Vault.open(other).unlock("another one entirely here")
    changed = {path for path, held in everything(tmp_path).items() if before.get(path) != held}
    assert {Path(path).parts[0] for path in changed} == {other.name}
    Vault.open(tmp_path).unlock(PASSPHRASE)
