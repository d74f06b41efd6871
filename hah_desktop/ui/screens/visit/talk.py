"""A conversation: the child, the circumstances, and above all the child's own words."""

import dataclasses as dc

from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget
from shiboken6 import isValid

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.moving import Movable
from hah_desktop.domain.records.base import Section
from hah_desktop.domain.records.child import Child, Conversation, Statement
from hah_desktop.domain.signoff import DECLINED
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.ui.forms.record_form import RecordForm
from hah_desktop.ui.kit.blocks import Card
from hah_desktop.ui.kit.buttons import PrimaryButton, SecondaryButton
from hah_desktop.ui.kit.fields import ErrorSummary, LabelledField, Problem
from hah_desktop.ui.kit.inputs import ChoiceBox, Option, TextLine
from hah_desktop.ui.kit.labels import Label, Tag, TagKind, TextKind
from hah_desktop.ui.screens.visit.bundle import Bundle
from hah_desktop.ui.screens.visit.movable import MovablePart
from hah_desktop.ui.screens.visit.part import Part, new_held
from hah_desktop.ui.screens.visit.permissions import PermissionRows
from hah_desktop.ui.session import Session

_NEW = "new"
_CHILD = Section("The child", ("known_as", "age", "communication", "communication_notes"))
_WORDS = Section("Add what was said or seen", ("type", "text", "by"))


class TalkPart(MovablePart):
    """One conversation. Words that are added stand as they were said; who may see them is asked."""

    def __init__(self, session: Session, talk: Conversation) -> None:
        super().__init__(session, "Conversation")
        self._talk = talk
        self._child = RecordForm(session, Child, (_CHILD,), visit=talk.visit)
        self._said = QWidget()
        self._said_column = QVBoxLayout(self._said)
        self._said_column.setContentsMargins(0, 0, 0, 0)
        self._said_column.setSpacing(18)
        self._cards: dict[str, SaidCard] = {}
        self._added: set[str] = set()
        self._adding = ""
        self.words = RecordForm(session, Statement, (_WORDS,))
        self.add_words = SecondaryButton("Add these words", "plus")
        self.add_words.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.add_words.clicked.connect(self._add)
        self.words.add(self.add_words)
        self._about = RecordForm(session, Conversation, Conversation.sections)
        self.forms = [self._about, self._child, self.words]
        # The child's own words stand at the centre, right below who, when and where.
        first = Conversation.sections[0].title
        self._about.add(self.words, below=first)
        self._about.add(self._said, below=first)
        self.add(self._about)
        self.add(self._child)
        for form in self.forms:
            form.saved.connect(self.saved)
            form.edited.connect(self.withdraw_undo)
        if self.whose:
            self.add(self.whose)
        self.words.saved.connect(self._start_new_words)

    def show_bundle(self, bundle: Bundle) -> None:
        """Show what is held now. What is being typed stays."""
        held = bundle.holding(self._talk.id) or new_held(self._talk)
        child = bundle.held.get(self._talk.child)
        self.heading.setText(f"Conversation with {bundle.child_of(self._talk.child)}")
        self._about.show_held(held, bundle.drafts.get(self._talk.id))
        if child is not None:
            self._child.show_held(child, bundle.drafts.get(child.record.id))
        self._show_words(bundle)
        self._show_said(bundle)
        for form in self.forms:
            form.set_signed_off(bundle.is_signed_off)
        self.add_words.setVisible(not bundle.is_signed_off)
        if held.record.id in bundle.held:
            self.show_whose(held.record, bundle)
        self.go_on_moving()

    def _show_words(self, bundle: Bundle) -> None:
        drafts = (d for d in bundle.drafts.values() if d.kind == Statement.kind)
        mine = next((d for d in drafts if _stands_in(bundle, d) == self._talk.id), None)
        if mine is not None and mine.record not in self._added | bundle.held.keys():
            if not self.words.has_draft:
                blank = dc.replace(self._blank(), id=RecordId(mine.record))
                self.words.show_held(new_held(blank), mine)
                if mine.body.get("conversation") != self._talk.id:
                    # It was begun before the conversation was moved here.
                    self.words.know(conversation=self._talk.id, child=self._talk.child)
        elif not self.words.record_id:
            self.words.load(new_held(self._blank()), None)

    def _blank(self) -> Statement:
        return Statement(
            id=self._session.store.new_id(),
            visit=self._talk.visit,
            child=self._talk.child,
            conversation=self._talk.id,
        )

    def _show_said(self, bundle: Bundle) -> None:
        for said in bundle.said_in(self._talk.id):
            card = self._cards.get(said.id)
            if card is None:
                card = self._cards[said.id] = SaidCard(self._session, said)
                self._said_column.addWidget(card)
            card.permissions.show_item(said, bundle)

    def record(self) -> Conversation:
        """The conversation that is open here."""
        return self._talk

    def put(self, record: Movable) -> None:
        """Show this conversation from now on: what was said is said in it."""
        if not isinstance(record, Conversation):
            return
        self._talk = record
        for card in self._cards.values():
            self._said_column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = {}
        self.words.load(new_held(self._blank()), None)

    def saves_first(self) -> bool:
        """Words that are typed, and what is typed about the child."""
        return self._child.has_draft or self._has_words()

    def _has_words(self) -> bool:
        return self.words.has_draft and bool(self.words.answer("text"))

    def cards(self) -> "tuple[SaidCard, ...]":
        """The statements on show."""
        return tuple(self._cards.values())

    def _add(self) -> None:
        missing = {
            name: words
            for name, words in (
                ("type", "Say what kind of statement this is"),
                ("text", "Write what was said"),
            )
            if not self.words.answer(name)
        }
        self.words.show_problems(missing)
        if not missing:
            self._adding = str(self.words.answer("text"))
            self.words.save(written_at=self._session.store.now())

    def _start_new_words(self) -> None:
        """The words are saved; what was typed meanwhile begins the next ones."""
        self._added.add(self.words.record_id)
        typed = str(self.words.answer("text") or "") if self.words.has_draft else ""
        more = typed.removeprefix(self._adding).lstrip()
        self.words.load(new_held(self._blank()), None)
        if more:
            self.words.type("text", more)

    def reads(self, bundle: Bundle) -> list[str]:
        """The conversation and the child, and every statement that stands between them."""
        said = [one.id for one in bundle.said_in(self._talk.id)]
        return [*super().reads(bundle), *said]

    def save(self) -> bool:
        """Save the conversation and the child, and add words that were typed but not added."""
        if self._has_words():
            self._add()
            if self.words.has_draft:
                return False
        # Every form is tried, so that every problem is shown at once.
        tried = [form.save() for form in (self._about, self._child) if form.has_draft]
        return all(tried)

    def is_saved(self) -> bool:
        """As for every part; but words may go on being thought about."""
        return not (self._has_words() or self._about.has_draft or self._child.has_draft)

    def mark_declined(self) -> None:
        """The child did not want to talk: that is a result, and not a gap."""
        self._about.save(status=DECLINED)


