"""Sync: what is only on this laptop, what the office has, and what needs a person."""

import datetime as dt
from collections.abc import Sequence
from textwrap import shorten

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent

from hah_desktop.domain.aside import told
from hah_desktop.domain.records.base import Record
from hah_desktop.seals import letters
from hah_desktop.store.exchange import carrying
from hah_desktop.store.exchange.outbox import SyncRun
from hah_desktop.store.journal.reading import Held
from hah_desktop.sync.engine import Synced
from hah_desktop.sync.steps import Progress
from hah_desktop.ui.kit.access import announce
from hah_desktop.ui.kit.blocks import (
    Card,
    FormColumn,
    Notice,
    ProgressLine,
    SummaryList,
    SummaryRow,
)
from hah_desktop.ui.kit.buttons import PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.labels import Label, Tag, TagKind, TextKind
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.parts.files_card import FilesCard
from hah_desktop.ui.parts.on_its_way import counted as files_counted
from hah_desktop.ui.parts.only_here import OnlyHere, lines
from hah_desktop.ui.parts.removals import RemovalsCard, StayingCard
from hah_desktop.ui.parts.removed import DECIDED_SO, KEPT_REMOVED, listed
from hah_desktop.ui.parts.return_card import ReturnCard
from hah_desktop.ui.parts.sides import Tongue
from hah_desktop.ui.parts.standing import (
    Standing,
    noun_of,
    standing,
    words_set_aside,
)
from hah_desktop.ui.parts.sticks_card import SticksCard
from hah_desktop.ui.parts.sync_history import SyncHistory
from hah_desktop.ui.parts.sync_words import FROM_STICK, progress_of, whole
from hah_desktop.ui.parts.telling import tell
from hah_desktop.ui.parts.waiting import BEGUN, MEANWHILE, Decisions, Waiting, about
from hah_desktop.ui.parts.words import called_by, counted, record_name, when
from hah_desktop.ui.session import Session

LONGEST_NAME = 120
"""These wrap: the day of a visit, at the end of its name, is not cut."""
NOTHING_TO_DECIDE = "Nothing needs a decision."
SET_ASIDE = "The office keeps these changes but has not used them. They stay on this laptop too."


