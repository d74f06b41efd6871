"""The visit itself: recorded offline, interrupted, signed off and put on paper."""

from pathlib import Path

from hah_desktop.domain.fields import Reader
from hah_desktop.ui.screens.visit.move_offer import NO_CHILD
from hah_desktop.ui.screens.visit.whose import ASKED
from tests.journey.caseload import PASSPHRASE, RUTH
from tests.journey.drawing import add_drawing
from tests.journey.person import Person, at_work, has_field, today

KAI_SAID = (
    "I like my key worker, she listens. But at night it is really loud and nobody comes "
    "when you press the bell."
)
KAI_WANTS = "Someone should look in before ten. Just look in."
PRIVATE = "I have not told anyone that I cry at night."


class OnSite:
    """One adviser on one visit. `scene` keeps a picture of what is on the screen."""

    def __init__(self, person: Person, out: Path) -> None:
        self._person = person
        self._out = out

    def play(self, visit: str) -> None:
        """Record the visit from arrival to the papers."""
        self._arrive()
        self._talk()
        self._lock_and_unlock()
        self._letter()
        self._concern_and_action()
        self._leave_and_sign_off()
        self._papers(visit)

    def _arrive(self) -> None:
        hands = self._person.hands
        hands.until(lambda: has_field(self._person, "Time of arrival"), "the arrival form")
        for question, answer in (
            ("Time of arrival", "0950"),
            ("Who met us", "D. Okafor, duty manager"),
            ("Who saw our authority to enter", "D. Okafor"),
            ("Were we let in?", "Let in after a wait"),
            ("Minutes we waited", "25"),
            ("Who kept us waiting or refused", "D. Okafor"),
            ("The reason they gave", "She had to ask her area manager first."),
        ):
            hands.fill(question, answer)
        self._person.scene("Arrival, offline")
        hands.press("Save and continue")
        hands.fill("Children on roll", "8")
        hands.fill("Children here today", "8")
        hands.press("Save and continue")
        hands.press("Add an area")
        hands.fill("Part of the place", "Bedrooms or cells")
        hands.fill("What we saw", "Two of eight call bells did not light up when we pressed them.")
        hands.fill("What was good", "Rooms are warm, in colours that the children chose.")
        hands.press("Save and continue")

    def _talk(self) -> None:
        hands = self._person.hands
        at_work(self._person).visit.show_step("conversations")
        hands.settle()
        hands.press("Add a conversation")
        hands.fill("What the child likes to be called", "Kai M.")
        hands.press("Start conversation")
        hands.until(lambda: has_field(self._person, "Words"), "the conversation is open")
        for kind, words in (
            ("Said in the child’s own words", KAI_SAID),
            ("What the child wants to happen", KAI_WANTS),
            ("A feeling", PRIVATE),
        ):
            hands.fill("What kind of statement is this?", kind)
            hands.fill("Words", words)
            hands.press("Add these words")
        self._share_wish()
        hands.fill("Age", "15")
        hands.fill("Did you speak alone?", "Yes, alone")
        hands.fill("What we explained", "Who I am and who sent me")
        hands.show_top()
        self._person.scene("A conversation in the childs own words")

    def _share_wish(self) -> None:
        """Kai lets the place know what he wants, but not by name; the rest stays with us."""
        part = at_work(self._person).visit.talk_part()
        if part is None:
            raise AssertionError("no conversation is open")
        card = next(c for c in part.cards() if KAI_WANTS in c.words)
        row = card.permissions.rows[0]
        index = row.answer.findData("ANON")
        row.answer.setCurrentIndex(index)
        row.answer.activated.emit(index)
        self._person.hands.settle()

    def _lock_and_unlock(self) -> None:
        """Interrupted in the middle of a sentence: the draft is there again afterwards."""
        hands = self._person.hands
        half = "We will ask for the call bell log, and I will come back on"
        hands.fill("What we agreed to do next", half)
        self._person.lock()
        self._person.scene("Locked in mid sentence")
        self._person.unlock(PASSPHRASE)
        hands.until(
            lambda: has_field(self._person, "What we agreed to do next"), "the draft is back"
        )
        found = hands.field("What we agreed to do next").control
        if getattr(found, "toPlainText", str)() != half:
            raise AssertionError("the draft did not survive the lock")
        self._person.scene("Unlocked where the work stopped")
        hands.fill("What we agreed to do next", f"{half} Thursday.")
        hands.fill("How far are we?", "Complete")
        hands.press("Save and continue")

    def _letter(self) -> None:
        add_drawing(self._person, self._out, "Kai M.")
        self._person.scene("A drawing kept encrypted")

    def _concern_and_action(self) -> None:
        hands = self._person.hands
        at_work(self._person).visit.show_step("concerns")
        hands.settle()
        hands.press("Add a concern")
        for question, answer in (
            (ASKED, "Kai M."),
            ("Level", "A worry about welfare or rights"),
            ("What the concern is", "Night staff are slow to answer call bells."),
        ):
            hands.fill(question, answer)
        self._person.scene("A concern")
        hands.press("Save and continue")
        at_work(self._person).visit.show_step("actions")
        hands.settle()
        hands.press("Add an action")
        for question, answer in (
            (ASKED, NO_CHILD),
            ("What will be done", "Ask for the call bell log of the last four weeks"),
            ("Who will do it", RUTH),
            ("By when", today()),
        ):
            hands.fill(question, answer)
        hands.press("Save and continue")

    def _leave_and_sign_off(self) -> None:
        hands = self._person.hands
        page = at_work(self._person).visit
        page.show_step("record")
        hands.settle()
        hands.choose_row("Exit meeting")
        for question, answer in (
            ("Who we spoke to before leaving", "D. Okafor, duty manager"),
            ("What we told them", "Two call bells did not light up. Please mend them today."),
            ("What they answered or promised", "The electrician comes this afternoon."),
            ("Time we left", "1640"),
        ):
            hands.fill(question, answer)
        hands.press("Save and continue")
        page.show_step("summary")
        hands.settle()
        self._person.scene("Check and sign off")
        hands.press("Sign off this visit")
        hands.until(lambda: page.bundle and page.bundle.is_signed_off, "the visit is signed off")
        self._person.scene("Signed off")

    def _papers(self, visit: str) -> None:
        for reader, name in ((Reader.OFFICE, "office"), (Reader.PLACE, "place")):
            workplace = at_work(self._person)
            paper = workplace.paper
            workplace.visit.paper_requested.emit(visit, reader)
            self._person.hands.until(paper.is_drawn, f"the summary for the {name}")
            self._person.scene(f"Summary for the {name}")
            target = self._out / f"summary-for-the-{name}.pdf"
            target.unlink(missing_ok=True)
            paper.save_copy(target)
            self._person.hands.until(target.is_file, "the copy is saved")
            paper.close_document()
