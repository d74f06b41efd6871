"""The page Sync, where there is no network for days: what is written for whom, and taken in."""

import dataclasses as dc
import datetime as dt
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from pytestqt.qtbot import QtBot

from hah_desktop.domain.exchange import Card
from hah_desktop.domain.ids import LaptopId, RecordId, visit_file
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.reference import Place
from hah_desktop.domain.records.visit import Visit
from hah_desktop.laptop import sticks
from hah_desktop.laptop.stick_files import NOT_READ, Missing
from hah_desktop.laptop.sticks import Taken
from hah_desktop.seals.sealing import SealingKey
from hah_desktop.store.attachments.attachments import Attachments, Sealed
from hah_desktop.store.exchange import carrying
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.store.store import Store
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.meta import Trust
from hah_desktop.store.tables.rows import CURSOR
from hah_desktop.ui.kit.labels import Label, Tag
from hah_desktop.ui.parts import choosing
from hah_desktop.ui.screens.office import OfficePage
from hah_desktop.ui.session import Session
from hah_desktop.vault import signing
from tests.central.trust import SECRETS
from tests.store.hand import HandClock, raw_key
from tests.ui.screens.made import Show, findings
from tests.ui.stores import RUTH

ROWAN = Place(id=RecordId("rowan"), name="Rowan House")
VISIT = Visit(
    id=RecordId("visit"),
    place="rowan",
    visited_on=dt.date(2026, 3, 1),
    advisers=frozenset({"ruth", "sam"}),
)
SAM = dc.replace(RUTH, laptop="laptop-two", adviser="sam", adviser_name="Sam Oyelowo")
RUTHS_KEY, SAMS_KEY = SealingKey(bytes([1]) * 96), SealingKey(bytes([2]) * 96)


def card(who: meta.Identity, key: SealingKey) -> Card:
    signs = signing.public_key(who.signing_key)
    laptop, adviser = LaptopId(who.laptop), RecordId(who.adviser)
    return Card(laptop, adviser, who.adviser_name, signs, key.public.hex())


def knows(store: Store, own: SealingKey, other: Card) -> None:
    """What a sync leaves behind: a key, a colleague's card, and the visit among what is held."""
    with store.writing() as connection:
        meta.keep_sealing_seed(connection, own.seed)
        carrying.keep_cards(connection, [other])
        connection.execute(CURSOR.insert().values(file=visit_file(VISIT.id), seq=1))
        meta.keep_trust(connection, Trust(SECRETS.public.recovery.hex(), "", "", ""))


@pytest.fixture
def sams(tmp_path: Path, clock: HandClock) -> Iterator[Store]:
    made = Store.create(tmp_path / "sams.db", raw_key, clock)
    made.keep_identity(SAM)
    knows(made, SAMS_KEY, card(RUTH, RUTHS_KEY))
    yield made
    made.close()


@pytest.fixture
def page(session: Session, store: Store, show: Show, qtbot: QtBot) -> OfficePage:
    store.add(ROWAN, VISIT)
    knows(store, RUTHS_KEY, card(SAM, SAMS_KEY))
    made = OfficePage(session)
    show(made)
    qtbot.waitUntil(lambda: bool(made.sticks.for_colleagues))
    return made


def test_it_offers_each_visit_of_which_something_is_only_here(
    page: OfficePage, qtbot: QtBot
) -> None:
    (button,) = page.sticks.for_colleagues
    assert button.words == "Write a file for Sam Oyelowo"
    assert button.accessibleName() == f"{button.words}: Visit to Rowan House, 1 March 2026"
    assert not page.sticks.nobody.isVisible()
    qtbot.waitUntil(lambda: findings(page) == [])


def test_what_is_written_for_a_colleague_is_read_by_that_colleague(
    page: OfficePage, sams: Store, tmp_path: Path, qtbot: QtBot
) -> None:
    (offer,) = page.sticks._offers
    page.sticks.write_for_colleagues(offer, tmp_path / "stick.sealed")
    qtbot.waitUntil(page.sticks.done.isVisible)
    assert page.sticks.done.label.text() == (
        "1 change written for Sam Oyelowo, as “stick.sealed”. Nobody else can read it."
    )
    assert sticks.take(sams, tmp_path / "stick.sealed").records == {VISIT.id}


def test_letters_are_counted_and_their_size_is_said_before_anything_is_written(
    page: OfficePage, store: Store, tmp_path: Path, qtbot: QtBot
) -> None:
    source = tmp_path / "letter.pdf"
    source.write_bytes(b"A scanned letter. " * 1_000)

    def about(sealed: Sealed) -> list[Edited]:
        record, file = RecordId("letter"), sealed.file
        made = Attachment(id=record, visit=VISIT.id, what="A letter", content=file.id)
        return [Edited(made, NOTHING)]

    Attachments(store.folder).keep(store, source, about)
    page.refresh()
    said = ", with 1 file of 18 KB"
    qtbot.waitUntil(lambda: page.sticks.for_colleagues[0].accessibleName().endswith(said))

    def shown() -> tuple[int, list[str]]:
        labels = [label for label in page.sticks.findChildren(Label) if said in label.text()]
        return len(labels), [tag.text() for tag in page.findChildren(Tag) if tag.isVisible()]

    # What stood there before goes a moment later than the new comes.
    qtbot.waitUntil(lambda: shown() == (1, ["3 changes and 1 file only on this laptop"]))
    page.sticks.write_for_colleagues(page.sticks._offers[0], tmp_path / "stick.sealed")
    qtbot.waitUntil(page.sticks.done.isVisible)
    assert page.sticks.done.label.text().startswith("2 changes and 1 file written for Sam Oyelowo")


