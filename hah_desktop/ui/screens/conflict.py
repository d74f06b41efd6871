"""A record that two people changed without seeing each other: every side, and a decision."""

import dataclasses as dc
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from hah_desktop.documents.answers import Wording, words
from hah_desktop.domain.codec import field_of, from_body, from_json, patched
from hah_desktop.domain.fields import AnyField, Choice, Choices, Text
from hah_desktop.domain.merge import Head
from hah_desktop.domain.records.base import Json
from hah_desktop.store import reading
from hah_desktop.store.reading import Held
from hah_desktop.store.saving import Edited
from hah_desktop.ui.kit.blocks import Card, FormColumn
from hah_desktop.ui.kit.buttons import PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.inputs import Option, TextArea
from hah_desktop.ui.kit.labels import Label, Tag, TagKind, TextKind
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.kit.ticks import RadioButton
from hah_desktop.ui.parts.differences import MarkedText
from hah_desktop.ui.parts.words import when
from hah_desktop.ui.session import ADVISERS, Session

NOT_RECORDED = "Nothing"


@dataclass(frozen=True)
class Side:
    """One side of a field, ready to show."""

    head: Head
    words: str
    who: str
    mine: bool
    when: str


class FieldChoice(Card):
    """One field with all its sides, and where it is text also: both, or other words."""

    chosen = Signal()

    def __init__(self, label: str, sides: list[Side], *, text: bool) -> None:
        super().__init__(label)
        self._sides = sides
        self._group = QButtonGroup(self)
        self.buttons: list[RadioButton] = []
        row = QWidget()
        beside = QHBoxLayout(row)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(16)
        for side in sides:
            beside.addWidget(self._side_card(label, side), 1)
        self.add(row)
        self.other: TextArea | None = None
        if text:
            self._offer_text(label)
        self._group.buttonClicked.connect(lambda _button: self._clicked())

    def _side_card(self, label: str, side: Side) -> Card:
        card = Card()
        keep = "Keep yours" if side.mine else f"Keep {side.who}’s"
        card.add(self._button(keep, f"{label}: {keep}"))
        others = [other.words for other in self._sides if other is not side]
        card.add(MarkedText(side.words or NOT_RECORDED, others))
        card.add(Label(f"{side.who} · {side.when}", TextKind.CAPTION))
        return card

    def _button(self, words_: str, spoken: str) -> RadioButton:
        button = RadioButton(Option(str(len(self.buttons)), words_))
        button.setAccessibleName(spoken)
        self._group.addButton(button)
        self.buttons.append(button)
        return button

    def _offer_text(self, label: str) -> None:
        self.add(self._button("Keep both", f"{label}: Keep both, one after the other"))
        self.add(self._button("Write it anew", f"{label}: Write it anew"))
        self.other = TextArea(3)
        self.other.setAccessibleName(f"{label}: the words that shall stand")
        self.other.set_value("\n\n".join(side.words for side in self._sides if side.words))
        self.other.hide()
        self.other.edited.connect(self.chosen)
        self.add(self.other)

    def _clicked(self) -> None:
        if self.other:
            self.other.setVisible(self.buttons[-1].isChecked())
        self.chosen.emit()

    def is_decided(self) -> bool:
        """Whether a side is chosen, or other words are written."""
        if self.other and self.buttons[-1].isChecked():
            return bool(self.other.value().strip())
        return self._group.checkedButton() is not None

    def value(self) -> Json:
        """What shall stand."""
        number = next(n for n, button in enumerate(self.buttons) if button.isChecked())
        if number < len(self._sides):
            return self._sides[number].head.value
        if self.other and number == len(self.buttons) - 1:
            return self.other.value().strip()
        return "\n\n".join(side.words for side in self._sides if side.words)


