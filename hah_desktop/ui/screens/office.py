"""Sync: what is only on this laptop, what the office has, and what needs a person."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal

from hah_desktop.domain.records.base import Record
from hah_desktop.store import outbox, reading
from hah_desktop.store.outbox import SetAside, SyncRun
from hah_desktop.store.reading import Transaction
from hah_desktop.sync.engine import Synced
from hah_desktop.sync.steps import Progress
from hah_desktop.ui.kit.blocks import (
    Card,
    FormColumn,
    Notice,
    ProgressLine,
    SummaryList,
    SummaryRow,
)
from hah_desktop.ui.kit.buttons import LinkButton, PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.parts.words import counted, record_name, when
from hah_desktop.ui.session import Session

MOST_LISTED = 20


@dataclass(frozen=True)
class Standing:
    """What the page shows, as one state of the database held it."""

    saved: int
    waiting: int
    only_here: Sequence[Record]
    undecided: Sequence[Record]
    set_aside: Sequence[SetAside]
    runs: Sequence[SyncRun]


def standing(connection: Transaction) -> Standing:
    """Read how this laptop stands with the office."""
    here = sorted(outbox.unsent_records(connection))[:MOST_LISTED]
    held = [reading.get(connection, record) for record in here]
    return Standing(
        outbox.saved_count(connection),
        outbox.unsent_count(connection),
        [one.record for one in held if one],
        [one.record for one in reading.undecided(connection)],
        outbox.set_aside(connection),
        outbox.runs(connection),
    )


class OfficePage(Page):
    """How this laptop stands with the office."""

    conflict_requested = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__("Sync")
        self._session = session
        self.now = PrimaryButton("Send and fetch now", "refresh-cw")
        self.stop = SecondaryButton("Stop")
        self.set_footer(self.now)
        self.progress = ProgressLine()
        self.problem = Notice("", "bad")
        self.clock = Notice("", "warn")
        self.state = SummaryList()
        self.decide = _Lines("Needs a decision")
        self.aside = Card("Set aside by the office")
        self._aside_list = SummaryList(stacked=True)
        self.aside.add(self._aside_list)
        self.only_here = Card("Only on this laptop")
        self._here_list = SummaryList()
        self.only_here.add(self._here_list)
        self.history = Card("The last syncs")
        self._history_list = SummaryList()
        self.history.add(self._history_list)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        column = FormColumn()
        first = Card("How this laptop stands")
        first.add(self.state)
        for widget in (
            self.problem,
            self.clock,
            self.progress,
            first,
            self.decide,
            self.aside,
            self.only_here,
            self.history,
        ):
            column.add(widget)
        for hidden in (self.problem, self.clock, self.progress):
            hidden.hide()
        self.set_form(column)

    def _connect(self) -> None:
        session = self._session
        self.now.clicked.connect(session.sync)
        self.stop.clicked.connect(session.stop_sync)
        self.decide.chosen.connect(self.conflict_requested)
        session.syncing.connect(self._syncing)
        session.synced.connect(self._synced)
        session.changed.connect(lambda _records: self.refresh())

    def refresh(self) -> None:
        """Read how things stand."""
        self._session.read(standing, self._show)

    def _show(self, now: Standing) -> None:
        received = now.saved - now.waiting
        self.state.set_rows(
            [
                SummaryRow("Saved on this laptop", counted(now.saved, "change")),
                SummaryRow("Received by the office", counted(received, "change")),
                SummaryRow("Only on this laptop", counted(now.waiting, "change")),
            ]
        )
        self.decide.show_records(now.undecided)
        self.aside.setVisible(bool(now.set_aside))
        self._aside_list.set_rows(
            [SummaryRow(one.problem or "No reason was given", _words(one)) for one in now.set_aside]
        )
        self.only_here.setVisible(bool(now.only_here))
        self._here_list.set_rows(
            [SummaryRow(record.noun.capitalize(), self._named(record)) for record in now.only_here]
        )
        self.history.setVisible(bool(now.runs))
        self._history_list.set_rows([self._run(run) for run in now.runs])

    def _named(self, record: Record) -> str:
        return record_name(record, self._session.code_list)

    def _run(self, run: SyncRun) -> SummaryRow:
        told = when(run.started, self._session.store.now().astimezone())
        done = f"{counted(run.sent, 'change')} sent, {counted(run.received, 'record')} fetched"
        return SummaryRow(told.capitalize(), f"{done}. {run.problem}" if run.problem else done)

    def _syncing(self, progress: Progress) -> None:
        self.now.setEnabled(False)
        self.set_footer(self.stop, self.now)
        self.problem.hide()
        self.progress.show()
        told = f"{counted(progress.sent, 'change')} sent, "
        self.progress.set_progress(0, 0, f"{told}{counted(progress.received, 'record')} fetched")

    def _synced(self, result: Synced) -> None:
        self.now.setEnabled(True)
        self.set_footer(self.now)
        self.progress.hide()
        self.problem.set_text(str(result.problem or ""))
        self.problem.setVisible(result.problem is not None)
        self.clock.set_text(result.clock)
        self.clock.setVisible(bool(result.clock))
        self.refresh()


class _Lines(Card):
    """Records that a person has to decide, each a way to its page."""

    chosen = Signal(str)

    def __init__(self, heading: str) -> None:
        super().__init__(heading)
        self.add(
            Label(
                "Two people changed these. Nothing is lost; choose what shall stand.",
                TextKind.MUTED,
            )
        )
        self.buttons: list[LinkButton] = []

    def show_records(self, records: Sequence[Record]) -> None:
        """Show these records; the card hides when there are none."""
        for button in self.buttons:
            self.body.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = [self._line(record) for record in records]
        self.setVisible(bool(records))

    def _line(self, record: Record) -> LinkButton:
        button = LinkButton(f"{record.noun.capitalize()}: {record.title()}")
        button.clicked.connect(lambda: self.chosen.emit(record.id))
        self.add(button)
        return button


def _words(one: SetAside) -> str:
    """The words that were set aside: they are kept here, whatever the office says of them."""
    values = (edit.get("value") for edit in one.content["fields"].values())
    return "\n".join(value for value in values if isinstance(value, str))
