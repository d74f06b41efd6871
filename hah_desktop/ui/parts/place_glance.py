"""One place at a glance: what is known of it, its inspections by date, the visits to it."""

import datetime as dt
from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hah_desktop.documents.answers import Wording, words
from hah_desktop.domain.codes import CodeList, Codes
from hah_desktop.domain.days import in_words
from hah_desktop.domain.fields import Choice
from hah_desktop.domain.records.base import described
from hah_desktop.domain.records.reference import Inspection, Place
from hah_desktop.domain.records.visit import Visit
from hah_desktop.ui.kit.blocks import SummaryList, SummaryRow
from hah_desktop.ui.kit.buttons import LinkButton
from hah_desktop.ui.kit.labels import Heading, Label, Rule, Tag, TagKind, TextKind
from hah_desktop.ui.parts.place_rows import grade_tag, grade_words, place_name

NO_PLACE = "Choose a place in the list to see what is known about it."

_VISIT_TAGS = {
    "planned": TagKind.INFO,
    "started": TagKind.WARN,
    "finished": TagKind.VIOLET,
    "signed_off": TagKind.OK,
}


class PlaceGlance(QWidget):
    """Details of the place that is chosen in the list."""

    visit_opened = Signal(str)
    """The id of a visit that the person wants to see."""

    def __init__(self, codes: Codes) -> None:
        super().__init__()
        self._codes = codes
        self.heading = Heading("Place at a glance", 3)
        self.nothing = Label(NO_PLACE, TextKind.MUTED)
        self.details = SummaryList(stacked=True)
        self._line = Rule()
        self._inspections = _Entries("Inspections", "None on the lists that were imported.")
        self._visits = _Entries("Our visits", "None on this laptop.")
        self._details_heading = Heading("Details", 3)
        self._parts = (
            self._inspections,
            self._visits,
            self._line,
            self._details_heading,
            self.details,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(17, 20, 17, 20)
        layout.setSpacing(12)
        for part in (self.heading, self.nothing, *self._parts):
            layout.addWidget(part)
        layout.addStretch(1)
        self.clear()

    def clear(self) -> None:
        """Show no place."""
        self.heading.setText("Place at a glance")
        self.nothing.show()
        for part in self._parts:
            part.hide()

    def show_place(
        self, place: Place, inspections: Sequence[Inspection], visits: Sequence[Visit]
    ) -> None:
        """Show a place with what names it."""
        self.heading.setText(place_name(place))
        self.nothing.hide()
        self.details.set_rows(self._rows(place))
        self._inspections.set_entries(map(self._inspection, sorted(inspections, key=_newest)))
        self._visits.set_entries(map(self._visit, sorted(visits, key=_newest)))
        for part in self._parts:
            part.show()

    def _rows(self, place: Place) -> list[SummaryRow]:
        fields = described(Place)
        lists = {f.codes: self._codes(f.codes) for f in fields.values() if isinstance(f, Choice)}
        wording = Wording(lists=lists, names={}, zone=dt.UTC)
        told = {
            name: words(fields[name], getattr(place, name), wording)
            for section in Place.sections
            for name in section.fields
        }
        return [
            SummaryRow(fields[name].label, said)
            for name, said in told.items()
            if said and name != "name"
        ]

    def _inspection(self, inspection: Inspection) -> QWidget:
        judgements, types = self._codes("judgement"), self._codes("inspection_type")
        kind = types.label(inspection.inspection_type) if inspection.inspection_type else ""
        words = grade_words(inspection.grade, judgements)
        if not inspection.grade and inspection.grade_as_published:
            words = inspection.grade_as_published
        entry = _Entry(_date(inspection.inspected_on), kind)
        entry.add(Tag(words, grade_tag(inspection.grade)))
        return entry

    def _visit(self, visit: Visit) -> QWidget:
        date = _date(visit.visited_on or visit.planned_for)
        statuses: CodeList = self._codes("visit_status")
        entry = _Entry(date, "")
        if visit.status:
            kind = _VISIT_TAGS.get(visit.status, TagKind.NEUTRAL)
            entry.add(Tag(statuses.label(visit.status), kind))
        button = LinkButton("Open")
        button.setAccessibleName(f"Open the visit: {date}")
        button.clicked.connect(lambda: self.visit_opened.emit(visit.id))
        entry.add(button)
        return entry


def _newest(record: Inspection | Visit) -> int:
    """Sorts the newest first; what has no date stands at the top, for somebody to notice."""
    if isinstance(record, Inspection):
        date = record.inspected_on
    else:
        date = record.visited_on or record.planned_for
    return -(date or dt.date.max).toordinal()


def _date(date: dt.date | None) -> str:
    return in_words(date) if date else "No date yet"


class _Entry(QWidget):
    """One inspection or visit: its date, what it was, and its status below."""

    def __init__(self, title: str, about: str) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(Label(title))
        if about:
            layout.addWidget(Label(about, TextKind.CAPTION))
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        layout.addLayout(self._row)
        self._row.addStretch(1)

    def add(self, widget: QWidget) -> None:
        """Put a tag or a button into the line below the words."""
        self._row.insertWidget(self._row.count() - 1, widget, 0, Qt.AlignmentFlag.AlignVCenter)


class _Entries(QWidget):
    """A heading with entries below it, or with words that say why there are none."""

    def __init__(self, heading: str, none: str) -> None:
        super().__init__()
        self._none = Label(none, TextKind.MUTED)
        self._entries = QVBoxLayout()
        self._entries.setSpacing(12)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(Rule())
        layout.addWidget(Heading(heading, 3))
        layout.addWidget(self._none)
        layout.addLayout(self._entries)

    def set_entries(self, entries: Iterable[QWidget]) -> None:
        """Show other entries."""
        while (old := self._entries.takeAt(0)) is not None:
            if (widget := old.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for entry in entries:
            self._entries.addWidget(entry)
        self._none.setVisible(not self._entries.count())
