"""What a published list would change, laid out for a person to read over; it saves nothing."""

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from hah_desktop.domain.codes import CodeList, Codes
from hah_desktop.domain.days import in_words
from hah_desktop.intake.preview import Preview
from hah_desktop.ui.kit.blocks import Card, Notice, SummaryList, SummaryRow
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.parts.place_rows import grade_words
from hah_desktop.ui.parts.telling import tell
from hah_desktop.ui.parts.text_table import TextTable
from hah_desktop.ui.parts.words import counted


def places_in(preview: Preview) -> int:
    """How many places of the list can be taken in."""
    return preview.new + preview.changed + preview.unchanged


class PreviewCards(QWidget):
    """The cards about one list."""

    def __init__(self, codes: Codes) -> None:
        super().__init__()
        self._types: CodeList = codes("place_type")
        self._judgements: CodeList = codes("judgement")
        self.notes = Notice("", "warn")
        self.about = SummaryList()
        self.change = SummaryList()
        self.by_type = SummaryList()
        self.by_grade = SummaryList()
        self.unreadable = TextTable("Rows that cannot be read", ("Row", "Why"), (80,))
        self.doubtful = TextTable("Rows to look at", ("Row", "What is doubtful"), (80,))
        self.columns = TextTable("Columns", ("Column", "Heading", "Taken for"), (80, 280))
        self._unreadable = self._table_card(
            "Rows that cannot be read",
            "They are left out; all others can be imported.",
            self.unreadable,
        )
        self._doubtful = self._table_card(
            "Rows to look at", "They are imported; what is doubtful is left out.", self.doubtful
        )
        self._columns = self._table_card(
            "What each column was taken for",
            "If one is wrong, correct its heading in the file and choose the file again.",
            self.columns,
        )
        self._lay_out()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(18)
        for widget in (
            self.notes,
            _card("The list", self.about),
            _card("What would change", self.change),
            self._unreadable,
            self._doubtful,
            _card("Places on the list, by type", self.by_type),
            _card("By grade at the latest inspection on the list", self.by_grade),
            self._columns,
        ):
            layout.addWidget(widget)

    def _table_card(self, heading: str, about: str, table: TextTable) -> Card:
        card = Card(heading)
        card.add(Label(about, TextKind.MUTED))
        card.add(table)
        return card

    def show_preview(self, preview: Preview, more_notes: tuple[str, ...] = ()) -> None:
        """Show a list."""
        notes = (*preview.notes, *more_notes)
        tell(self.notes, "\n".join(notes))
        self.about.set_rows(_about(preview))
        self.change.set_rows(_change(preview))
        self.by_type.set_rows(_counts(preview.by_type, self._types.label))
        self.by_grade.set_rows(
            _counts(preview.by_grade, lambda grade: grade_words(grade, self._judgements))
        )
        self.unreadable.set_rows([(str(note.row), note.reason) for note in preview.unreadable])
        self.doubtful.set_rows([(str(note.row), note.reason) for note in preview.doubtful])
        self.columns.set_rows(
            [(c.letter, c.heading or "(no heading)", c.taken_for) for c in preview.columns]
        )
        self._unreadable.setVisible(bool(preview.unreadable))
        self._doubtful.setVisible(bool(preview.doubtful))


def _card(heading: str, content: QWidget) -> Card:
    card = Card(heading)
    card.add(content)
    return card


def _about(preview: Preview) -> list[SummaryRow]:
    date = in_words(preview.listed_on) if preview.listed_on else "Unknown"
    return [
        SummaryRow("File", preview.file_name),
        SummaryRow("Date of the list", f"{date} ({preview.listed_on_from})"),
        SummaryRow("Rows", f"{preview.rows:,}, below the headings in row {preview.header_row}"),
        SummaryRow("Empty rows skipped", f"{preview.skipped:,}"),
        SummaryRow("Letters", preview.encoding),
    ]


def _change(preview: Preview) -> list[SummaryRow]:
    inadequate = counted(preview.inadequate, "place")
    return [
        SummaryRow("New places", f"{preview.new:,}"),
        SummaryRow("Changed places", f"{preview.changed:,}"),
        SummaryRow("Unchanged places", f"{preview.unchanged:,}"),
        SummaryRow("Rows that cannot be read", f"{len(preview.unreadable):,}"),
        SummaryRow("New inspections", f"{preview.new_inspections:,}"),
        SummaryRow("Changed inspections", f"{preview.changed_inspections:,}"),
        SummaryRow("Rated Inadequate", f"{inadequate} at the latest full inspection on the list"),
    ]


def _counts(counts: Mapping[str, int], label: Callable[[str], str]) -> list[SummaryRow]:
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    return [SummaryRow(label(code), f"{number:,}") for code, number in ordered]
