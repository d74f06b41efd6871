"""The workspace of one visit: steps on top, rows at the left, one part open in the middle."""

import dataclasses as dc
from collections.abc import Mapping

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from hah_desktop.domain.fields import Reader
from hah_desktop.domain.records.child import Concern
from hah_desktop.domain.signoff import PLANNED, SIGNED_OFF, STARTED
from hah_desktop.store.saving import Edited
from hah_desktop.ui.kit.blocks import EmptyState, Scroller, SummaryList, SummaryRow
from hah_desktop.ui.kit.buttons import IconButton, PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.labels import Heading, Tag, TagKind
from hah_desktop.ui.kit.lists import Row, RowList, RowRole, RowsModel
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.kit.stepper import Step, Stepper
from hah_desktop.ui.screens.visit import steps
from hah_desktop.ui.screens.visit.bundle import Bundle, load, offered
from hah_desktop.ui.screens.visit.part import Part
from hah_desktop.ui.screens.visit.summary import CheckPart
from hah_desktop.ui.screens.visit.talk import StartTalk, TalkPart
from hah_desktop.ui.session import Session

_TAGS = {
    "planned": TagKind.INFO,
    "started": TagKind.INFO,
    "finished": TagKind.WARN,
    SIGNED_OFF: TagKind.OK,
}
_NEW = "new"


