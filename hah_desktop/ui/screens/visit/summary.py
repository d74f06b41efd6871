"""The end of a visit: what is still missing, signing off, and the papers made from it."""

import dataclasses as dc
from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget
from shiboken6 import isValid

from hah_desktop.domain.codec import MEMBER, difference, field_of
from hah_desktop.domain.days import in_words
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.fields import Reader
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.removing import REMOVED
from hah_desktop.domain.signoff import SIGNED_OFF, Missing, missing_before_sign_off
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.saving import Edited
from hah_desktop.ui.kit.blocks import Card, Notice
from hah_desktop.ui.kit.buttons import PrimaryButton, ProblemLink, SecondaryButton
from hah_desktop.ui.kit.flow import FlowLayout
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.screens.visit.bundle import Bundle
from hah_desktop.ui.screens.visit.part import Part
from hah_desktop.ui.session import Session

DECIDE = "Choose one."
DRAFTS = "Something on this visit is typed but not saved. Save it first."


class CheckPart(Part):
    """Check your answers, then sign off. After that there are only addenda."""

    def __init__(self, session: Session, show_paper: Callable[[Reader], None]) -> None:
        super().__init__("Check and sign off")
        self._session = session
        self._bundle: Bundle | None = None
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(10)
        self.missing = Card("What is still missing")
        holder = QWidget()
        holder.setLayout(self._list)
        self.missing.add(holder)
        self.links: list[ProblemLink] = []
        self.done = Notice("Everything that is asked for is here.")
        self.sign_off = PrimaryButton("Sign off this visit")
        self.sign_off.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.sign_off.clicked.connect(self._sign_off)
        self.closing = Card("Signing off")
        self.closing.add(
            Label(
                "After signing off nobody can change this visit. You can still add to it.",
                TextKind.MUTED,
            )
        )
        self.closing.add(self.sign_off)
        self.papers = Card("Summaries")
        self.papers.add(
            Label(
                "Each summary holds only what its reader may see. Look at it before you print it.",
                TextKind.MUTED,
            )
        )
        buttons = QWidget()
        # Side by side where there is room, so that they never widen the pane.
        row = FlowLayout(buttons)
        self.for_office = SecondaryButton("Summary for the office", "file-text")
        self.for_place = SecondaryButton("Summary for the place", "file-text")
        self.for_office.clicked.connect(lambda: show_paper(Reader.OFFICE))
        self.for_place.clicked.connect(lambda: show_paper(Reader.PLACE))
        row.addWidget(self.for_office)
        row.addWidget(self.for_place)
        self.papers.add(buttons)
        for widget in (self.done, self.missing, self.closing, self.papers):
            self.add(widget)

    def goes_on(self) -> bool:
        """It has buttons of its own."""
        return False

    def show_bundle(self, bundle: Bundle) -> None:
        """Show what is missing now."""
        self._bundle = bundle
        missing = self._missing(bundle)
        self._list_missing(missing, bundle)
        self.missing.setVisible(bool(missing) and not bundle.is_signed_off)
        self.done.setVisible(not missing or bundle.is_signed_off)
        self.done.set_text(_state(bundle))
        self.closing.setVisible(not bundle.is_signed_off)
        self.sign_off.setEnabled(not missing)

    def _list_missing(self, missing: Sequence[Missing], bundle: Bundle) -> None:
        """List them anew; the keyboard stays where it was, or comes to what stands there now."""
        before, here = self.links, _at_hand(self.links)
        self.links = [self._link(one, bundle) for one in missing]
        if here >= 0 and self.links:
            same = [link for link in self.links if link.words == before[here].words]
            beside = same or self.links[here : here + 1] or self.links[-1:]
            beside[0].setFocus(Qt.FocusReason.OtherFocusReason)
        for link in before:
            self._list.removeWidget(link)
            link.hide()
            link.deleteLater()

    def _missing(self, bundle: Bundle) -> tuple[Missing, ...]:
        records = [held.record for held in bundle.held.values()]
        missing = missing_before_sign_off(bundle.visit, records)
        typed = tuple(Missing(DRAFTS, d.record, _typed_in(d)) for d in bundle.drafts.values())[:1]
        return typed + _torn(bundle) + missing

    def _link(self, missing: Missing, bundle: Bundle) -> ProblemLink:
        held = bundle.holding(missing.record)
        child = bundle.child_of(getattr(held.record, "child", "")) if held else ""
        words = f"{child}: {missing.words}" if child else missing.words
        link = ProblemLink(words)
        if missing in _torn(bundle):
            link.clicked.connect(lambda: self.decide.emit(missing.record))
        else:
            link.clicked.connect(lambda: self.go_to.emit(missing.record, missing.field))
        self._list.addWidget(link)
        # At once, and not when Qt gets to it: the keyboard begins at the first of them.
        link.show()
        return link

    def _sign_off(self) -> None:
        bundle = self._bundle
        if bundle is None or self._missing(bundle):
            return
        self.sign_off.setEnabled(False)
        held = bundle.held[bundle.visit.id]
        signed = dc.replace(
            bundle.visit,
            status=SIGNED_OFF,
            signed_off_by=self._session.who.adviser_name,
            signed_off_at=self._session.store.now(),
        )
        edited = [Edited(signed, held.seen)]
        self._session.save(edited, lambda _saved: self._was_signed_off(), self._not_signed_off)

    def _was_signed_off(self) -> None:
        if isValid(self):
            self.saved.emit()

    def _not_signed_off(self, fault: KnownError) -> None:
        if isValid(self):
            self.sign_off.setEnabled(True)
        self._session.trouble.emit(fault)


def _at_hand(links: Sequence[ProblemLink]) -> int:
    """Which of them has the keyboard; -1 for none."""
    return next((number for number, link in enumerate(links) if link.hasFocus()), -1)


def _torn(bundle: Bundle) -> tuple[Missing, ...]:
    """Every answer that has two versions: a person decides first."""
    return tuple(
        Missing(_two_versions(held.record, name), key, name)
        for key, held in bundle.held.items()
        for name in held.open
    )


def _two_versions(record: Record, key: str) -> str:
    """Which answer of which record has two versions."""
    if key == REMOVED:
        return f"{record.noun.capitalize()}: one removed it while another went on with it. {DECIDE}"
    field = field_of(record.kind, key)
    answer = f" of “{field.label}”" if field else ""
    return f"{record.noun.capitalize()}: two versions{answer} stand. {DECIDE}"


def _typed_in(draft: Draft) -> str:
    """The first field in which something is typed that is not saved."""
    changed = (key.partition(MEMBER)[0] for key in difference(draft.seen.body, draft.body))
    return next(iter((*draft.raw, *changed)), "")


def _state(bundle: Bundle) -> str:
    visit = bundle.visit
    if not bundle.is_signed_off:
        return "Everything that is asked for is here."
    signed = visit.signed_off_at.astimezone() if visit.signed_off_at else None
    when = f" on {in_words(signed.date())} at {signed:%H:%M}" if signed else ""
    return f"Signed off by {visit.signed_off_by}{when}. You can add to it, but not change it."
