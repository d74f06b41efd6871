"""The finished document: seen, read, printed and copied, and nowhere on disk but in the copy."""

import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from hah_desktop.documents import pages
from hah_desktop.documents.pdf import Rendered, render
from hah_desktop.documents.tree import Edition, Heading, Paragraph
from hah_desktop.domain.fields import Reader
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.parts.copying import CopyFailed, write_copy
from hah_desktop.ui.parts.sheets import A4_INCHES, FULL_DPI
from hah_desktop.ui.screens.paper import PaperPage
from hah_desktop.ui.session import Session
from tests.store.hand import NOON
from tests.ui.kit.hands import click, press
from tests.ui.made_files import printer_to
from tests.ui.screens.made import SIZES, Show, findings

PLANTED = "Marmalade was here at a quarter past nine."
A4_AT_300 = (2480, 3508)


@pytest.fixture(scope="module")
def document() -> Rendered:
    words = [Paragraph(f"Line {number}. {PLANTED}") for number in range(36)]
    edition = Edition(
        reader=Reader.OFFICE,
        title="Summary of a visit",
        reference="V-00000000",
        marking="OFFICIAL-SENSITIVE",
        blocks=(Heading(1, "What we saw"), *words),
    )
    made = render(edition, printed_by="Ruth Aldous", printed_at=NOON)
    assert made.pages == 2
    return made


@pytest.fixture
def page(session: Session, show: Show, document: Rendered, qtbot: QtBot) -> Iterator[PaperPage]:
    made = PaperPage(session)
    show(made)
    made.show_document(document)
    qtbot.waitUntil(made.is_drawn)
    yield made
    made.close_document()


def printed(page: PaperPage, path: Path, qtbot: QtBot) -> bytes:
    page.print_on(printer_to(path))
    qtbot.waitUntil(lambda: page.done.label.text().startswith("Sent"), timeout=30_000)
    return path.read_bytes()


def test_for_whom_it_is_stands_over_it_until_it_is_closed(
    page: PaperPage, document: Rendered
) -> None:
    assert page.header.title.text() == document.title
    page.close_document()
    assert page.header.title.text() == "Summary"


def test_pages_are_counted_and_the_one_on_show_is_named(page: PaperPage, qtbot: QtBot) -> None:
    assert page.header.breadcrumbs.text().endswith("2 pages")
    assert page.note == "Page 1 of 2"
    bar = page.sheets.verticalScrollBar()
    bar.setValue(bar.maximum())
    qtbot.waitUntil(lambda: page.note == "Page 2 of 2")


def test_the_tab_key_goes_from_page_to_page(page: PaperPage, qtbot: QtBot) -> None:
    page.sheets.focus_page()
    first = QApplication.focusWidget()
    assert first is not None
    press(first, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: page.note == "Page 2 of 2")


def test_the_words_can_be_read_as_text_by_keyboard_alone(page: PaperPage, qtbot: QtBot) -> None:
    page.read.setFocus()
    press(page.read, Qt.Key.Key_Space)
    qtbot.waitUntil(page.text.isVisible)
    assert PLANTED in page.text.words()
    assert page.text.hasFocus()
    click(page.read)
    assert page.sheets.isVisible()


def test_pages_can_be_shown_larger_and_as_wide_as_the_window(page: PaperPage) -> None:
    fitted = page.sheets.dpi
    click(page.larger)
    click(page.larger)
    assert page.sheets.zoom == 1.5
    assert page.sheets.dpi > fitted
    click(page.smaller)
    assert page.sheets.zoom == 1.25
    page.sheets.fit_width()
    assert page.sheets.dpi == fitted


def test_in_a_narrow_window_a_page_is_no_wider_than_the_window(
    page: PaperPage, qapp: QApplication
) -> None:
    page.window().resize(683, 384)
    qapp.processEvents()
    assert page.sheets.horizontalScrollBar().maximum() == 0
    assert page.sheets.dpi < FULL_DPI


def test_every_page_is_printed_on_a4_at_300_dots_per_inch(
    page: PaperPage, tmp_path: Path, qtbot: QtBot
) -> None:
    paper = printed(page, tmp_path / "printed.pdf", qtbot)
    assert pages.page_count(paper) == 2
    wide, high, _ = pages.page_image(paper, 0, 300)
    assert (wide, high) == pytest.approx(A4_AT_300, abs=4)
    assert A4_INCHES[0] * 300 == pytest.approx(A4_AT_300[0], abs=4)


def test_the_printed_page_shows_what_the_screen_shows(
    page: PaperPage, document: Rendered, tmp_path: Path, qtbot: QtBot
) -> None:
    paper = printed(page, tmp_path / "printed.pdf", qtbot)
    _, _, there = pages.page_image(paper, 1, 20)
    _, _, here = pages.page_image(document.pdf, 1, 20)
    different = sum(abs(a - b) > 96 for a, b in zip(there, here, strict=False))
    assert different < len(here) / 100


