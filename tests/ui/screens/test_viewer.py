"""A letter or picture on screen: out of memory alone, within limits, and forgotten when closed."""

import dataclasses as dc
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot
from reportlab.pdfgen.canvas import Canvas

from hah_desktop.documents.foreign import MOST_PAGES, NotShown
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.parts.pictures import MOST_PIXELS, SHOWN_PIXELS, picture
from hah_desktop.ui.screens.viewer import FEW_WORDS, NO_WORDS, ViewerPage
from hah_desktop.ui.session import Session
from tests.ui.kit.hands import click, press
from tests.ui.made_files import WORDS, bomb, pdf_file, picture_file
from tests.ui.screens.made import SIZES, Show, findings

LETTER = b"Dear Kai, your meeting is on 9 March.\n"
Open = Callable[[bytes], Attachment]


@pytest.fixture
def page(session: Session, show: Show) -> ViewerPage:
    made = ViewerPage(session)
    show(made)
    return made


@pytest.fixture
def view(page: ViewerPage, session: Session, qtbot: QtBot) -> Open:
    """Keep a file and look at it."""

    def show_it(content: bytes) -> Attachment:
        file = session.attaching.files.keep(session.store, io.BytesIO(content))
        record = Attachment(id=RecordId("a1"), what="A letter", content=file.id)
        page.show_attachment(record)
        qtbot.waitUntil(lambda: page._stack.currentWidget() is not page.waiting)
        return record

    return show_it


def sheets(page: ViewerPage) -> list[bool]:
    """Which pages are drawn."""
    return [not sheet._image.isNull() for sheet in page.sheets._sheets]


def test_a_text_is_read_as_text(page: ViewerPage, view: Open) -> None:
    view(LETTER)
    assert page.text.words() == LETTER.decode()
    assert page.text.hasFocus()
    assert not page.about.isVisible()
    assert page.header.title.text() == "A letter"


def test_of_a_very_long_text_the_beginning_is_shown(page: ViewerPage, view: Open) -> None:
    view(LETTER * 30_000)
    assert page.about.label.text() == FEW_WORDS
    assert len(page.text.words()) == 1_000_000


@pytest.mark.parametrize("kind", ["PNG", "JPG", "BMP", "WEBP"])
def test_a_picture_is_shown(page: ViewerPage, view: Open, kind: str) -> None:
    view(picture_file(kind))
    assert sheets(page) == [True]
    assert page.sheets.isVisible()
    assert not page.read.isVisible()


def test_a_pdf_is_shown_page_by_page_and_read_as_text(
    page: ViewerPage, view: Open, qtbot: QtBot
) -> None:
    view(pdf_file(2))
    qtbot.waitUntil(lambda: sheets(page) == [True, True])
    assert page.note == "Page 1 of 2"
    click(page.read)
    qtbot.waitUntil(page.text.isVisible)
    assert WORDS in page.text.words()
    click(page.read)
    assert page.sheets.isVisible()


def test_only_pages_near_the_one_on_show_are_kept_drawn(
    page: ViewerPage, view: Open, qtbot: QtBot
) -> None:
    view(pdf_file(40))
    qtbot.waitUntil(lambda: any(sheets(page)))
    assert sum(sheets(page)) <= 6
    bar = page.sheets.verticalScrollBar()
    bar.setValue(bar.maximum())
    qtbot.waitUntil(lambda: sheets(page)[-1])
    assert not any(sheets(page)[:20])
    page.sheets.larger()
    qtbot.waitUntil(lambda: sheets(page)[-1])


def test_of_a_pdf_with_very_many_pages_the_first_are_shown(page: ViewerPage, view: Open) -> None:
    view(pdf_file(MOST_PAGES + 1))
    assert len(page.sheets._sheets) == MOST_PAGES
    assert "Only the first 300 pages" in page.about.label.text()


def test_a_pdf_of_pictures_says_that_it_has_no_words(
    page: ViewerPage, view: Open, qtbot: QtBot
) -> None:
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.rect(10, 10, 50, 50)
    canvas.showPage()
    canvas.save()
    view(out.getvalue())
    click(page.read)
    qtbot.waitUntil(page.text.isVisible)
    assert page.text.words() == NO_WORDS


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (bomb(60_000, 60_000), "60,000 by 60,000 points large, too large"),
        (picture_file()[:60], "damaged"),
        (b"%PDF-1.7\nnothing more", "locked with a password, or damaged"),
        (bytes(range(256)), "This kind of file cannot be shown here."),
    ],
    ids=["too large", "cut picture", "cut pdf", "unknown"],
)
def test_what_cannot_be_shown_is_said_and_a_copy_is_offered(
    page: ViewerPage, view: Open, content: bytes, said: str
) -> None:
    view(content)
    assert said in page.problem.label.text()
    assert page.nothing.isVisible()
    assert page.save_button.isEnabled()
    assert page.save_button.hasFocus()


