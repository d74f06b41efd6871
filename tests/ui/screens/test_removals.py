"""What would go out of sight: asked about by name, removed or left, and no page breaks over it."""

import dataclasses as dc
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import cast

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.domain.changes import Change, Edit
from hah_desktop.domain.exchange import Card, Opened, Page, PulledRow, SeenPage
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId
from hah_desktop.domain.records.reference import Adviser, Place
from hah_desktop.domain.records.visit import Area, Visit
from hah_desktop.domain.removing import REMOVED
from hah_desktop.resources import code_list
from hah_desktop.store.journal import drafts, reading
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.saving import NOTHING
from hah_desktop.store.store import Store
from hah_desktop.store.tables import meta
from hah_desktop.sync.client import Office
from hah_desktop.sync.errors import Refused, broke_off
from hah_desktop.sync.pages import NAMES
from hah_desktop.ui.background import Background
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.screens.office import OfficePage
from hah_desktop.ui.session import Session
from hah_desktop.ui.workplace import GONE, Workplace
from tests.sync.office import Line, MemoryOffice
from tests.ui.kit.hands import click
from tests.ui.screens.made import SIZES, Show, findings
from tests.ui.stores import RUTH

ROWAN = Place(id=RecordId("rowan"), name="Rowan House")
ADA = Adviser(id=RecordId("ada"), name="Ada Brown")
HERS = Visit(id=RecordId("visit"), place="rowan", visited_on=dt.date(2026, 3, 1))
THEIRS = Visit(id=RecordId("other"), visited_on=dt.date(2026, 3, 2))
FILE, OTHER = FileId("visit:visit"), FileId("visit:other")


class TakingBack(Line):
    """An office that names a visit no more."""

    taken: frozenset[str] = frozenset()
    met = 0
    told = 0
    cut = False

    def pull(
        self,
        epoch: str,
        cursors: Mapping[FileId, int],
        want: Sequence[RecordId],
        *,
        brief: bool = False,
    ) -> tuple[Page, list[PulledRow]]:
        if self.cut:
            raise broke_off()
        if brief and self.taken:
            raise Refused(NAMES, "Name them.", status=409)
        page, rows = super().pull(epoch, cursors, want, brief=brief)
        files = {file: seq for file, seq in page.files.items() if file not in self.taken}
        digests = {file: said for file, said in page.digests.items() if file in files}
        return dc.replace(page, files=files, digests=digests), rows

    def cards(self, sealing: str) -> list[Card]:
        self.met += 1
        return super().cards(sealing)

    def seen(self, after: int, opened: Sequence[Opened], epoch: str) -> SeenPage:
        self.told += 1
        return super().seen(after, opened, epoch)

    def close(self) -> None:
        """Hang up."""


@pytest.fixture
def line() -> TakingBack:
    return TakingBack(MemoryOffice(), RUTH.laptop)


@pytest.fixture
def session(store: Store, background: Background, line: TakingBack) -> Session:
    """A laptop with one visit and what was seen on it, all of it received."""
    who = dc.replace(RUTH, office=line.office.id, epoch=line.office.epoch)
    store.keep_identity(who)
    areas = [Area(id=RecordId(f"area-{n}"), visit=HERS.id, seen="A door.") for n in range(6)]
    store.add(ROWAN, ADA, HERS, THEIRS, *areas)
    return Session(store, background, code_list, who, lambda _who: cast("Office", line))


@pytest.fixture
def page(session: Session, line: TakingBack, show: Show, qtbot: QtBot) -> OfficePage:
    """The page after a sync that was asked to remove much."""
    made = OfficePage(session)
    show(made)
    synced(session, made, qtbot)
    line.taken = frozenset({FILE})
    synced(session, made, qtbot)
    qtbot.waitUntil(made.removals.isVisible)
    return made


def synced(session: Session, page: OfficePage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.synced):
        click(page.now)


def held(session: Session, record: str) -> bool:
    with session.store.reading() as connection:
        return reading.get(connection, record) is not None


def test_what_would_go_is_asked_about_by_name(page: OfficePage, session: Session) -> None:
    assert page.removals.files.text() == "Visit to Rowan House, 1 March 2026: 7 records"
    assert held(session, "visit")


def test_it_goes_when_the_person_says_so(page: OfficePage, session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.synced):
        click(page.removals.remove)
    assert not page.removals.isVisible()
    assert not held(session, "visit")
    assert held(session, "rowan")


def test_colleagues_are_met_and_told_also_while_a_person_is_asked(
    page: OfficePage, session: Session, line: TakingBack, qtbot: QtBot
) -> None:
    before = line.told
    with session.store.writing() as connection:
        meta.keep_sealing_seed(connection, bytes(32))
    synced(session, page, qtbot)
    qtbot.waitUntil(page.removals.isVisible)
    assert (line.met, line.told) == (1, before + 1)


def test_more_than_was_shown_is_asked_about_again(
    page: OfficePage, session: Session, line: TakingBack, qtbot: QtBot
) -> None:
    line.taken = frozenset({FILE, OTHER})
    with qtbot.waitSignal(session.synced):
        click(page.removals.remove)
    qtbot.waitUntil(page.removals.isVisible)
    assert "Visit, 2 March 2026: 1 record" in page.removals.files.text()
    assert held(session, "visit")
    with qtbot.waitSignal(session.synced):
        click(page.removals.remove)
    assert not held(session, "visit")
    assert not held(session, "other")


