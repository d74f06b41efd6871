"""The questions above the list of places: words, type, grade, where; it knows no list."""

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hah_desktop.domain.codes import CodeList, Codes
from hah_desktop.ui.kit.buttons import SecondaryButton
from hah_desktop.ui.kit.flow import FlowLayout
from hah_desktop.ui.kit.inputs import ChoiceBox, Option, SearchEdit
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.kit.look import current_look
from hah_desktop.ui.kit.page import Room
from hah_desktop.ui.kit.ticks import CheckBox
from hah_desktop.ui.parts.place_rows import INADEQUATE_NOW, PlaceRow, Wanted, grade_words

ANY = ""
_REGION = "region:"
_AUTHORITY = "authority:"
_GRADES = ("1", "2", "3", "4")


class PlaceFilters(QWidget):
    """Search box and filters. `changed` speaks of the person's own choices."""

    changed = Signal()

    def __init__(self, codes: Codes) -> None:
        super().__init__()
        self._types: CodeList = codes("place_type")
        self._judgements: CodeList = codes("judgement")
        self.search = SearchEdit("Search by name, URN, local authority or who runs it")
        self.place_type = ChoiceBox()
        self.grade = ChoiceBox()
        self.where = ChoiceBox()
        self.unlisted = CheckBox("Include places no longer on Ofsted’s list")
        self.choices = QWidget()
        self.summary = Label("", TextKind.MUTED)
        self.more = SecondaryButton("Filters", "list-checks")
        self.more.setCheckable(True)
        self._lay_out()
        self._name_and_connect()
        self.offer({}, {})
        self.more.hide()
        current_look().changed.connect(self._size)
        self._size()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self.search, 1)
        top.addWidget(self.more)
        row = FlowLayout(self.choices, gap=10)
        for widget in (self.grade, self.place_type, self.where, self.unlisted):
            row.addWidget(widget)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addLayout(top)
        self._column.addWidget(self.choices)
        self._column.addWidget(self.summary)

    def _name_and_connect(self) -> None:
        for box, name in (
            (self.place_type, "Type of place"),
            (self.grade, "Grade at the latest full inspection"),
            (self.where, "Region or local authority"),
        ):
            box.setAccessibleName(name)
            box.edited.connect(self.changed)
        self.search.edited.connect(self.changed)
        self.unlisted.edited.connect(self.changed)

    def _size(self) -> None:
        look = current_look()
        for box, width in ((self.grade, 396), (self.place_type, 180), (self.where, 180)):
            box.setFixedWidth(look.px(width))

    def set_room(self, room: Room) -> None:
        """Give the choices up to the page where there is no room for them here."""
        narrow = room is Room.NARROW
        self.more.setVisible(narrow)
        if not narrow:
            self.more.setChecked(False)
            self._column.insertWidget(1, self.choices)
            self.choices.show()

    def offer(self, by_type: Mapping[str, int], by_grade: Mapping[str, int]) -> None:
        """Offer the types and grades, each with how many places it has on the newest list."""
        types = [code for code in self._types if code.code in by_type]
        self.place_type.set_options(
            [Option(ANY, "Any type of place")]
            + [Option(c.code, f"{c.label} ({by_type[c.code]:,})") for c in types]
        )
        rated = by_grade.get(INADEQUATE_NOW, 0)
        inadequate = f"Rated Inadequate at the latest full inspection ({rated:,})"
        self.grade.set_options(
            [Option(ANY, "Any grade"), Option(INADEQUATE_NOW, inadequate)]
            + [
                Option(grade, f"{grade_words(grade, self._judgements)} ({by_grade[grade]:,})")
                for grade in _GRADES
                if grade in by_grade and grade != "4"
            ]
        )
        for box in (self.place_type, self.grade):
            if box.value() is None:
                box.set_value(ANY)

    def offer_where(self, rows: Iterable[PlaceRow]) -> None:
        """Offer the regions and local authorities that the places lie in."""
        places = [row.place for row in rows]
        regions = sorted({place.region for place in places if place.region})
        authorities = sorted({place.local_authority for place in places if place.local_authority})
        self.where.set_options(
            [Option(ANY, "Anywhere")]
            + [Option(_REGION + name, f"Region: {name}") for name in regions]
            + [Option(_AUTHORITY + name, name) for name in authorities]
        )
        if self.where.value() is None:
            self.where.set_value(ANY)

    def wanted(self) -> Wanted:
        """What the person asks for."""
        where = self.where.value() or ANY
        return Wanted(
            words=self.search.value(),
            place_type=self.place_type.value() or ANY,
            grade=self.grade.value() or ANY,
            region=where.removeprefix(_REGION) if where.startswith(_REGION) else "",
            local_authority=where.removeprefix(_AUTHORITY) if where.startswith(_AUTHORITY) else "",
            with_unlisted=self.unlisted.value(),
        )

    def clear(self) -> None:
        """Ask for everything on the newest list again."""
        self.search.set_value("")
        for box in (self.place_type, self.grade, self.where):
            box.set_value(ANY)
        self.unlisted.set_value(False)
        self.changed.emit()
