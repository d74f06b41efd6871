"""Sync: what is only on this laptop, what the office has, and what needs a person."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent

from hah_desktop.domain.records.base import Record
from hah_desktop.store.outbox import SyncRun
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
from hah_desktop.ui.kit.labels import Label, Tag, TagKind, TextKind
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.parts.files_card import FilesCard
from hah_desktop.ui.parts.on_its_way import counted as files_counted
from hah_desktop.ui.parts.removals import RemovalsCard, StayingCard
from hah_desktop.ui.parts.standing import Standing, place_of, standing, words_set_aside
from hah_desktop.ui.parts.telling import tell
from hah_desktop.ui.parts.text_table import TextTable
from hah_desktop.ui.parts.words import counted, record_name, when
from hah_desktop.ui.session import Session

LONGEST_NAME = 60
DECIDE = "Changed in two places. Nothing is lost: every version is kept until you choose."
SET_ASIDE = "The office keeps these changes but has not used them. They stay on this laptop too."
ONLY_HERE = "If this laptop were lost now, these changes would be lost with it."


class OfficePage(Page):
    """How this laptop stands with the office."""

    conflict_requested = Signal(str)
    """The id of a record that needs a decision."""

    def __init__(self, session: Session) -> None:
        super().__init__("Sync")
        self._session = session
        self._places: dict[str, str] = {}
        self._stale = True
        self.now = PrimaryButton("Send and fetch now", "refresh-cw")
        self.stop = SecondaryButton("Stop")
        self.progress = ProgressLine()
        self.problem = Notice("", "bad")
        self.result = Notice("", "ok")
        self.clock = Notice("", "warn")
        self.state = SummaryList()
        self.files = FilesCard()
        self.decide = _Decisions()
        self.removals = RemovalsCard(session)
        self.staying = StayingCard(session)
        self._here = Label()
        self._others = Label("", TextKind.MUTED)
        self._aside_list = SummaryList(stacked=True)
        self.history = TextTable(
            "The last syncs", ("When", "Sent", "Fetched", "How it went"), (190, 80, 84)
        )
        self._lay_out()
        self._connect()
        self._follow()

    def _lay_out(self) -> None:
        state = Card("How this laptop stands")
        state.add(self.state)
        self.only_here = Card("Only on this laptop")
        for widget in (Label(ONLY_HERE, TextKind.MUTED), self._here, self._others):
            self.only_here.add(widget)
        self.aside = Card("Set aside by the office")
        self.aside.add(Label(SET_ASIDE, TextKind.MUTED))
        self.aside.add(self._aside_list)
        self._history_card = Card("The last syncs")
        self._history_card.add(self.history)
        hidden = (self.problem, self.result, self.clock, self.progress)
        lists = (self.files, self.decide, self.aside, self.only_here, self._history_card)
        column = FormColumn()
        for part in (*hidden, self.removals, state, self.staying, *lists):
            column.add(part)
        for part in (*hidden, *lists):
            part.hide()
        self.set_form(column)

    def only_here_words(self) -> tuple[str, ...]:
        """What the card about this laptop says."""
        return tuple(label.text() for label in (self._here, self._others) if label.text())

    def _connect(self) -> None:
        session = self._session
        self.now.clicked.connect(session.sync)
        self.stop.clicked.connect(self._stop)
        self.decide.chosen.connect(self.conflict_requested)
        self.files.stop_requested.connect(session.carrying.stop)
        session.carrying.told.connect(self.files.show_so_far)
        session.carrying.ended.connect(self.files.show_ended)
        session.syncing.connect(self._syncing)
        session.synced.connect(self._synced)
        session.trouble.connect(lambda _fault: self._follow())
        session.changed.connect(lambda _records: self._changed())
        session.unsent.connect(lambda _count: self._changed())

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Read what has changed since the page was last seen."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def refresh(self) -> None:
        """Read how things stand."""
        self._stale = False
        self._session.read(standing, self._show)
        self.staying.refresh()

    def _changed(self) -> None:
        self._stale = True
        if self.isVisible():
            self.refresh()

    def _show(self, now: Standing) -> None:
        self._places = dict(now.places)
        self._show_state(now)
        self.decide.show_records(now.undecided, [self._name(one) for one in now.undecided])
        self._show_only_here(now)
        self.aside.setVisible(bool(now.set_aside))
        self._aside_list.set_rows(
            [
                SummaryRow(
                    f"{self._name(record) if record else 'A record'}: "
                    f"{one.problem or 'no reason was given'}",
                    words_set_aside(one),
                )
                for one, record in now.set_aside
            ]
        )
        self._show_runs(now.runs)
        _tell_anew(self.clock, now.clock)

    def _show_state(self, now: Standing) -> None:
        words = (
            f"{counted(now.waiting, 'change')} only on this laptop"
            if now.waiting
            else "Everything is received by the office"
        )
        tag = Tag(words, TagKind.WARN if now.waiting else TagKind.OK)
        files = files_counted(now.files)
        self.set_title("Sync", tags=[tag])
        self.state.set_rows(
            [
                SummaryRow("Saved on this laptop", counted(now.saved, "change")),
                SummaryRow("Received by the office", counted(now.saved - now.waiting, "change")),
                SummaryRow("Only on this laptop", counted(now.waiting, "change")),
                *([SummaryRow("Letters and pictures", files)] if files else []),
            ]
        )

    def _show_only_here(self, now: Standing) -> None:
        self.only_here.setVisible(bool(now.only_here) or now.others > 0)
        self._here.setText("\n".join(self._name(record) for record in now.only_here))
        self._here.setVisible(bool(now.only_here))
        more = counted(now.others, "more record" if now.only_here else "record")
        words = f"{'And ' if now.only_here else ''}{more}, such as places"
        self._others.setText(words if now.others else "")
        self._others.setVisible(now.others > 0)

    def _show_runs(self, runs: Sequence[SyncRun]) -> None:
        self._history_card.setVisible(bool(runs))
        self.history.set_rows(
            [
                (
                    self._when(run),
                    f"{run.sent:,}",
                    f"{run.received:,}",
                    run.problem or "All went well",
                )
                for run in runs
            ]
        )
        if runs and not self._session.is_syncing:
            last = runs[0]
            done = (
                f"{counted(last.sent, 'change')} sent, {counted(last.received, 'record')} fetched"
            )
            said = f"Last sync {self._when(last)}: {last.problem or done + '.'}"
            _tell_anew(self.problem, said if last.problem else "")
            _tell_anew(self.result, "" if last.problem else said)

    def _when(self, run: SyncRun) -> str:
        return when(run.started, self._session.store.now().astimezone())

    def _name(self, record: Record) -> str:
        place = self._places.get(place_of(record), "")
        name = record_name(record, self._session.code_list, place)
        return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…"

    def _follow(self) -> None:
        syncing = self._session.is_syncing
        self.now.setEnabled(not syncing)
        self.stop.setEnabled(True)
        self.stop.set_words("Stop")
        self.set_footer(*((self.stop,) if syncing else ()), self.now)
        self.progress.setVisible(syncing)

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.stop.set_words("Stopping")
        self._session.stop_sync()

    def _syncing(self, progress: Progress) -> None:
        if self.now.isEnabled():
            self._follow()
            tell(self.problem, "")
            tell(self.result, "")
        done = f"{counted(progress.sent, 'change')} sent, "
        done += f"{counted(progress.received, 'record')} fetched"
        self.progress.set_progress(0, 0, done)

    def _synced(self, result: Synced) -> None:
        self.removals.show_problem(result.problem)
        # How it went is read from the history, which also knows it after the next unlock.
        self._follow()
        self._changed()


class _Decisions(Card):
    """Records that a person has to decide, each a way to its page."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__("Needs a decision")
        self.add(Label(DECIDE, TextKind.MUTED))
        self.buttons: list[LinkButton] = []

    def show_records(self, records: Sequence[Record], names: Sequence[str]) -> None:
        """Show these records; the card hides when there are none."""
        for button in self.buttons:
            self.body.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = [self._line(*pair) for pair in zip(records, names, strict=True)]
        self.setVisible(bool(records))

    def _line(self, record: Record, name: str) -> LinkButton:
        button = LinkButton(name)
        button.clicked.connect(lambda: self.chosen.emit(record.id))
        self.add(button)
        return button


def _tell_anew(notice: Notice, words: str) -> None:
    """Say it once, not each time the page reads how things stand."""
    if notice.label.text() != words or notice.isHidden() != (not words):
        tell(notice, words)
