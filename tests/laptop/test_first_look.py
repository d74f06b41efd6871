"""Whether the lock screen comes first is read off the names in the folder."""

from pathlib import Path

import pytest

from hah_desktop.laptop.first_look import REPORT, is_just_locked
from hah_desktop.laptop.people import add
from hah_desktop.vault.files import HEADER_NAME, SECOND_NAME


@pytest.mark.parametrize("left", [HEADER_NAME, SECOND_NAME])
def test_an_only_person_with_a_vault_has_to_unlock_it(tmp_path: Path, left: str) -> None:
    (tmp_path / left).touch()
    assert is_just_locked(tmp_path)


def test_a_laptop_that_is_not_set_up_has_nothing_to_unlock(tmp_path: Path) -> None:
    assert not is_just_locked(tmp_path)
    assert not is_just_locked(tmp_path / "not there")


def test_where_several_may_unlock_they_are_asked_who_it_is(tmp_path: Path) -> None:
    (tmp_path / HEADER_NAME).touch()
    (add(tmp_path, "Dana") / HEADER_NAME).touch()
    assert not is_just_locked(tmp_path)


def test_after_the_end_of_access_that_is_told_first(tmp_path: Path) -> None:
    (tmp_path / HEADER_NAME).touch()
    (tmp_path / REPORT).touch()
    assert not is_just_locked(tmp_path)
