"""Letters and pictures in the workspace: added, described, asked about, removed."""

import dataclasses as dc
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from hah_desktop.domain.ids import RecordId, child_file, visit_file
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.child import Permission, permission_id
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.attachments.attachments import MOST_BYTES, kept
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.ui.kit.lists import RowRole
from hah_desktop.ui.screens.visit import steps
from hah_desktop.ui.screens.visit.letters import KEPT, LetterPart
from hah_desktop.ui.screens.visit.page import VisitPage
from hah_desktop.ui.screens.visit.removed import RemovedPart
from tests.ui.kit.hands import click, press
from tests.ui.made_files import picture_file
from tests.ui.work.made import Work, button, workplace_of
from tests.ui.work.visiting import fill, go, push, talk

MEGA = 1 << 20


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    path = tmp_path / "outside" / "IMG_0412.png"
    path.parent.mkdir()
    path.write_bytes(picture_file())
    return path


def letters(work: Work) -> list[Attachment]:
    with work.store.reading() as connection:
        found = reading.of_kind(connection, Attachment.kind)
    return [held.record for held in found if isinstance(held.record, Attachment)]


def part_of(page: VisitPage) -> LetterPart:
    assert isinstance(page._middle.part, LetterPart)
    return page._middle.part


def rows(page: VisitPage) -> list[tuple[str, str, str]]:
    """Title, what is told below it, and tag of each row."""
    model = page.pane.rows.model()
    roles = (Qt.ItemDataRole.DisplayRole, RowRole.SUBTITLE, RowRole.TAG)
    at = [model.index(number, 0) for number in range(model.rowCount())]
    return [tuple(index.data(role) or "" for role in roles) for index in at]  # type: ignore[misc]  # three


def begin(work: Work, page: VisitPage, visit: Visit) -> LetterPart:
    go(work, page, visit.id, steps.LETTERS)
    push(work, page, "Add a letter or picture")
    return part_of(page)


def wait_for(work: Work, qtbot: QtBot, count: int = 1) -> None:
    qtbot.waitUntil(lambda: len(letters(work)) == count, timeout=20_000)
    work.settle()


def added(
    work: Work, page: VisitPage, visit: Visit, path: Path, qtbot: QtBot, child: str = "nobody"
) -> Attachment:
    part = begin(work, page, visit)
    fill(page, "What is it?", "The swing")
    fill(page, "What kind of thing is it?", "Drawing by the child")
    part.adding.whose.set_value(child)
    part.adding.take(path)
    click(page.foot.add_letter)
    wait_for(work, qtbot)
    return letters(work)[0]


def planted(work: Work, visit: Visit, path: Path) -> Attachment:
    """An attachment kept past the screens."""
    made = Attachment(id=work.store.new_id(), visit=visit.id, what="The swing", type="drawing")

    def describe(content: str) -> list[Edited]:
        return [Edited(dc.replace(made, content=content), NOTHING)]

    files = work.session.attaching.files
    files.keep(work.store, path, lambda sealed: describe(sealed.file.id))
    return letters(work)[0]


def test_a_drawing_is_added_with_whose_it_is_and_can_be_read_back(
    work: Work, page: VisitPage, drawing: Path, qtbot: QtBot
) -> None:
    visit = work.visit()
    child = talk(work, visit).child
    made = added(work, page, visit, drawing, qtbot, child)
    assert (made.what, made.type, made.child) == ("The swing", "drawing", child)
    assert (made.file_name, made.media_type) == ("IMG_0412.png", "image/png")
    assert made.size == drawing.stat().st_size
    assert made.files() == (visit_file(visit.id), child_file(child))
    with work.store.reading() as connection:
        [file] = kept(connection)
    assert (file.id, file.sha256) == (made.content, made.hash)
    assert work.session.attaching.files.read(file) == drawing.read_bytes()
    assert not work.held(made.id).open


def test_once_it_is_kept_the_person_reads_that_the_original_is_not_encrypted(
    work: Work, page: VisitPage, drawing: Path, qtbot: QtBot
) -> None:
    added(work, page, work.visit(), drawing, qtbot)
    assert part_of(page).kept.kept.isVisible()
    assert part_of(page).kept.kept.label.text() == KEPT
    assert "original is still where it was" in KEPT
    assert "not encrypted" in KEPT
    assert drawing.exists()