class ConflictPage(Page):
    """Decides one record; the decision is a change like any other, and can be seen everywhere."""

    done = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__("Two versions")
        self._session = session
        self._held: Held | None = None
        self._waiting: list[str] = []
        self.choices: dict[str, FieldChoice] = {}
        self.later = SecondaryButton("Decide later")
        self.decide = PrimaryButton("Save decision")
        self.later.clicked.connect(self.done)
        self.decide.clicked.connect(self._save)
        self.set_footer(self.later, self.decide)

    def show_record(self, record: str) -> None:
        """Show every side of the record's undecided fields."""
        self._held = None

        def read(connection: reading.Transaction) -> tuple[Held | None, list[str]]:
            waiting = [held.record.id for held in reading.undecided(connection)]
            return reading.get(connection, record), [str(one) for one in waiting]

        self._session.read(read, self._show)

    def _show(self, found: tuple[Held | None, list[str]]) -> None:
        held, self._waiting = found
        if held is None or not held.open:
            self.done.emit()
            return
        self._held = held
        noun = held.record.noun.capitalize()
        left = len(self._waiting)
        tags = [Tag(f"{left} to decide", TagKind.INFO)] if left > 1 else []
        self.set_title(
            f"{noun} was changed in two places", breadcrumbs=("Sync", "Decide"), tags=tags
        )
        column = FormColumn()
        column.setMaximumWidth(16_777_215)
        column.add(
            Label(
                "Two people changed this without seeing each other’s words. Nothing is lost: both "
                "versions are kept in the history. Choose what shall stand.",
                TextKind.MUTED,
            )
        )
        self.choices = {name: self._choice(held, name) for name in held.open}
        for choice in self.choices.values():
            choice.chosen.connect(self._count)
            column.add(choice)
        self.set_form(column)
        self._count()
        first = next(iter(self.choices.values()))
        first.buttons[0].setFocus()

    def is_shown(self) -> bool:
        """Whether the sides are on the screen."""
        return self._held is not None

    def choose_first(self) -> None:
        """Keep the first side of every field and save that."""
        for choice in self.choices.values():
            choice.buttons[0].click()
        self.decide.click()

    def _choice(self, held: Held, name: str) -> FieldChoice:
        field = field_of(held.record.kind, name)
        label = field.label if field else name
        if isinstance(field, Choices):
            member = self._session.code_list(field.codes).label(name.partition(":")[2])
            label = f"{label}: {member}"
        sides = [self._side_of(field, head) for head in held.open[name]]
        return FieldChoice(label, sides, text=isinstance(field, Text))

    def _side_of(self, field: AnyField | None, head: Head) -> Side:
        names = self._session.code_list(ADVISERS)
        mine = head.author == self._session.who.adviser
        return Side(
            head,
            self._in_words(field, head.value),
            names.label(head.author),
            mine,
            when(head.made_at, self._session.store.now().astimezone()),
        )

    def _in_words(self, field: AnyField | None, value: Json) -> str:
        if value is None:
            return ""
        if field is None or isinstance(field, Choices):
            return "Yes" if value is True else str(value)
        code_list = field.codes if isinstance(field, Choice) else ""
        lists = {code_list: self._session.code_list(code_list)} if code_list else {}
        zone = self._session.store.now().astimezone().tzinfo
        wording = Wording(lists=lists, names={}, zone=zone) if zone else None
        return words(field, from_json(field, value), wording) if wording else str(value)

    def _count(self) -> None:
        decided = sum(choice.is_decided() for choice in self.choices.values())
        self.decide.setEnabled(decided == len(self.choices))
        self.note = f"{decided} of {len(self.choices)} decided"
        self.panes_changed.emit()

    def _save(self) -> None:
        held = self._held
        if held is None:
            return
        decided = {name: choice.value() for name, choice in self.choices.items()}
        body = patched(held.seen.body, decided)
        record = from_body(held.record.kind, held.record.id, body)
        # The body already shows one side; deciding for it, or for nothing, is a change all the
        # same: so it must differ from what the author is said to have seen.
        before = held.seen.body
        shown = {k: v for k, v in before.items() if k not in decided or decided[k] is None}
        seen = dc.replace(held.seen, body=shown)
        self._session.save([Edited(record, seen)], lambda _saved: self._next(held.record.id))

    def _next(self, decided: str) -> None:
        rest = [record for record in self._waiting if record != decided]
        if rest:
            self.show_record(rest[0])
        else:
            self._held = None
            self.done.emit()