def test_the_answer_is_not_lost_in_a_sync_that_is_under_way(
    page: OfficePage, session: Session, qtbot: QtBot
) -> None:
    with qtbot.waitSignals([session.synced, session.synced]):
        session.sync()
        assert session.is_syncing
        click(page.removals.remove)
    assert not held(session, "visit")
    qtbot.waitUntil(lambda: not page.removals.isVisible())


def test_not_now_leaves_everything(page: OfficePage, session: Session) -> None:
    click(page.removals.not_now)
    assert not page.removals.isVisible()
    assert held(session, "visit")


def test_what_stays_for_a_draft_is_named(page: OfficePage, session: Session, qtbot: QtBot) -> None:
    with session.store.writing() as connection:
        drafts.keep(connection, Draft("visit", "visit", "visit", {"met_by": "Sa"}, NOTHING))
    with qtbot.waitSignal(session.synced):
        click(page.removals.remove)
    qtbot.waitUntil(page.staying.isVisible)
    assert page.staying.records.text() == "Visit to Rowan House, 1 March 2026"


def test_a_visit_that_is_open_leaves_the_screen_and_says_why(
    session: Session, line: TakingBack, qtbot: QtBot
) -> None:
    workplace = Workplace(session, lambda _preferences: None)
    qtbot.addWidget(workplace)
    with qtbot.waitExposed(workplace):
        workplace.show()
    with qtbot.waitSignal(session.synced):
        session.sync()
    with qtbot.waitSignal(workplace.visit.shown):
        workplace.open_visit("visit")
    line.taken = frozenset({FILE})

    with qtbot.waitSignal(workplace.visit.gone):
        session.sync(agreed=lambda _: True)

    assert workplace.shell.current_page() is workplace.visits
    assert workplace.shell.notices.trouble.label.text() == GONE
    assert workplace.visit.bundle is None
    assert workplace.visit.place()["visit"] == ""


def remove_as(line: TakingBack, author: str, *records: str) -> None:
    """Somebody removes records on another laptop, having seen all of them."""
    journal = line.office.journal
    laptop = LaptopId(f"laptop-of-{author}")
    for number, record in enumerate(records, 1):
        about = journal.records[RecordId(record)]
        heads = {
            head for (r, _), state in journal.heads.items() if r == record for head in state.heads
        }
        change = Change(
            id=ChangeId(f"{author}-removes-{record}"),
            laptop=laptop,
            number=number,
            previous="",
            record=RecordId(record),
            kind=about.kind,
            files=about.files,
            author=author,
            made_at="2026-03-02T12:00:00+00:00",
            edits={REMOVED: Edit(True, tuple(sorted(heads)))},
        )
        line.office.push(laptop, [change])


@pytest.fixture
def removed(session: Session, line: TakingBack, show: Show, qtbot: QtBot) -> OfficePage:
    """The page after a sync that found that a colleague had removed much."""
    line.office.page = 1000
    made = OfficePage(session)
    show(made)
    synced(session, made, qtbot)
    remove_as(line, "ada", *(f"area-{number}" for number in range(6)))
    synced(session, made, qtbot)
    qtbot.waitUntil(made.removals.isVisible)
    return made


def test_what_colleagues_removed_is_asked_about_with_who_did_it(
    removed: OfficePage, session: Session, qtbot: QtBot
) -> None:
    card = removed.removals
    assert card.by_others.text() == (
        "Visit to Rowan House, 1 March 2026: 6 records, removed by Ada Brown"
    )
    assert card.hidden.isVisible()
    assert "can be brought back" in card.hidden.text()
    assert [w.isVisible() for w in (card.asked, card.files, card.doubted)] == [False] * 3
    assert "Others have removed 6 records" in removed.problem.label.text()
    assert held(session, "area-0")
    with qtbot.waitSignal(session.synced):
        click(card.remove)
    assert not card.isVisible()
    assert not held(session, "area-0")
    assert held(session, "visit")


def test_what_is_removed_on_ones_other_laptop_or_by_a_stranger_is_said_so(
    page: OfficePage, session: Session, line: TakingBack, qtbot: QtBot
) -> None:
    line.taken = frozenset()
    line.office.page = 1000
    remove_as(line, RUTH.adviser, *(f"area-{number}" for number in range(4)))
    remove_as(line, "nobody", "area-4", "area-5")
    synced(session, page, qtbot)
    qtbot.waitUntil(page.removals.hidden.isVisible)
    visit = "Visit to Rowan House, 1 March 2026"
    assert page.removals.by_others.text() == (
        f"{visit}: 2 records, removed by somebody who is not known here\n"
        f"{visit}: 4 records, removed by you, on another laptop"
    )


def test_what_was_agreed_to_holds_when_the_line_is_cut(
    removed: OfficePage, session: Session, line: TakingBack, qtbot: QtBot
) -> None:
    line.cut = True
    with qtbot.waitSignal(session.synced):
        click(removed.removals.remove)
    assert held(session, "area-0")
    line.cut = False
    synced(session, removed, qtbot)
    assert not removed.removals.isVisible()
    assert not held(session, "area-0")


@pytest.mark.parametrize(("width", "height", "scale"), SIZES)
def test_nothing_is_clipped_or_nameless(
    page: OfficePage, qapp: QApplication, width: int, height: int, scale: float
) -> None:
    apply(qapp, ThemeName.LIGHT, scale)
    page.window().resize(width, height)
    for _ in range(5):
        qapp.processEvents()
    assert findings(page.window()) == []