def test_a_new_letter_becomes_the_chosen_row_and_the_keyboard_is_on_it(
    work: Work, page: VisitPage, drawing: Path, qtbot: QtBot
) -> None:
    visit = work.visit()
    child = talk(work, visit).child
    made = added(work, page, visit, drawing, qtbot, child)
    told = f"Drawing by the child · Kai M. · {made.size} bytes"
    assert rows(page) == [("The swing", told, "Only here")]
    assert page.pane.rows.currentIndex().data(RowRole.KEY) == made.id
    assert part_of(page).kept.look.hasFocus()
    assert work.draft(made.id) is None


def test_nothing_is_added_before_everything_is_said(
    work: Work, page: VisitPage, drawing: Path
) -> None:
    part = begin(work, page, work.visit())
    click(page.foot.add_letter)
    work.settle()
    said = [b.words for b in part.problems.buttons]
    assert said == [
        "Choose a file",
        "Say whose it is",
        "Say what it is",
        "Say what kind of thing it is",
    ]
    assert part.problems.hasFocus()
    part.adding.take(drawing)
    click(page.foot.add_letter)
    assert "Choose a file" not in [b.words for b in part.problems.buttons]
    assert letters(work) == []


def test_what_is_typed_about_it_is_kept_before_a_file_is_chosen(
    work: Work, page: VisitPage
) -> None:
    visit = work.visit()
    part = begin(work, page, visit)
    fill(page, "What is it?", "Letter from school")
    page.flush()
    work.settle()
    page.refresh()
    work.settle()
    assert rows(page) == [("Letter from school", "", "Draft")]
    page.show_step(steps.PLAN)
    work.settle()
    page.show_step(steps.LETTERS)
    work.settle()
    again = part_of(page)
    assert again is not part
    assert again.form.answer("what") == "Letter from school"
    assert again.adding.isVisible()


@pytest.mark.parametrize(
    ("size", "said"), [(MOST_BYTES + 1, "At most 200 MB"), (0, "empty")], ids=["large", "empty"]
)
def test_a_file_that_is_refused_says_why_and_what_was_typed_stays(
    work: Work, page: VisitPage, tmp_path: Path, qtbot: QtBot, size: int, said: str
) -> None:
    part = begin(work, page, work.visit())
    with (tmp_path / "scan").open("wb") as file:
        file.truncate(size)
    fill(page, "What is it?", "Rota")
    fill(page, "What kind of thing is it?", "A letter")
    part.adding.whose.set_value("nobody")
    part.adding.take(tmp_path / "scan")
    click(page.foot.add_letter)
    qtbot.waitUntil(part.problem.isVisible)
    assert said in part.problem.label.text()
    assert part.form.answer("what") == "Rota"
    assert part.form.isEnabled()
    assert part.adding.choose.hasFocus()
    assert letters(work) == []


def test_a_large_file_shows_how_far_it_is_and_can_be_stopped(
    work: Work, page: VisitPage, tmp_path: Path, qtbot: QtBot
) -> None:
    part = begin(work, page, work.visit())
    with (tmp_path / "scan").open("wb") as file:
        file.truncate(150 * MEGA)
    part.form.type("what", "Rota")
    part.form.type("type", "letter")
    part.adding.whose.set_value("nobody")
    part.adding.take(tmp_path / "scan")
    part.add_file()
    assert part.adding.stop.isVisible()
    assert part.adding.stop.hasFocus()
    assert not part.form.isEnabled()
    part.adding.show_so_far(50 * MEGA, 150 * MEGA)
    assert part.adding.progress.words.text() == "Encrypting the file: 52 MB of 157 MB"
    click(part.adding.stop)
    qtbot.waitUntil(part.problem.isVisible, timeout=20_000)
    assert "stopped" in part.problem.label.text()
    work.settle()
    assert letters(work) == []
    assert list(work.session.attaching.files.path("x").parent.iterdir()) == []


def test_going_elsewhere_does_not_stop_what_was_asked_for(
    work: Work, page: VisitPage, drawing: Path, qtbot: QtBot
) -> None:
    part = begin(work, page, work.visit())
    part.form.type("what", "The swing")
    part.form.type("type", "drawing")
    part.adding.whose.set_value("nobody")
    part.adding.take(drawing)
    part.add_file()
    page.show_step(steps.PLAN)
    wait_for(work, qtbot)
    assert letters(work)[0].what == "The swing"
    assert work.draft(letters(work)[0].id) is None