def _stands_in(bundle: Bundle, words: Draft) -> str:
    """The conversation in which words that are typed stand now."""
    return bundle.stands_as(str(words.body.get("conversation", "")))


class SaidCard(Card):
    """One statement as it stands, with the answers of the child about sharing it."""

    def __init__(self, session: Session, said: Statement) -> None:
        super().__init__()
        self.words = said.text
        label = session.code_list("statement_type").label(said.type)
        self.add(Tag(label, TagKind.VIOLET))
        self.add(Label(said.text, TextKind.BODY))
        if said.by:
            self.add(Label(said.by, TextKind.CAPTION))
        self.permissions = PermissionRows(session)
        self.add(self.permissions)


class StartTalk(Part):
    """Asks with whom, before a conversation begins."""

    def __init__(self, session: Session, bundle: Bundle) -> None:
        super().__init__("New conversation")
        self._session = session
        self._bundle = bundle
        self.problems = ErrorSummary()
        known = sorted(bundle.children.values(), key=lambda child: child.title())
        options = [Option(_NEW, "A child I have not met before")]
        options += [Option(child.id, _known(child)) for child in known]
        self.who = ChoiceBox(options)
        self.who.set_value(_NEW)
        self.name = TextLine()
        self._who_field = LabelledField("Who will you speak with?", self.who)
        self._name_field = LabelledField("What the child likes to be called", self.name)
        self._name_field.set_hint("A first name is enough. You can add more later.")
        self.start = PrimaryButton("Start conversation")
        self.start.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        card = Card("Who is it?")
        for widget in (self.problems, self._who_field, self._name_field, self.start):
            card.add(widget)
        self.add(card)
        self.who.edited.connect(self._choose)
        self.start.clicked.connect(self._start)
        self.name.returnPressed.connect(self._start)

    def goes_on(self) -> bool:
        """It has buttons of its own."""
        return False

    def show_bundle(self, bundle: Bundle) -> None:
        """Nothing here changes while the question stands."""

    def _choose(self) -> None:
        self._name_field.setVisible(self.who.value() == _NEW)

    def _start(self) -> None:
        chosen = self.who.value()
        if chosen == _NEW and not self.name.value():
            words = "Enter what the child likes to be called"
            self.problems.show_problems([Problem(words, self._name_field)])
            return
        new: list[Edited] = []
        child = chosen or ""
        if chosen == _NEW:
            made = Child(id=self._session.store.new_id(), known_as=self.name.value())
            child = made.id
            new.append(Edited(made, NOTHING))
        talk = Conversation(
            id=self._session.store.new_id(),
            visit=self._bundle.visit.id,
            child=child,
            status="draft",
            started=self._session.store.now().astimezone().time().replace(second=0, microsecond=0),
        )
        new.append(Edited(talk, NOTHING))
        self.start.setEnabled(False)
        self._session.save(new, lambda _saved: self._started(talk), self._not_started)

    def _started(self, talk: Conversation) -> None:
        # The author may have gone elsewhere while it was saved.
        if isValid(self):
            self.go_to.emit(talk.id, "")

    def _not_started(self, fault: KnownError) -> None:
        if isValid(self):
            self.start.setEnabled(True)
        self._session.trouble.emit(fault)


def _known(child: Child) -> str:
    return f"{child.title()}, {child.age}" if child.age else child.title()