def test_all_that_is_only_here_is_written_for_the_office(
    page: OfficePage, tmp_path: Path, qtbot: QtBot
) -> None:
    page.sticks.write_for_office(tmp_path / "stick.sealed")
    qtbot.waitUntil(page.sticks.done.isVisible)
    assert page.sticks.done.label.text().startswith("2 changes written for the office")
    assert not page.sticks.doing.isVisible()


def test_the_button_that_was_pressed_keeps_the_focus_and_waits(
    page: OfficePage, tmp_path: Path, qtbot: QtBot
) -> None:
    page.sticks.for_office.setFocus()
    page.sticks.write_for_office(tmp_path / "stick.sealed")
    assert "Leave the stick in" in page.sticks.doing.label.text()
    assert page.sticks._ask_for_office() is page.sticks._ask_for_file() is None
    qtbot.waitUntil(page.sticks.done.isVisible)
    assert page.sticks.for_office.hasFocus()


def test_what_a_colleague_wrote_is_taken_in_once(
    page: OfficePage, session: Session, sams: Store, tmp_path: Path, qtbot: QtBot
) -> None:
    sams.add(dc.replace(VISIT, met_by="The deputy"))
    sticks.for_colleagues(sams, SAM, VISIT.id, [card(RUTH, RUTHS_KEY)], tmp_path / "stick.sealed")
    with qtbot.waitSignal(session.changed) as changed:
        page.sticks.take_in(tmp_path / "stick.sealed")
    assert changed.args == [frozenset({VISIT.id})]
    assert page.sticks.done.label.text().startswith("1 record taken in from Sam Oyelowo.")
    page.sticks.take_in(tmp_path / "stick.sealed")
    qtbot.waitUntil(lambda: "taken in before" in page.sticks.done.label.text())


@pytest.mark.parametrize("before", [False, True])
def test_a_letter_that_did_not_come_is_named_with_the_reason(
    page: OfficePage, *, before: bool
) -> None:
    missing = (Missing("A letter", NOT_READ), Missing("", NOT_READ))
    page.sticks._taken(Taken("Sam Oyelowo", frozenset(), before=before, missing=missing))
    said = page.sticks.done.label.text()
    assert said.endswith(
        " Not here yet: “A letter”, “a letter or picture without a name”. The file could not be "
        "read to its end, as when the stick is taken out. Once that is put right, take this file "
        "in again; or sync, which brings it too."
    )
    assert ("taken in before" in said) == before
    assert "Nothing is new" not in said
    assert "room" not in said


def test_a_file_that_is_none_is_refused_in_plain_words(
    page: OfficePage, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "letter.sealed").write_bytes(b"Dear Ruth")
    page.sticks.take_in(tmp_path / "letter.sealed")
    qtbot.waitUntil(page.sticks.problem.isVisible)
    assert "meant for another laptop. Nothing was taken from it." in (
        page.sticks.problem.label.text()
    )
    assert not page.sticks.doing.isVisible()


def test_who_has_nobody_to_write_for_is_told_when_that_is_so(
    session: Session, show: Show, qtbot: QtBot
) -> None:
    made = OfficePage(session)
    show(made)
    qtbot.waitUntil(made.sticks.nobody.isVisible)
    assert made.sticks.for_colleagues == []


def test_the_dialog_offers_the_sticks_that_are_put_in(page: OfficePage) -> None:
    dialog = page.sticks._ask_for_office()
    assert dialog is not None
    offered = [url.toLocalFile() for url in dialog.sidebarUrls()]
    assert offered == [str(Path.home()), *map(str, choosing.sticks())]
    dialog.reject()


def test_each_visit_has_a_file_of_its_own_that_names_its_day_and_nobody(
    page: OfficePage, store: Store, qtbot: QtBot
) -> None:
    def offered() -> list[str]:
        names = []
        for offer in page.sticks._offers:
            dialog = page.sticks._ask_for_colleagues(offer)
            assert dialog is not None
            names += [Path(chosen).name for chosen in dialog.selectedFiles()]
            dialog.reject()
        return names

    day = "for a colleague, visit of 2026-03-01"
    assert offered() == [f"{day}.sealed"]
    store.add(dc.replace(VISIT, id=RecordId("second")))
    undated = dc.replace(VISIT, id=RecordId("third"), visited_on=None)
    store.add(undated)
    page.refresh()
    qtbot.waitUntil(lambda: len(page.sticks.for_colleagues) == 3)
    undated_name = "for a colleague, visit without a day.sealed"
    assert sorted(offered()) == [f"{day} (1).sealed", f"{day} (2).sealed", undated_name]


@pytest.mark.parametrize(
    ("path", "is_stick"),
    [
        ("/media/ruth/STICK", True),
        ("/run/media/ruth/STICK", True),
        ("/Volumes/STICK", True),
        ("/media", False),
        ("/", False),
        ("/home", False),
        ("/boot/efi", False),
    ],
)
def test_what_is_put_in_and_taken_out_is_told_from_what_stays(path: str, *, is_stick: bool) -> None:
    assert choosing.is_removable(PurePosixPath(path)) == is_stick


def test_on_windows_every_drive_but_the_system_s_is_one() -> None:
    assert choosing.is_removable(PureWindowsPath("E:/"))
    assert not choosing.is_removable(PureWindowsPath("c:/"))