def test_a_visit_that_is_signed_off_meanwhile_keeps_no_file(
    work: Work, page: VisitPage, drawing: Path, qtbot: QtBot
) -> None:
    visit = work.visit()
    part = begin(work, page, visit)
    part.form.type("what", "The swing")
    part.form.type("type", "drawing")
    part.adding.whose.set_value("nobody")
    part.adding.take(drawing)
    work.edited_elsewhere(
        visit.id, lambda held: Edited(dc.replace(visit, status="signed_off"), held.seen)
    )
    with qtbot.waitSignal(work.session.trouble, timeout=20_000) as told:
        part.add_file()
    assert told.args is not None
    assert "signed off" in str(told.args[0])
    assert part.form.isEnabled()
    assert list(work.session.attaching.files.path("x").parent.iterdir()) == []


def test_a_locked_session_keeps_nothing_that_was_under_way(
    work: Work, page: VisitPage, tmp_path: Path, qtbot: QtBot
) -> None:
    part = begin(work, page, work.visit())
    with (tmp_path / "scan").open("wb") as file:
        file.truncate(150 * MEGA)
    part.form.type("what", "Rota")
    part.form.type("type", "letter")
    part.adding.whose.set_value("nobody")
    part.adding.take(tmp_path / "scan")
    part.add_file()
    work.session.close()
    folder = work.session.attaching.files.path("x").parent
    qtbot.waitUntil(lambda: not work.session.attaching._under_way, timeout=20_000)
    assert letters(work) == []
    assert not folder.exists() or list(folder.iterdir()) == []


def test_a_file_may_be_dropped_onto_the_card(work: Work, page: VisitPage, drawing: Path) -> None:
    card = begin(work, page, work.visit()).adding
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(drawing))])
    mouse, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, mouse, keys)
    card.dragEnterEvent(entering)
    assert entering.isAccepted()
    card.dropEvent(QDropEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, mouse, keys))
    assert card.path == drawing
    assert "IMG_0412.png" in card.chosen.text()