class VisitPage(Page):
    """One visit, from planning to sign-off. Everything typed is kept while it is typed."""

    paper_requested = Signal(str, Reader)
    """Asks for the summary of this visit for one reader."""
    shown = Signal()
    """What was asked for is on the screen."""

    def __init__(self, session: Session) -> None:
        super().__init__("Visit")
        self._session = session
        self.bundle: Bundle | None = None
        self._visit = ""
        self._step = steps.PLAN
        self._key = ""
        self._part: Part | None = None
        self._place: Mapping[str, str | int] = {}
        self._target: tuple[str, str] | None = None
        self._entries: dict[str, steps.Entry] = {}
        self._stepper = Stepper([Step(key, label) for key, label in steps.STEPS])
        self._stepper.chosen.connect(self.show_step)
        self.set_stepper(self._stepper)
        self._build_list()
        self._middle = QStackedWidget()
        self.set_form(self._middle, scroll=False)
        self._glance = SummaryList(stacked=True)
        self.set_side(self._glance_pane())
        self._build_footer()
        session.changed.connect(self._changed)

    def _build_list(self) -> None:
        self._list_title = Heading("", 3)
        self.plus = IconButton("plus", "Add")
        self.plus.clicked.connect(self.add_new)
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 12, 12, 8)
        row.addWidget(self._list_title, 1)
        row.addWidget(self.plus)
        self._rows = RowsModel()
        self.rows = RowList("Parts of this visit")
        self.rows.setModel(self._rows)
        self.rows.chosen.connect(lambda index: self.open_entry(str(index.data(RowRole.KEY))))
        pane = QWidget()
        column = QVBoxLayout(pane)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.rows, 1)
        self.set_list(pane)

    def _glance_pane(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(16, 20, 16, 16)
        column.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._side_title = Heading("At a glance", 3)
        column.addWidget(self._side_title)
        column.addWidget(self._glance)
        return side

    def _build_footer(self) -> None:
        self.start = SecondaryButton("Start the visit")
        self.start.clicked.connect(self._start_visit)
        self.declined = SecondaryButton("Mark as declined")
        self.declined.clicked.connect(self._mark_declined)
        self.go_on = PrimaryButton("Save and continue")
        self.go_on.clicked.connect(self.save_and_continue)
        self.set_footer(self.start, self.declined, self.go_on)
        save = QShortcut(QKeySequence.StandardKey.Save, self)
        save.activated.connect(self.save)

    # What is on show

    def open_visit(self, visit: str, place: Mapping[str, str | int] | None = None) -> None:
        """Show a visit, at the place where the author was if that is known."""
        self.flush()
        self._visit = visit
        self._place = place or {}
        self._step = str(self._place.get("step", ""))
        self._key = str(self._place.get("key", ""))
        self._drop_part()
        self.refresh()

    def refresh(self) -> None:
        """Read the visit anew; what is being typed stays."""
        if self._visit:
            visit = self._visit
            self._session.read(lambda connection: load(connection, visit), self._show)

    def _changed(self, _records: frozenset[str]) -> None:
        self.refresh()

    def _show(self, bundle: Bundle | None) -> None:
        if bundle is None or bundle.visit.id != self._visit:
            return
        self.bundle = bundle
        visit = bundle.visit
        if self._target is not None:
            (record, field), self._target = self._target, None
            self._step, self._key = _where(bundle, record, field)
            self._place = {"record": record, "field": field} if field else {}
        if not self._step:
            self._step = steps.PLAN if visit.status == PLANNED else steps.RECORD
        label = self._session.code_list("visit_status").label(visit.status)
        tags = [Tag(label, _TAGS.get(visit.status, TagKind.NEUTRAL))]
        if visit.announced:
            words = self._session.code_list("announced").label(visit.announced)
            tags.append(Tag(words, TagKind.VIOLET))
        day = visit.visited_on or visit.planned_for
        crumbs = ("Visits", f"{day:%B %Y}") if day else ("Visits",)
        name = bundle.place.title() if bundle.place else "a place"
        self.set_title(f"Visit to {name}", breadcrumbs=crumbs, tags=tags)
        for key, _ in steps.STEPS:
            self._stepper.set_done(key, steps.is_done(bundle, key))
        self._stepper.set_current(self._step)
        self._show_rows(bundle)
        self._show_glance(bundle)
        self._show_footer(bundle)
        self.shown.emit()

    def _show_rows(self, bundle: Bundle) -> None:
        found = steps.entries(self._session, bundle, self._step)
        if self._step == steps.SUMMARY:
            check = Row(steps.CHECK, "Check and sign off", "and print summaries")
            found.insert(0, steps.Entry(check, self._check_part))
        self._entries = {entry.row.key: entry for entry in found}
        label = dict(steps.STEPS)[self._step]
        self._list_title.setText(f"{label}  {len(found)}" if len(found) > 1 else label)
        adding = steps.adding(self._session, bundle, self._step)
        self.plus.setVisible(adding is not None)
        if adding:
            self.plus.setAccessibleName(adding.words)
            self.plus.setToolTip(adding.words)
        self._rows.set_rows([entry.row for entry in found])
        if self._key not in self._entries and self._key != _NEW:
            self._key = next(iter(self._entries), "")
        self._choose_row()
        self._open(bundle)

    def _choose_row(self) -> None:
        blocked = self.rows.blockSignals(True)
        self.rows.choose_row(self._rows.row_of(self._key))
        self.rows.blockSignals(blocked)

    def _check_part(self) -> Part:
        return CheckPart(self._session, self._ask_paper)

    def _ask_paper(self, reader: Reader) -> None:
        self.paper_requested.emit(self._visit, reader)

    def _open(self, bundle: Bundle) -> None:
        if self._part is None:
            entry = self._entries.get(self._key)
            if entry is not None:
                self._put(entry.make())
            elif self._key != _NEW:
                self._put_empty(bundle)
        if self._part is not None:
            self._part.show_bundle(bundle)
            self._go_back_to_place(self._part)

    def _put(self, part: Part) -> None:
        self._drop_part()
        self._part = part
        part.saved.connect(self.refresh)
        part.go_to.connect(self.go_to)
        self._middle.addWidget(Scroller(part))
        self._middle.setCurrentIndex(self._middle.count() - 1)

    def _put_empty(self, bundle: Bundle) -> None:
        adding = steps.adding(self._session, bundle, self._step)
        words = adding.words if adding else ""
        empty = EmptyState("Nothing here yet", "What you add is kept as you type.", act=words)
        empty.act_requested.connect(self.add_new)
        self._clear_middle()
        self._middle.addWidget(empty)

    def _drop_part(self) -> None:
        if self._part is not None:
            self._part.flush()
            self._part = None
        self._clear_middle()

    def _clear_middle(self) -> None:
        while (old := self._middle.widget(0)) is not None:
            self._middle.removeWidget(old)
            old.hide()
            old.deleteLater()

    def _show_glance(self, bundle: Bundle) -> None:
        rows = _place_rows(self._session, bundle)
        child = getattr(getattr(self._entries.get(self._key), "row", None), "key", "")
        talk = bundle.held.get(child)
        name = bundle.child_of(getattr(talk.record, "child", "")) if talk else ""
        if name and talk:
            rows = _child_rows(self._session, bundle, getattr(talk.record, "child", "")) + rows
        self._side_title.setText(f"{name} at a glance" if name else "The place at a glance")
        self._glance.set_rows(rows)

    def _show_footer(self, bundle: Bundle) -> None:
        self.start.setVisible(bundle.visit.status == PLANNED)
        self.declined.setVisible(isinstance(self._part, TalkPart) and not bundle.is_signed_off)
        self.go_on.setVisible(
            self._part is not None and not isinstance(self._part, CheckPart | StartTalk)
        )

    def talk_part(self) -> TalkPart | None:
        """The conversation on show, if one is."""
        return self._part if isinstance(self._part, TalkPart) else None

    # What a person does

    def show_step(self, step: str) -> None:
        """Go to a step; what is typed is kept."""
        self._drop_part()
        self._step = step
        self._key = ""
        self.refresh()

    def open_entry(self, key: str) -> None:
        """Open one row; what is typed is kept."""
        if key == self._key and self._part is not None:
            return
        self._drop_part()
        self._key = key
        if self.bundle:
            self._open(self.bundle)
            self._show_glance(self.bundle)
            self._show_footer(self.bundle)
        self.show_form()

    def add_new(self) -> None:
        """Start a new row of this step."""
        adding = steps.adding(self._session, self.bundle, self._step) if self.bundle else None
        if adding is None or self.bundle is None:
            return
        self._drop_part()
        self._key = _NEW
        self._put(adding.make())
        self._open(self.bundle)
        self.rows.clearSelection()
        self._show_glance(self.bundle)
        self._show_footer(self.bundle)
        self.show_form()
        if self._part:
            self._part.focusNextChild()

    def go_to(self, record: str, field: str) -> None:
        """Go to a record of this visit, and to a field of it to put something right."""
        self._drop_part()
        # The record may have been made a moment ago: where it stands is known once it is read.
        self._target = (record, field)
        self.refresh()

    def save(self) -> bool:
        """Save what is open."""
        if self._part is None:
            return False
        saved = self._part.save()
        if not saved:
            for problems in self._part.problems_of():
                problems.setFocus()
        elif self._key == _NEW and self._part.forms:
            self._key = self._part.forms[0].record_id
        return saved

    def save_and_continue(self) -> None:
        """Save what is open and go to the next row, or the next step."""
        if self._part is not None and not self.save():
            return
        keys = list(self._entries)
        after = keys.index(self._key) + 1 if self._key in keys else len(keys)
        if after < len(keys):
            self.open_entry(keys[after])
            self._choose_row()
            return
        order = [key for key, _ in steps.STEPS]
        following = order.index(self._step) + 1
        if following < len(order):
            self.show_step(order[following])

    def _start_visit(self) -> None:
        if self.bundle is None or not (self._part is None or self._part.save()):
            return
        visit = self._visit
        # The save above comes first in the store's lane; read what it left, then start.
        self._session.read(lambda connection: load(connection, visit), self._mark_started)

    def _mark_started(self, bundle: Bundle | None) -> None:
        if bundle is None:
            return
        now = self._session.store.now().astimezone()
        visit = bundle.visit
        started = dc.replace(visit, status=STARTED, visited_on=now.date())
        held = bundle.held[visit.id]
        self._drop_part()
        self._step, self._key = steps.RECORD, ""
        self._session.save([Edited(started, held.seen)])

    def _mark_declined(self) -> None:
        if isinstance(self._part, TalkPart):
            self._part.mark_declined()

    # Keeping the place

    def flush(self) -> None:
        """Keep what is typed, now."""
        if self._part is not None:
            self._part.flush()

    def place(self) -> dict[str, str | int]:
        """Where the author is."""
        if not self._visit:
            return {}
        part = self._part
        scroller = self._middle.currentWidget()
        scroll = scroller.verticalScrollBar().value() if isinstance(scroller, Scroller) else 0
        return {
            "visit": self._visit,
            "step": self._step,
            "key": self._key,
            "scroll": scroll,
            **(part.place() if part else {}),
        }

    def _go_back_to_place(self, part: Part) -> None:
        place, self._place = self._place, {}
        if "field" in place:
            record, field = str(place.get("record", "")), str(place["field"])
            part.go_to_place(record, field, int(place.get("cursor", 0)))
        scroller = self._middle.currentWidget()
        if "scroll" in place and isinstance(scroller, Scroller):
            bar, value = scroller.verticalScrollBar(), int(place["scroll"])
            # Only once the new part is laid out does the bar reach that far.
            QTimer.singleShot(0, bar, lambda: bar.setValue(value))


def _where(bundle: Bundle, record: str, field: str) -> tuple[str, str]:
    """The step and row in which a field of a record is asked for."""
    if record == bundle.visit.id:
        return steps.row_of_visit_field(field)
    held = bundle.holding(record)
    if held is None:
        return steps.SUMMARY, steps.CHECK
    return steps.row_of_record(held.record)


def _place_rows(session: Session, bundle: Bundle) -> list[SummaryRow]:
    rows = []
    if bundle.place:
        kind = session.code_list("place_type").label(bundle.place.place_type)
        rows.append(SummaryRow("Type of place", kind))
        if bundle.place.local_authority:
            rows.append(SummaryRow("Local authority", bundle.place.local_authority))
    told = offered(bundle)
    return [*rows, SummaryRow("This visit", told)] if told else rows


def _child_rows(session: Session, bundle: Bundle, child_id: str) -> list[SummaryRow]:
    child = bundle.children.get(child_id)
    rows = []
    if child and child.age is not None:
        rows.append(SummaryRow("Age", str(child.age)))
    if child and child.communication:
        methods = session.code_list("communication_method")
        rows.append(
            SummaryRow("Communication", ", ".join(sorted(map(methods.label, child.communication))))
        )
    rows += [
        SummaryRow(f"Open concern, level {concern.level}", concern.about)
        for concern in bundle.of(Concern)
        if concern.child == child_id and concern.status != "closed"
    ]
    return rows
