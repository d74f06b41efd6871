"""What the middle of the workspace may hold: a part that keeps, saves and finds its place."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from hah_desktop.domain.records.base import Record
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import NOTHING
from hah_desktop.ui.forms.record_form import RecordForm
from hah_desktop.ui.kit.blocks import FormColumn
from hah_desktop.ui.kit.labels import Heading
from hah_desktop.ui.parts.state_line import StateLine
from hah_desktop.ui.screens.visit.bundle import Bundle


class Part(FormColumn):
    """One entry of the workspace, open in the middle."""

    saved = Signal()
    go_to = Signal(str, str)
    """Asks the workspace for a record and a field of it."""
    decide = Signal(str)
    """Asks for the decision about a record that has two versions."""
    became = Signal(str)
    """What was open here stands as another record now, of this id."""
    removed = Signal()
    """What was open here is gone: its step shows what is left."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.heading = Heading(title, 2)
        self.add(self.heading)
        self.state = StateLine()
        self.add(self.state)
        self.forms: list[RecordForm] = []

    def show_bundle(self, bundle: Bundle) -> None:
        """Show what is held now. What is being typed stays."""
        raise NotImplementedError

    def show_state(self, bundle: Bundle) -> None:
        """Show how far what is open here has come."""
        own = [form.record_id for form in self.forms]
        # Of the visit itself the heading of the page says so.
        seen = bundle.seen_by.get(own[0], "") if own and own[0] != bundle.visit.id else ""
        self.state.show_state(bundle.waiting(*own), (seen,) if seen else ())

    def reads(self, bundle: Bundle) -> list[str]:
        """The ids of the saved records that whoever opens this reads, beside the visit itself."""
        own = [form.record_id for form in self.forms]
        return [record for record in own if record in bundle.held and record != bundle.visit.id]

    def flush(self) -> None:
        """Keep what is typed, now."""
        for form in self.forms:
            form.flush()

    def save(self) -> bool:
        """Save every form of the part; False, with the problem shown, where one cannot be."""
        # Every form is tried, so that every problem is shown at once.
        tried = [form.save() for form in self.forms if form.has_draft]
        return all(tried)

    def is_saved(self) -> bool:
        """Whether nothing is left to save: a save that failed leaves something."""
        return not any(form.has_draft for form in self.forms)

    def goes_on(self) -> bool:
        """Whether it is saved and left by “Save and continue”; else it has a button of its own."""
        return True

    def place(self) -> dict[str, str | int]:
        """Where the author is: record, field, cursor."""
        for form in self.forms:
            found = form.place()
            if found:
                return {**found, "record": form.record_id}
        return {}

    def go_back_to(self, place: Mapping[str, str | int]) -> None:
        """Put the focus where `place` says it was, if it says so."""
        if "field" in place:
            cursor = int(place.get("cursor", 0))
            self.go_to_place(str(place.get("record", "")), str(place["field"]), cursor)

    def go_to_place(self, record: str, field: str, cursor: int = 0) -> bool:
        """Put the focus where it was; False if this part does not ask for that field."""
        for form in self.forms:
            if form.record_id == record and form.holds(field):
                form.go_to_place(field, cursor)
                return True
        return False

    def problems_of(self) -> list[QWidget]:
        """The lists of problems, for the workspace to bring into view."""
        return [form.problems for form in self.forms if form.problems.isVisible()]


def new_held(record: Record) -> Held:
    """A record that is not saved yet."""
    return Held(record, NOTHING, {})