@pytest.mark.parametrize("urls", [[], ["https://example.org/x.png"], ["file:///a", "file:///b"]])
def test_anything_but_one_file_of_this_laptop_is_not_taken(
    work: Work, page: VisitPage, urls: list[str]
) -> None:
    card = begin(work, page, work.visit()).adding
    data = QMimeData()
    data.setUrls([QUrl(url) for url in urls])
    entering = QDragEnterEvent(
        QPoint(9, 9),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    entering.ignore()
    card.dragEnterEvent(entering)
    assert not entering.isAccepted()


def test_the_dialog_is_not_the_system_s_and_remembers_nothing(
    work: Work, page: VisitPage, drawing: Path, qtbot: QtBot
) -> None:
    card = begin(work, page, work.visit()).adding
    press(card.choose, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: card.findChild(QFileDialog) is not None)
    dialog = card.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.testOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setDirectory(str(drawing.parent))
    dialog.selectFile(drawing.name)
    dialog.accept()
    assert card.path == drawing
    assert dialog.directory().absolutePath() == str(Path.home())
    assert set(dialog.history()) <= {str(Path.home())}


def test_what_is_said_about_it_can_be_changed_until_sign_off(
    work: Work, page: VisitPage, drawing: Path
) -> None:
    visit = work.visit()
    made = planted(work, visit, drawing)
    go(work, page, visit.id, steps.LETTERS)
    fill(page, "What there is to know about it", "Kai gave it to us.")
    push(work, page, "Save and continue")
    assert letters(work)[0] == dc.replace(made, note="Kai gave it to us.")
    work.edited_elsewhere(
        visit.id, lambda held: Edited(dc.replace(visit, status="signed_off"), held.seen)
    )
    go(work, page, visit.id, steps.LETTERS)
    part = part_of(page)
    assert part.kept.remove.isHidden()
    assert part.kept.look.isEnabled()
    assert page.pane.plus.isHidden()
    assert not part.form.field("type").control.isEnabled()


def test_the_child_is_asked_who_may_see_it(
    work: Work, page: VisitPage, drawing: Path, qtbot: QtBot
) -> None:
    visit = work.visit()
    child = talk(work, visit).child
    made = added(work, page, visit, drawing, qtbot, child)
    fill(page, "The place: may they see this?", "You can tell them, but not my name")
    work.settle()
    answer = work.held(permission_id(made.id, "place")).record
    assert isinstance(answer, Permission)
    assert (answer.item, answer.child, answer.answer) == (made.id, child, "ANON")


def test_removing_takes_two_presses_and_leaves_the_sealed_file(
    work: Work, page: VisitPage, drawing: Path
) -> None:
    visit = work.visit()
    made = planted(work, visit, drawing)
    go(work, page, visit.id, steps.LETTERS)
    part = part_of(page)
    fill(page, "What there is to know about it", "typed, and not saved")
    click(part.kept.remove)
    assert part.kept.sure.isVisible()
    work.settle()
    assert letters(work) != []
    click(part.kept.remove)
    work.settle()
    work.settle()
    assert letters(work) == []
    assert rows(page) == [("Removed", "1 record", "")]
    assert isinstance(page._middle.part, RemovedPart)
    assert work.draft(made.id) is None
    assert work.session.attaching.files.path(made.content).exists()
    with work.store.reading() as connection:
        assert len(kept(connection)) == 1


def test_after_removing_the_keyboard_is_where_the_work_goes_on(
    work: Work, page: VisitPage, drawing: Path
) -> None:
    visit = work.visit()
    planted(work, visit, drawing)
    go(work, page, visit.id, steps.LETTERS)
    remove = part_of(page).kept.remove
    remove.setFocus()
    press(remove, Qt.Key.Key_Space)
    press(remove, Qt.Key.Key_Space)
    work.settle()
    work.settle()
    assert [title for title, _, _ in rows(page)] == ["Removed"]
    focused = QApplication.focusWidget()
    assert focused is not None
    assert page._middle.isAncestorOf(focused)


def test_a_file_that_is_gone_or_elsewhere_is_never_passed_over(
    work: Work, page: VisitPage, drawing: Path, qtbot: QtBot
) -> None:
    visit = work.visit()
    made = planted(work, visit, drawing)
    other = dc.replace(made, id=RecordId("elsewhere"), content="ab" * 16, what="From Jo")
    work.store.add(other)
    work.session.attaching.files.path(made.content).unlink()
    go(work, page, visit.id, steps.LETTERS, made.id)
    assert {(title, tag) for title, _, tag in rows(page)} == {
        ("The swing", "Damaged"),
        ("From Jo", "Not here"),
    }
    assert "damaged or gone" in part_of(page).kept.missing.label.text()
    assert not part_of(page).kept.look.isEnabled()
    page.open_entry(other.id)
    work.settle()
    assert "another laptop" in part_of(page).kept.way.words.text()
    assert not part_of(page).kept.look.isEnabled()
    with qtbot.waitSignal(work.session.trouble, timeout=10_000) as told:
        work.session.start()
    assert told.args is not None
    assert "1 letter or picture is damaged or gone" in str(told.args[0])


def test_what_a_crash_left_behind_is_swept_at_the_start(work: Work, drawing: Path) -> None:
    files = work.session.attaching.files
    planted(work, work.visit(), drawing)
    (files.path("x").parent / f"{'0' * 32}.sealing").write_bytes(b"half")
    files.path("f" * 32).write_bytes(b"orphan")
    work.session.start()
    work.settle()
    assert [path.stem for path in files.path("x").parent.iterdir()] == [letters(work)[0].content]


def test_looking_at_it_shows_the_viewer_and_leads_back(
    work: Work, drawing: Path, qtbot: QtBot
) -> None:
    visit = work.visit()
    planted(work, visit, drawing)
    workplace = workplace_of(work, qtbot)
    workplace.open_visit(visit.id)
    workplace.visit.show_step(steps.LETTERS)
    work.settle()
    click(button(workplace, "Look at it"))
    qtbot.waitUntil(workplace.viewer.sheets.isVisible)
    workplace.keep()
    work.settle()
    places: list[object] = []
    work.session.read_place(places.append)
    work.settle()
    assert isinstance(places[0], dict)
    assert (places[0]["page"], places[0]["step"]) == ("visit", steps.LETTERS)
    click(workplace.viewer.back)
    assert workplace.visit.isVisible()
    assert workplace.viewer._data == b""
    assert QApplication.focusWidget() is not None
