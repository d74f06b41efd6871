"""What the tests of the work itself are made of: a visit in a real store, and a patient eye."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.base import Section
from hah_desktop.domain.records.reference import Place
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.journal import drafts, reading
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import Edited
from hah_desktop.store.store import Store
from hah_desktop.ui.forms.record_form import RecordForm
from hah_desktop.ui.kit.fields import LabelledField
from hah_desktop.ui.session import Session
from hah_desktop.ui.workplace import Workplace
from tests.store.hand import NOON

W = TypeVar("W", bound=QWidget)

ARRIVAL = Section("Arrival", ("arrived_at", "met_by", "authority_shown_to", "entry"))
IMPRESSION = Section("General impression", ("impression", "working_well"))


class Work(QObject):
    """A session over a real store, and what the store says."""

    answered = Signal(object)

    def __init__(self, session: Session, qtbot: QtBot) -> None:
        super().__init__()
        self.session = session
        self.store: Store = session.store
        self.qtbot = qtbot

    def settle(self) -> None:
        """Wait until the database has answered everything, also what the answers asked."""
        for _ in range(3):
            with self.qtbot.waitSignal(self.answered, timeout=20_000):
                self.session.read(lambda _connection: None, self.answered.emit)

    def held(self, record: str) -> Held:
        """A record as it is held now."""
        with self.store.reading() as connection:
            found = reading.get(connection, record)
        assert found is not None
        return found

    def draft(self, record: str) -> Draft | None:
        """The draft of a record, read past the session."""
        with self.store.reading() as connection:
            return drafts.get(connection, record)

    def visit(self, **fields: object) -> Visit:
        """A new visit, saved: under way unless told otherwise."""
        place = Place(id=self.store.new_id(), name="Larkspur House", place_type="CH")
        start: dict[str, object] = {"status": "started", "visited_on": NOON.date()}
        visit = Visit(
            id=RecordId(self.store.new_id()),
            place=place.id,
            advisers=frozenset({"ruth"}),
            **{**start, **fields},  # type: ignore[arg-type]  # fields of a visit
        )
        self.store.add(place, visit)
        return visit

    def form(self, record: str, *sections: Section) -> RecordForm:
        """A form over a visit as it is held, in a window of its own."""
        form = RecordForm(self.session, Visit, sections or (ARRIVAL,))
        self.qtbot.addWidget(form)
        form.resize(800, 600)
        with self.qtbot.waitExposed(form):
            form.show()
        form.activateWindow()
        form.load(self.held(record), self.draft(record))
        return form

    def edited_elsewhere(self, record: str, edit: Callable[[Held], Edited]) -> None:
        """Save an edit by somebody else, past the session and its signals."""
        self.store.save(edit(self.held(record)))


def line_of(form: RecordForm, name: str) -> QLineEdit:
    """The line in which a field is typed."""
    control = form.field(name).control
    assert isinstance(control, QLineEdit)
    return control


def area_of(form: RecordForm, name: str) -> QPlainTextEdit:
    """The area in which a field is typed."""
    control = form.field(name).control
    assert isinstance(control, QPlainTextEdit)
    return control


def on_show(root: QWidget, kind: type[W], said: Callable[[W], bool]) -> W:
    """The first thing of a kind in a window of which something is so."""
    found = [w for w in root.findChildren(kind) if w.isVisibleTo(root) and said(w)]
    assert found, f"no such {kind.__name__} on the screen"
    return found[0]


def question(root: QWidget, words: str) -> LabelledField:
    """The field with that question."""
    return on_show(root, LabelledField, lambda field: field.words == words)


def button(root: QWidget, words: str) -> QPushButton:
    """The button of that name."""
    return on_show(
        root.window(),
        QPushButton,
        lambda b: words in (b.text().replace("&&", "&"), b.accessibleName()),
    )


def workplace_of(work: Work, qtbot: QtBot, width: int = 1366, height: int = 768) -> Workplace:
    """Everything that an adviser works with, shown so large, on no page yet."""
    made = Workplace(work.session, lambda _preferences: None)
    qtbot.addWidget(made)
    made.resize(width, height)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    return made
