"""Import a published list: choose a file, read over what it would change, then say so or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from PySide6.QtCore import Qt, Signal

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.reference import Inspection, Place
from hah_desktop.intake.places import Preview, preview
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.reading import Transaction
from hah_desktop.store.journal.saving import NOTHING, Edited, Seen
from hah_desktop.store.store import Saved
from hah_desktop.ui.kit.access import announce
from hah_desktop.ui.kit.blocks import EmptyState, FormColumn, Notice, ProgressLine
from hah_desktop.ui.kit.buttons import PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.order import reading_order
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.parts.choosing import ask_for_file
from hah_desktop.ui.parts.import_preview import PreviewCards, places_in
from hah_desktop.ui.parts.telling import tell
from hah_desktop.ui.parts.words import counted
from hah_desktop.ui.session import Session

FILES = "Published lists (*.csv);;All files (*)"
_KINDS = (Place.kind, Inspection.kind)


class State(Enum):
    """Where the import stands."""

    EMPTY = "empty"
    READING = "reading"
    FAILED = "failed"
    READ = "read"
    SAVING = "saving"
    SAVED = "saved"


@dataclass(frozen=True, slots=True)
class _Known:
    """What is held before the import: every body, and what an edit of each record replaces."""

    bodies: Mapping[RecordId, Mapping[str, Json]]
    seen: Mapping[str, Seen]


@dataclass(frozen=True, slots=True)
class _Read:
    """A list as it was read, the edits it would make, and how many it must not make."""

    preview: Preview
    edits: tuple[Edited, ...]
    left_out: int


class ImportPage(Page):
    """One published list, from choosing the file to the places being here."""

    places_requested = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.set_title("Import a published list", breadcrumbs=["Places"])
        self._session = session
        self._path = Path()
        self._read: _Read | None = None
        self.state = State.EMPTY
        self.cards = PreviewCards(session.code_list)
        self.progress = ProgressLine()
        self.progress.bar.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.problem = Notice("", "bad")
        self.result = Notice("", "ok")
        self.see_places = PrimaryButton("See the places", "building-2")
        self.start = EmptyState(
            "Choose Ofsted’s list of providers",
            "Ofsted publishes it as a spreadsheet. Save it as “CSV UTF-8” first. You will see "
            "what it would change; nothing is imported before you say so.",
            icon_name="file-up",
            act="Choose a file",
        )
        self.choose_button = SecondaryButton("Choose another file", "folder-open")
        self.import_button = PrimaryButton("Import")
        self._lay_out()
        self._show(State.EMPTY)

    def _lay_out(self) -> None:
        column = FormColumn()
        for part in (self.start, self.progress, self.problem, self.result, self.cards):
            column.add(part)
        self.set_form(column)
        self.start.act_requested.connect(self.choose_file)
        self.choose_button.clicked.connect(self.choose_file)
        self.import_button.clicked.connect(self.import_places)
        self.see_places.clicked.connect(self.places_requested)

    @property
    def preview(self) -> Preview | None:
        """The list as it was read, while it waits to be imported."""
        return self._read.preview if self._read else None

    @property
    def edits(self) -> tuple[Edited, ...]:
        """What importing the list would save."""
        return self._read.edits if self._read else ()

    def refresh(self) -> None:
        """Read the chosen file again, with what is held now."""
        if self.state in {State.READ, State.FAILED}:
            self.open_file(self._path)

    def choose_file(self) -> None:
        """Ask for a file."""
        ask_for_file(self, "Choose a published list", self.open_file, FILES)

    def open_file(self, path: Path) -> None:
        """Read a list and show what it would change; nothing is saved."""
        if self.state is State.SAVING:
            return
        self._path = path
        self._read = None
        self._show(State.READING, f"Reading “{path.name}”")
        self._session.read(_read_known, lambda known: self._preview(path, known))

    def _preview(self, path: Path, known: _Known) -> None:
        self._session.run_slow(
            lambda: _read_list(path, known),
            lambda read: self._was_read(path, read),
            lambda fault: self._was_unreadable(path, fault),
        )

    def _was_read(self, path: Path, read: _Read) -> None:
        if path != self._path or self.state is not State.READING:
            return
        self._read = read
        notes: tuple[str, ...] = ()
        if read.left_out:
            notes = (f"{counted(read.left_out, 'record')} removed earlier will stay removed.",)
        self.cards.show_preview(read.preview, notes)
        count = counted(places_in(read.preview), "place")
        self.import_button.set_words(f"Import {count}")
        self._show(State.READ)
        if read.edits:
            announce(self, f"{path.name}: {count}. Nothing has been imported yet.")
        else:
            tell(self.result, "Nothing to import: everything on this list is here already.")

    def _was_unreadable(self, path: Path, fault: KnownError) -> None:
        if path == self._path and self.state is State.READING:
            self._fail(fault)

    def _fail(self, fault: KnownError) -> None:
        self._show(State.FAILED)
        tell(self.problem, "\n".join(part for part in (fault.what, fault.kept, fault.do) if part))

    def import_places(self) -> None:
        """Save what the preview shows, all of it or nothing."""
        read = self._read
        if self.state is not State.READ or read is None or not read.edits:
            return
        self._show(State.SAVING, f"Importing {counted(places_in(read.preview), 'place')}")
        self._session.save(read.edits, lambda saved: self._was_saved(read, saved), self._fail)

    def _was_saved(self, read: _Read, saved: Saved) -> None:
        self._read = None
        self._show(State.SAVED)
        tell(
            self.result,
            f"Imported: {counted(read.preview.new, 'new place')}, "
            f"{counted(read.preview.changed, 'changed place')}, "
            f"{counted(read.preview.new_inspections, 'new inspection')}. "
            f"{counted(len(saved.records), 'record')} saved on this laptop; "
            "they go to the office with the next sync.",
        )

    def _show(self, state: State, words: str = "") -> None:
        self.state = state
        nothing_new = state is State.READ and self._read is not None and not self._read.edits
        busy = state in {State.READING, State.SAVING}
        at_work = self._has_keyboard()
        if busy:
            self.progress.set_progress(0, 0, words)
            self.progress.show()
            if at_work:
                # What has the keyboard is about to go, and Qt would give it to the rail.
                self.progress.bar.setFocus(Qt.FocusReason.OtherFocusReason)
        self.start.setVisible(state is State.EMPTY)
        self.problem.hide()
        self.result.hide()
        self.cards.setVisible(state in {State.READ, State.SAVING})
        self.choose_button.setEnabled(not busy)
        self.import_button.setEnabled(state is State.READ and not nothing_new)
        here = state is State.SAVED or nothing_new
        acts = (self.choose_button, self.see_places if here else self.import_button)
        # Before there is a list, the words in its place have a button of their own.
        self.set_footer(*(() if state is State.EMPTY else acts))
        if not (busy or state is State.READ):
            self.import_button.set_words("Import")
        if not busy:
            stops = reading_order(self.start) or reading_order(self.footer)[-1:]
            for stop in stops if at_work else ():
                stop.setFocus(Qt.FocusReason.OtherFocusReason)
            self.progress.hide()

    def _has_keyboard(self) -> bool:
        """Whether the keyboard is on this page, or will be once a dialog has gone."""
        focused = self.window().focusWidget()
        return self.isAncestorOf(focused) or self.footer.isAncestorOf(focused)


def _read_known(connection: Transaction) -> _Known:
    bodies = reading.bodies(connection, _KINDS)
    held = [held for kind in _KINDS for held in reading.of_kind(connection, kind)]
    return _Known(
        {RecordId(record): body for record, body in bodies.items()},
        {one.record.id: one.seen for one in held},
    )


def _read_list(path: Path, known: _Known) -> _Read:
    found = preview(path, known.bodies)
    # What somebody removed, or a newer version wrote, is known but not held: it is left alone.
    kept = [r for r in found.records if r.id in known.seen or r.id not in known.bodies]
    edits = tuple(Edited(record, known.seen.get(record.id, NOTHING)) for record in kept)
    return _Read(found, edits, len(found.records) - len(kept))