class OfficePage(Page):
    """How this laptop stands with the office."""

    conflict_requested = Signal(str)
    """The id of a record that needs a decision."""
    overtaken_requested = Signal(str)
    """The id of a record that somebody else decided while it was being decided here."""
    history_requested = Signal(str)
    """The id of a record that was decided to stay removed, and that a person wants to see again."""
    record_requested = Signal(str, str)
    """The visit and the record of it that a person wants to see."""

    def __init__(self, session: Session) -> None:
        super().__init__("Sync")
        self._session = session
        self._names: dict[str, str] = {}
        self._visits: dict[str, Record] = {}
        self._to_decisions = False
        self._stale = True
        self._seek_here = False
        self.now = PrimaryButton("Send and fetch now", "refresh-cw")
        self.stop = SecondaryButton("Stop")
        self.progress = ProgressLine()
        self.problem = Notice("", "bad")
        self.result = Notice("", "ok")
        self.clock = Notice("", "warn")
        self.by_hand = Notice("", "warn", dismissable=True)
        self.state = SummaryList()
        self.files = FilesCard()
        self.decide = Decisions()
        self.returning = ReturnCard(letters.read)
        self.overtaken = Decisions(MEANWHILE, BEGUN)
        self.kept_removed = Decisions(KEPT_REMOVED, DECIDED_SO)
        self.removals = RemovalsCard(session)
        self.staying = StayingCard(session)
        self.only_here = OnlyHere()
        self.sticks = SticksCard(session)
        self._aside_list = SummaryList(stacked=True)
        self.history = SyncHistory()
        self._lay_out()
        self._connect()
        self._follow()

    def _lay_out(self) -> None:
        state = Card("How this laptop stands")
        state.add(self.state)
        self.aside = Card("Set aside by the office")
        self.aside.add(Label(SET_ASIDE, TextKind.MUTED))
        self.aside.add(self._aside_list)
        hidden = (self.problem, self.result, self.clock, self.by_hand, self.progress)
        lists = (self.files, self.decide, self.overtaken, self.aside, self.only_here)
        column = FormColumn()
        last = (self.sticks, self.kept_removed, self.history)
        for part in (*hidden, self.returning, self.removals, state, self.staying, *lists, *last):
            column.add(part)
        for part in (*hidden, *lists, self.kept_removed, self.history):
            part.hide()
        self.set_form(column)

    def show_only_here(self) -> None:
        """Bring what is only on this laptop into view, and the focus with it."""
        self._seek_here = True
        self.refresh()

    def _connect(self) -> None:
        session = self._session
        self.now.clicked.connect(session.sync)
        self.stop.clicked.connect(self._stop)
        self.by_hand.dismissed.connect(lambda: session.keep(carrying.lay_aside))
        self.decide.chosen.connect(self.conflict_requested)
        self.overtaken.chosen.connect(self.overtaken_requested)
        self.kept_removed.chosen.connect(self.history_requested)
        self.only_here.chosen.connect(self.record_requested)
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
        self.sticks.refresh()

    def _changed(self) -> None:
        self._stale = True
        if self.isVisible():
            self.refresh()

    def _show(self, now: Standing) -> None:
        self._names = dict(now.names)
        self._visits = dict(now.visits)
        self._show_state(now)
        self._show_decisions(now)
        self._show_only_here(now)
        self.aside.setVisible(bool(now.set_aside))
        self._aside_list.set_rows(
            [
                SummaryRow(
                    f"{self._name(record) if record else noun_of(one)}: {told(one.problem).what}",
                    f"{told(one.problem).kept} {told(one.problem).do}\n"
                    f"{words_set_aside(one, self._tongue())}",
                )
                for one, record in now.set_aside
            ]
        )
        self._show_runs(now.runs)
        _tell_anew(self.clock, now.clock)
        _tell_anew(self.by_hand, now.by_hand)

    def go_to_decisions(self) -> None:
        """Read anew what waits for a person, and put the keyboard on the first of it."""
        self._to_decisions = True
        self.refresh()

    def _show_decisions(self, now: Standing) -> None:
        tongue = self._tongue()
        self.decide.show_waiting(
            [
                Waiting(one.record.id, self._name(one.record), about(one, tongue, self._on(one)))
                for one in now.undecided
            ]
        )
        self.overtaken.show_waiting(
            [
                Waiting(id_, self._name(record) if record else "A record", "")
                for id_, record in now.overtaken.items()
            ]
        )
        self.kept_removed.show_waiting([listed(one, tongue) for one in now.kept_removed])
        if self._to_decisions:
            self._to_decisions = False
            if now.undecided or now.overtaken:
                (self.decide if now.undecided else self.overtaken).take_focus()
            else:
                self.now.setFocus(Qt.FocusReason.ShortcutFocusReason)
                announce(self, NOTHING_TO_DECIDE)

    def _tongue(self) -> Tongue:
        session = self._session
        reader, now = session.who.adviser, session.store.now().astimezone()
        return Tongue(codes=session.code_list, names=self._names, reader=reader, now=now)

    def _on(self, held: Held) -> str:
        """On which visit the record lies."""
        visit = self._visits.get(str(getattr(held.record, "visit", "")))
        return f"On the {self._name(visit)[:1].lower()}{self._name(visit)[1:]}" if visit else ""

    def _show_state(self, now: Standing) -> None:
        due, files = now.due, files_counted(now.files)
        words = whole(due, now.files.only_here, now.last_well, self._now())
        tag = Tag(words, TagKind.WARN if due or now.files.only_here else TagKind.OK)
        by_hand = counted(due.by_hand, "change") if due.by_hand else ""
        self.set_title("Sync", tags=[tag])
        self.state.set_rows(
            [
                SummaryRow("Saved on this laptop", counted(now.saved, "change")),
                SummaryRow("Received by the office", counted(now.saved - due.own, "change")),
                SummaryRow("Only on this laptop", counted(due.own, "change")),
                *([SummaryRow(FROM_STICK, by_hand)] if by_hand else []),
                *([SummaryRow("Letters and pictures", files)] if files else []),
            ]
        )

    def _show_only_here(self, now: Standing) -> None:
        self.only_here.show_lines(lines(now, self._name), now.others, now.more_files)
        if self._seek_here:
            self._seek_here = False
            self.only_here.first_stop().setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_runs(self, runs: Sequence[SyncRun]) -> None:
        self.history.show_runs(runs, self._now())
        if runs and not self._session.is_syncing:
            last = runs[0]
            done = (
                f"{counted(last.sent, 'change')} sent, {counted(last.received, 'record')} fetched"
            )
            said = f"Last sync {when(last.finished, self._now())}: {last.problem or done + '.'}"
            _tell_anew(self.problem, said if last.problem else "")
            _tell_anew(self.result, "" if last.problem else said)

    def _now(self) -> dt.datetime:
        return self._session.store.now().astimezone()

    def _name(self, record: Record) -> str:
        by = self._names.get(called_by(record), "")
        name = record_name(record, self._session.code_list, by)
        return shorten(name, LONGEST_NAME, placeholder=" …")

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
        self.progress.set_progress(*progress_of(progress))

    def _synced(self, result: Synced) -> None:
        self.returning.show_problem_of_sync(result.problem)
        self.removals.show_problem(result.problem)
        # How it went is read from the history, which also knows it after the next unlock.
        self._follow()
        self._changed()


def _tell_anew(notice: Notice, words: str) -> None:
    """Say it once, not each time the page reads how things stand."""
    if notice.label.text() != words or notice.isHidden() != (not words):
        tell(notice, words)