def test_the_name_of_the_print_job_says_nothing(
    page: PaperPage, tmp_path: Path, qtbot: QtBot
) -> None:
    printer = printer_to(tmp_path / "printed.pdf")
    page.print_on(printer)
    qtbot.waitUntil(lambda: page.done.label.text().startswith("Sent"), timeout=30_000)
    assert printer.docName() == "Summary"


@pytest.mark.qt_log_ignore("QPainter::begin")
def test_a_printer_that_does_not_answer_is_said(
    page: PaperPage, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.captureExceptions() as faults:
        page.print_on(printer_to(tmp_path / "no" / "such" / "folder.pdf"))
        qtbot.waitUntil(page.problem.isVisible)
    assert faults == []
    assert "Nothing was printed" in page.problem.label.text()
    assert page.print_button.isEnabled()


def test_closing_the_document_stops_the_printing(
    page: PaperPage, tmp_path: Path, qtbot: QtBot, document: Rendered
) -> None:
    page.print_on(printer_to(tmp_path / "printed.pdf"))
    page.close_document()
    assert not page.print_button.isEnabled()
    page.show_document(document)
    qtbot.waitUntil(page.is_drawn)
    assert printed(page, tmp_path / "again.pdf", qtbot)


def test_the_first_time_saving_a_copy_warns_that_it_is_not_encrypted(
    page: PaperPage, qtbot: QtBot
) -> None:
    click(page.save_button)
    assert "not encrypted" in page.warning.label.text()
    assert page.findChild(QFileDialog) is None
    click(page.save_button)
    qtbot.waitUntil(lambda: page.findChild(QFileDialog) is not None)
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    dialog.reject()


def test_a_copy_is_the_document_byte_for_byte(
    page: PaperPage, document: Rendered, tmp_path: Path, qtbot: QtBot
) -> None:
    target = tmp_path / "summary.pdf"
    page.save_copy(target)
    qtbot.waitUntil(page.done.isVisible)
    assert target.read_bytes() == document.pdf
    assert "not encrypted" in page.done.label.text()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes of files")
def test_a_copy_is_readable_by_the_person_alone(tmp_path: Path) -> None:
    target = tmp_path / "summary.pdf"
    write_copy(target, b"x")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_copy_leaves_no_other_file(tmp_path: Path) -> None:
    write_copy(tmp_path / "summary.pdf", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["summary.pdf"]


def test_a_copy_replaces_the_file_that_was_chosen(tmp_path: Path) -> None:
    target = tmp_path / "summary.pdf"
    target.write_bytes(b"much longer than the copy")
    write_copy(target, b"x")
    assert target.read_bytes() == b"x"


def test_a_place_that_cannot_be_written_to_is_said_and_left_as_it_is(
    page: PaperPage, tmp_path: Path, qtbot: QtBot
) -> None:
    page.save_copy(tmp_path)
    qtbot.waitUntil(page.problem.isVisible)
    assert "could not be written" in page.problem.label.text()
    assert tmp_path.is_dir()


def test_a_copy_for_which_there_is_no_room_leaves_no_part_of_it(tmp_path: Path) -> None:
    limits = pytest.importorskip("resource", reason="only POSIX can limit the size of a file")
    target = tmp_path / "summary.pdf"
    before = limits.getrlimit(limits.RLIMIT_FSIZE)
    limits.setrlimit(limits.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(CopyFailed, match="Choose another folder"):
            write_copy(target, bytes(100_000))
    finally:
        limits.setrlimit(limits.RLIMIT_FSIZE, before)
    assert not target.exists()


def test_nothing_is_written_by_looking_reading_and_printing(
    session: Session, show: Show, document: Rendered, tmp_path: Path, qtbot: QtBot
) -> None:
    page = PaperPage(session)
    show(page)
    before = set(tmp_path.rglob("*"))
    page.show_document(document)
    qtbot.waitUntil(page.is_drawn)
    click(page.read)
    qtbot.waitUntil(page.text.isVisible)
    printed(page, tmp_path / "printed.pdf", qtbot)
    assert set(tmp_path.rglob("*")) - before == {tmp_path / "printed.pdf"}


def test_a_closed_document_leaves_no_words_on_the_page(page: PaperPage, qtbot: QtBot) -> None:
    click(page.read)
    qtbot.waitUntil(page.text.isVisible)
    with qtbot.waitSignal(page.back_requested):
        click(page.back)
    assert page.text.words() == ""
    assert not page.is_drawn()


def test_letters_that_cannot_be_printed_are_named(
    session: Session, show: Show, document: Rendered, qtbot: QtBot
) -> None:
    page = PaperPage(session)
    show(page)
    page.show_document(Rendered(document.pdf, document.title, 2, ("字",), "0" * 64))
    qtbot.waitUntil(page.is_drawn)
    assert page.missing.label.text().endswith("字")


@pytest.mark.parametrize(("width", "height", "scale"), SIZES)
def test_nothing_is_clipped_or_nameless(
    page: PaperPage, qapp: QApplication, width: int, height: int, scale: float
) -> None:
    apply(qapp, ThemeName.DARK, scale)
    page.window().resize(width, height)
    click(page.save_button)
    for _ in range(5):
        qapp.processEvents()
    assert findings(page.window()) == []