@pytest.mark.qt_log_ignore("Not a JPEG file")
def test_a_picture_is_decoded_as_what_it_is_and_nothing_else() -> None:
    with pytest.raises(NotShown):
        picture(b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "image/svg+xml")
    with pytest.raises(NotShown):
        picture(picture_file("PNG"), "image/jpeg")


def test_a_picture_larger_than_any_screen_is_made_smaller() -> None:
    large = picture(picture_file("PNG", 6_000, 4_000), "image/png")
    assert large.width() * large.height() <= SHOWN_PIXELS
    assert large.size() == QSize(4_898, 3_265)
    assert MOST_PIXELS > 6_000 * 4_000


def test_what_is_damaged_on_the_disk_is_said(
    page: ViewerPage, session: Session, qtbot: QtBot
) -> None:
    file = session.attaching.files.keep(session.store, io.BytesIO(LETTER))
    session.attaching.files.path(file.id).write_bytes(b"x")
    page.show_attachment(Attachment(id=RecordId("a1"), content=file.id))
    qtbot.waitUntil(page.problem.isVisible)
    assert "damaged or changed" in page.problem.label.text()
    assert not page.save_button.isEnabled()


def test_what_is_on_another_laptop_is_said(page: ViewerPage, qtbot: QtBot) -> None:
    page.show_attachment(Attachment(id=RecordId("a1"), content="ab" * 16))
    qtbot.waitUntil(page.problem.isVisible)
    assert "another laptop" in page.problem.label.text()


def test_closed_it_is_forgotten(page: ViewerPage, view: Open, qtbot: QtBot) -> None:
    view(LETTER)
    with qtbot.waitSignal(page.back_requested):
        press(page.text, Qt.Key.Key_Escape)
    assert page.text.words() == ""
    assert page._data == b""
    assert page.header.title.text() == "Letter or picture"


def test_hidden_it_is_forgotten(page: ViewerPage, view: Open) -> None:
    view(picture_file())
    page.hide()
    assert sheets(page) == []
    assert page._data == b""


def test_an_answer_that_comes_after_closing_is_not_shown(
    page: ViewerPage, session: Session, view: Open, qtbot: QtBot
) -> None:
    record = view(LETTER)
    page.show_attachment(record)
    page.close_attachment()
    with qtbot.waitSignal(session.unsent):
        session.run_slow(lambda: None, lambda _none: session.count_unsent())
    assert page._stack.currentWidget() is page.waiting
    assert page._data == b""


def test_nothing_is_written_by_looking(
    page: ViewerPage, view: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    view(LETTER)
    before = set(tmp_path.rglob("*"))
    for content in (picture_file(), pdf_file(2)):
        view(content)
        qtbot.waitUntil(lambda: all(sheets(page)))
        page.sheets.larger()
    new = set(tmp_path.rglob("*")) - before
    assert {path.suffix for path in new} == {".sealed"}


def test_the_first_press_warns_that_a_copy_is_not_encrypted(
    page: ViewerPage, view: Open, qtbot: QtBot
) -> None:
    view(LETTER)
    click(page.save_button)
    assert "not encrypted" in page.warning.label.text()
    assert page.findChild(QFileDialog) is None
    click(page.save_button)
    qtbot.waitUntil(lambda: page.findChild(QFileDialog) is not None)
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    assert Path(dialog.selectedFiles()[0]).name == "attachment.txt"
    assert dialog.testOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.reject()
    assert set(dialog.history()) <= {str(Path.home())}


def test_a_copy_is_the_file_byte_for_byte(
    page: ViewerPage, view: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    content = picture_file("JPG")
    view(content)
    page.save_copy(tmp_path / "copy.jpg")
    qtbot.waitUntil(page.done.isVisible)
    assert (tmp_path / "copy.jpg").read_bytes() == content
    assert "not encrypted" in page.done.label.text()


def test_a_copy_that_cannot_be_written_is_said(
    page: ViewerPage, view: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    view(LETTER)
    page.save_copy(tmp_path)
    qtbot.waitUntil(page.problem.isVisible)
    assert "could not be written" in page.problem.label.text()


@pytest.mark.parametrize(("width", "height", "scale"), SIZES)
@pytest.mark.parametrize("content", [pdf_file(2), bytes(256)], ids=["pages", "nothing"])
def test_nothing_is_clipped_or_nameless(
    page: ViewerPage,
    view: Open,
    qapp: QApplication,
    content: bytes,
    width: int,
    height: int,
    scale: float,
) -> None:
    apply(qapp, ThemeName.DARK, scale)
    page.window().resize(width, height)
    view(content)
    click(page.save_button)
    for _ in range(5):
        qapp.processEvents()
    assert findings(page.window()) == []


def test_the_title_may_be_missing(page: ViewerPage, view: Open, qtbot: QtBot) -> None:
    record = view(LETTER)
    page.show_attachment(dc.replace(record, what=""))
    qtbot.waitUntil(page.text.isVisible)
    assert page.header.title.text() == "Letter or picture"
