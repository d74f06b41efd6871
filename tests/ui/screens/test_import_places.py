"""Importing a published list: nothing is saved before the person says so, and then all of it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.domain.records.reference import Place
from hah_desktop.intake.places import preview
from hah_desktop.intake.rows import place_id
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.saving import Edited
from hah_desktop.store.store import Store
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.screens.import_places import ImportPage, State
from hah_desktop.ui.session import Session
from hah_desktop.ui.shell import Shell
from tests.intake.lists import SAMPLES, row, write
from tests.ui.kit.hands import click, press
from tests.ui.screens.made import SIZES, Get, Show, findings

OLDER = SAMPLES / "listed_at_31_march_2023.csv"
NEWER = SAMPLES / "listed_at_31_march_2024.csv"

Open = Callable[[Path], None]


@pytest.fixture
def page(session: Session, show: Show) -> ImportPage:
    made = ImportPage(session)
    show(made)
    return made


@pytest.fixture
def open_list(page: ImportPage, qtbot: QtBot) -> Open:
    def read(path: Path) -> None:
        page.open_file(path)
        qtbot.waitUntil(lambda: page.state is not State.READING)

    return read


@pytest.fixture
def take_in(page: ImportPage, open_list: Open, qtbot: QtBot) -> Open:
    def take(path: Path) -> None:
        open_list(path)
        click(page.import_button)
        qtbot.waitUntil(lambda: page.state is State.SAVED)

    return take


def how_many(store: Store) -> int:
    with store.reading() as connection:
        return reading.count(connection, Place.kind)


def test_a_list_is_shown_before_anything_is_saved(
    page: ImportPage, open_list: Open, store: Store
) -> None:
    open_list(NEWER)
    assert page.state is State.READ
    assert page.import_button.words == "Import 4 places"
    assert how_many(store) == 0


def test_the_keyboard_stays_on_the_page_until_the_list_is_imported(
    page: ImportPage, qtbot: QtBot
) -> None:
    assert page.start.button is not None
    page.start.button.setFocus()
    page.open_file(NEWER)
    assert page.progress.bar.hasFocus()
    qtbot.waitUntil(lambda: page.state is State.READ)
    assert page.import_button.hasFocus()
    press(page.import_button, Qt.Key.Key_Space)
    assert page.progress.bar.hasFocus()
    qtbot.waitUntil(lambda: page.state is State.SAVED)
    assert page.see_places.hasFocus()
    page.open_file(NEWER)
    qtbot.waitUntil(lambda: page.state is State.READ)
    assert page.see_places.hasFocus()


def test_a_list_that_is_read_leaves_the_keyboard_where_it_was_elsewhere(
    page: ImportPage, open_list: Open
) -> None:
    shell = page.window()
    assert isinstance(shell, Shell)
    shell.rail.help.setFocus()
    open_list(NEWER)
    assert shell.rail.help.hasFocus()


def test_the_numbers_are_those_of_the_command_line(page: ImportPage, open_list: Open) -> None:
    open_list(NEWER)
    assert page.preview is not None
    shown = json.dumps(page.preview.to_plain())
    assert shown == json.dumps(preview(NEWER, {}).to_plain())


def test_importing_saves_every_place_and_inspection(
    page: ImportPage, take_in: Open, store: Store
) -> None:
    take_in(NEWER)
    assert how_many(store) == 4
    assert page.result.isVisible()
    assert "4 new places" in page.result.label.text()


def test_a_newer_list_replaces_what_an_older_one_said(take_in: Open, get: Get) -> None:
    take_in(OLDER)
    before = get(place_id("SC900001"))
    take_in(NEWER)
    after = get(place_id("SC900001"))
    assert before.seen.body["listed_on"] == "2023-03-31"
    assert after.seen.body["listed_on"] == "2024-03-31"
    assert after.seen.heads["listed_on"] != before.seen.heads["listed_on"]
    assert not after.open


def test_the_same_list_again_changes_nothing(
    page: ImportPage, take_in: Open, open_list: Open
) -> None:
    take_in(NEWER)
    open_list(NEWER)
    assert not page.import_button.isEnabled()
    assert "Nothing to import" in page.result.label.text()


def test_a_place_that_was_removed_stays_removed(
    page: ImportPage, take_in: Open, open_list: Open, store: Store, get: Get
) -> None:
    take_in(OLDER)
    held = get(place_id("SC900001"))
    gone = Place(**{**vars(held.record), "removed": True})
    store.save(Edited(gone, held.seen))
    open_list(NEWER)
    assert "will stay removed" in page.cards.notes.label.text()
    assert all(edit.record.id != gone.id for edit in page.edits)


def test_rows_that_cannot_be_read_are_listed_with_their_reasons(
    page: ImportPage, open_list: Open, tmp_path: Path
) -> None:
    open_list(write(tmp_path, row(), row(URN="none"), row(URN="SC900002")))
    words = page.cards.unreadable.words
    assert [words.index(0, column).data() for column in (0, 1)] == ["4", "“none” is not a URN."]
    assert page.import_button.words == "Import 2 places"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04rest", "save it as “CSV UTF-8”"),
        (b"%PDF-1.7", "is a PDF"),
        (b"Name,Overall effectiveness,Inspection date\nFern,Good,1/2/2024\n", "URN"),
    ],
)
def test_a_file_that_is_no_list_says_what_it_is_and_what_to_do(
    page: ImportPage, open_list: Open, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    open_list(path)
    assert page.state is State.FAILED
    assert page.problem.isVisible()
    assert said in page.problem.label.text()
    assert not page.import_button.isEnabled()


def test_a_file_that_is_gone_is_said_to_be_gone(
    page: ImportPage, open_list: Open, tmp_path: Path
) -> None:
    open_list(tmp_path / "no.csv")
    assert "cannot be opened" in page.problem.label.text()


def test_only_the_file_chosen_last_is_shown(page: ImportPage, qtbot: QtBot) -> None:
    page.open_file(OLDER)
    page.open_file(NEWER)
    qtbot.waitUntil(lambda: page.state is State.READ)
    assert page.preview is not None
    assert page.preview.file_name == NEWER.name


def test_a_laptop_without_a_name_at_the_office_imports_nothing(
    page: ImportPage, open_list: Open, store: Store, qtbot: QtBot
) -> None:
    identity = store.identity()
    assert identity is not None
    open_list(NEWER)
    store.keep_identity(type(identity)("00" * 32))
    click(page.import_button)
    qtbot.waitUntil(lambda: page.state is State.FAILED)
    assert "not enrolled" in page.problem.label.text()
    assert how_many(store) == 0


def test_after_the_import_one_button_leads_to_the_places(
    page: ImportPage, take_in: Open, qtbot: QtBot
) -> None:
    take_in(NEWER)
    with qtbot.waitSignal(page.places_requested):
        click(page.see_places)


@pytest.mark.parametrize("content", ["a list", "a workbook", "imported"])
@pytest.mark.parametrize(("width", "height", "scale"), SIZES)
def test_nothing_is_clipped_or_nameless(
    page: ImportPage,
    open_list: Open,
    qapp: QApplication,
    qtbot: QtBot,
    tmp_path: Path,
    content: str,
    width: int,
    height: int,
    scale: float,
) -> None:
    workbook = tmp_path / "A long name for a list of providers at the end of March.csv"
    workbook.write_bytes(b"PK\x03\x04rest")
    apply(qapp, ThemeName.LIGHT, scale)
    page.window().resize(width, height)
    open_list(workbook if content == "a workbook" else NEWER)
    if content == "imported":
        page.import_places()
        qtbot.waitUntil(lambda: page.state is State.SAVED)
    for _ in range(5):
        qapp.processEvents()
    assert findings(page.window()) == []
