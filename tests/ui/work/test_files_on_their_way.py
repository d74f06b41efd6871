"""Letters and pictures on their way: each says how far it is, and what is elsewhere is fetched."""

import dataclasses as dc
import hashlib
import threading
from collections.abc import Sequence
from io import BytesIO
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from hah_desktop.domain.chunks import CHUNK, Standing, Taken, chunks_of
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import Reached
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.visit import Visit
from hah_desktop.domain.removals import Removals
from hah_desktop.resources import code_list
from hah_desktop.store.attachments import travelling
from hah_desktop.store.attachments.attachments import Sealed, Where
from hah_desktop.store.attachments.travelling import Count, Way
from hah_desktop.store.exchange.outbox import SyncRun
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.store.store import Store
from hah_desktop.sync.client import Office
from hah_desktop.sync.engine import Synced
from hah_desktop.sync.errors import Differs, ManyRemovals, Refused, unreachable
from hah_desktop.ui.background import Background
from hah_desktop.ui.kit.labels import Label, TagKind
from hah_desktop.ui.kit.lists import RowRole
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.parts.on_its_way import counted, of, told
from hah_desktop.ui.screens.office import OfficePage
from hah_desktop.ui.screens.visit import steps
from hah_desktop.ui.screens.visit.letters import LetterPart
from hah_desktop.ui.session import Session
from hah_desktop.ui.workplace import Workplace
from tests.ui.kit.audit import beyond_reach, clipped, nameless, small_targets
from tests.ui.kit.hands import click
from tests.ui.made_files import picture_file
from tests.ui.stores import RUTH
from tests.ui.work.made import Work, button, workplace_of

WAIT_S = 120
MEGA = 1_000_000


class Desk:
    """An office that keeps files in memory, and may be cut or held up."""

    def __init__(self) -> None:
        self.expected: dict[str, int] = {}
        self.contents: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.cut_after: int | None = None
        self.hold: threading.Event | None = None

    def sign_in(self, _office: str) -> Reached:
        return Reached()

    def close(self) -> None:
        """Hang up."""

    def cut(self) -> None:
        """Stop at once: the real one does; this one is asked between two chunks."""

    def blobs_status(self, hashes: Sequence[str]) -> list[Standing]:
        sizes = {sha256: size for sha256, size in self.expected.items() if sha256 in hashes}
        return [
            Standing(
                sha256,
                size,
                tuple(
                    n
                    for n in range(chunks_of(size))
                    if sha256 not in self.contents and n not in self.parts.get(sha256, {})
                ),
            )
            for sha256, size in sizes.items()
        ]

    def put_chunk(self, sha256: str, size: int, number: int, data: bytes) -> Taken:
        self._wait()
        parts = self.parts.setdefault(sha256, {})
        parts[number] = data
        if len(parts) == chunks_of(size):
            self.contents[sha256] = b"".join(parts[n] for n in sorted(parts))
        return Taken(whole=sha256 in self.contents)

    def get_piece(self, sha256: str, first: int, after: int) -> bytes:
        self._wait()
        if sha256 not in self.contents:
            raise Refused("urn:hah:no-attachment", "There is no such file.", status=404)
        return self.contents[sha256][first:after]

    def _wait(self) -> None:
        if self.hold is not None:
            assert self.hold.wait(WAIT_S)
        if self.cut_after is not None:
            self.cut_after -= 1
            if self.cut_after < 0:
                raise unreachable()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def session(store: Store, background: Background, desk: Desk) -> Session:
    # The session asks for the client of the network; this one is used like it.
    return Session(store, background, code_list, RUTH, lambda _who: cast("Office", desk))


@pytest.fixture
def workplace(work: Work, qtbot: QtBot) -> Workplace:
    return workplace_of(work, qtbot)


def added(work: Work, visit: Visit, content: bytes, what: str = "The swing") -> Attachment:
    """A letter that was added here."""
    made = Attachment(id=work.store.new_id(), visit=visit.id, what=what, type="drawing")

    def described(sealed: Sealed) -> list[Edited]:
        file = sealed.file
        known = dc.replace(made, content=file.id, size=file.size, hash=file.sha256)
        return [Edited(known, NOTHING)]

    work.session.attaching.files.keep(work.store, BytesIO(content), described)
    found = work.held(made.id).record
    assert isinstance(found, Attachment)
    return found


def elsewhere(
    work: Work, visit: Visit, desk: Desk, content: bytes, what: str = "From Jo"
) -> Attachment:
    """A letter that a colleague added, and whose file is at the office."""
    sha256 = hashlib.sha256(content).hexdigest()
    made = Attachment(
        id=work.store.new_id(),
        visit=visit.id,
        what=what,
        type="letter",
        content=sha256[:32],
        size=len(content),
        hash=sha256,
    )
    work.store.add(made)
    desk.contents[sha256] = content
    return made


def tags(workplace: Workplace) -> dict[str, str]:
    model = workplace.visit.pane.rows.model()
    at = [model.index(number, 0) for number in range(model.rowCount())]
    return {index.data(Qt.ItemDataRole.DisplayRole): index.data(RowRole.TAG) for index in at}


def at_letters(work: Work, workplace: Workplace, visit: Visit, key: str = "") -> None:
    workplace.open_visit(visit.id)
    workplace.visit.show_step(steps.LETTERS)
    work.settle()
    if key:
        workplace.visit.open_entry(key)
        work.settle()


def part_of(workplace: Workplace) -> LetterPart:
    assert isinstance(workplace.visit._middle.part, LetterPart)
    return workplace.visit._middle.part


def carried(work: Work, qtbot: QtBot, problem: KnownError | None = None) -> None:
    with qtbot.waitSignal(work.session.carrying.ended, timeout=20_000):
        work.session.synced.emit(Synced(SyncRun("", "", 0, 0), problem, ""))
    work.settle()


@pytest.mark.parametrize("problem", [Differs(1), ManyRemovals(Removals(6, 10))])
def test_letters_go_also_where_a_person_has_something_to_settle(
    work: Work, workplace: Workplace, desk: Desk, qtbot: QtBot, problem: KnownError
) -> None:
    visit = work.visit()
    letter = added(work, visit, bytes(CHUNK), "No 1")
    desk.expected = {letter.hash: letter.size or 0}
    at_letters(work, workplace, visit, letter.id)
    carried(work, qtbot, problem)
    assert list(desk.contents) == [letter.hash]


def test_letters_do_not_go_where_the_office_was_not_reached(
    work: Work, workplace: Workplace, desk: Desk
) -> None:
    visit = work.visit()
    added(work, visit, bytes(CHUNK), "No 1")
    at_letters(work, workplace, visit)
    work.session.synced.emit(Synced(SyncRun("", "", 0, 0), unreachable(), ""))
    assert not work.session.carrying.is_under_way
    assert desk.contents == {}


def test_each_letter_says_how_far_it_is_and_the_visit_how_many_are_received(
    work: Work, workplace: Workplace, desk: Desk, qtbot: QtBot
) -> None:
    visit = work.visit()
    first, second = (added(work, visit, bytes([n]) * 3 * CHUNK, f"No {n}") for n in (1, 2))
    desk.expected = {one.hash: one.size or 0 for one in (first, second)}
    at_letters(work, workplace, visit, first.id)
    assert tags(workplace) == {"No 1": "Only here", "No 2": "Only here"}
    assert workplace.visit.pane.told.text() == "0 of 2 files received by the office"
    assert "only on this laptop" in part_of(workplace).kept.way.words.text()
    desk.cut_after = 5
    carried(work, qtbot)
    assert sorted(tags(workplace).values()) == ["2.1 of 3.1 MB", "Received"]
    assert workplace.visit.pane.told.text() == "1 of 2 files received by the office"
    desk.cut_after = None
    carried(work, qtbot)
    assert set(tags(workplace).values()) == {"Received"}
    assert workplace.visit.pane.told.text() == "2 of 2 files received by the office"
    assert part_of(workplace).kept.way.words.text() == "The office has received the file."
    assert desk.contents.keys() == {first.hash, second.hash}


def test_the_sync_page_says_how_many_files_the_office_has_and_what_stopped_them(
    work: Work, workplace: Workplace, desk: Desk, qtbot: QtBot
) -> None:
    letter = added(work, work.visit(), b"x" * 3 * CHUNK)
    desk.expected = {letter.hash: 3 * CHUNK}
    desk.cut_after = 1
    page = workplace.office
    workplace.shell.show_page("office")
    work.settle()
    carried(work, qtbot)
    assert page.files.problem.isVisible()
    assert "cannot be reached" in page.files.problem.label.text()
    assert "0 of 1 file received by the office" in words_on(page)
    desk.cut_after, desk.hold = None, threading.Event()
    with qtbot.waitSignal(work.session.carrying.told):
        work.session.carrying.start()
    assert page.files.progress.words.text() == "Sending a file: 1 MB of 3.1 MB"
    click(page.files.stop)
    desk.hold.set()
    qtbot.waitUntil(lambda: not work.session.carrying.is_under_way, timeout=20_000)
    assert page.files.isHidden()
    desk.hold = None
    carried(work, qtbot)
    assert "1 of 1 file received by the office" in words_on(page)
    assert page.files.isHidden()


def words_on(page: OfficePage) -> list[str]:
    return [label.text() for label in page.findChildren(Label)]


def test_what_is_elsewhere_is_offered_and_fetched_when_asked_for(
    work: Work, workplace: Workplace, desk: Desk, qtbot: QtBot, qapp: QApplication
) -> None:
    visit = work.visit()
    letter = elsewhere(work, visit, desk, picture_file() + b"\0" * 6 * MEGA)
    at_letters(work, workplace, visit, letter.id)
    assert tags(workplace) == {"From Jo": "Not here"}
    assert "can be fetched from the office" in part_of(workplace).kept.way.words.text()
    click(button(workplace, "Look at it"))
    offer = workplace.viewer.offer
    qtbot.waitUntil(offer.now.isVisible)
    assert offer.now.hasFocus()
    assert offer.words.text() == "It is 6 MB and can be fetched from the office."
    went_astray: list[str] = []

    def follow(_old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and workplace.shell.rail.isAncestorOf(new):
            went_astray.append(new.accessibleName())

    qapp.focusChanged.connect(follow)
    click(offer.now)
    qtbot.waitUntil(workplace.viewer.sheets.isVisible, timeout=20_000)
    qapp.focusChanged.disconnect(follow)
    assert went_astray == []
    with work.store.reading() as connection:
        assert travelling.way(connection, letter).received
    click(workplace.viewer.back)
    work.settle()
    assert tags(workplace) == {"From Jo": "Received"}


def test_a_fetch_that_is_cut_or_stopped_goes_on_where_it_was(
    work: Work, workplace: Workplace, desk: Desk, qtbot: QtBot
) -> None:
    visit = work.visit()
    letter = elsewhere(work, visit, desk, picture_file() + b"\0" * 8 * CHUNK)
    viewer = workplace.viewer
    workplace._show_letter(letter)
    qtbot.waitUntil(viewer.offer.now.isVisible)
    desk.cut_after = 3
    click(viewer.offer.now)
    qtbot.waitUntil(viewer.problem.isVisible, timeout=20_000)
    qtbot.waitUntil(viewer.offer.now.isVisible)
    assert "3.1 of 8.4 MB came already." in viewer.offer.words.text()
    desk.cut_after, desk.hold = None, threading.Event()
    click(viewer.offer.now)
    assert viewer.problem.isHidden()
    assert viewer.offer.stop.hasFocus()
    qtbot.waitUntil(lambda: "3.1 of 8.4" in viewer.offer.progress.words.text())
    click(viewer.offer.stop)
    desk.hold.set()
    qtbot.waitUntil(viewer.offer.now.isVisible, timeout=20_000)
    assert viewer.problem.isHidden()
    desk.cut_after = 8
    click(viewer.offer.now)
    qtbot.waitUntil(viewer.sheets.isVisible, timeout=20_000)


def test_what_rotted_here_is_offered_again_and_fetched(
    work: Work, workplace: Workplace, desk: Desk, qtbot: QtBot
) -> None:
    letter = elsewhere(work, work.visit(), desk, picture_file())
    viewer = workplace.viewer
    workplace._show_letter(letter)
    qtbot.waitUntil(viewer.offer.now.isVisible)
    click(viewer.offer.now)
    qtbot.waitUntil(viewer.sheets.isVisible, timeout=20_000)
    click(viewer.back)
    path = work.session.attaching.files.path(letter.content)
    rotten = bytearray(path.read_bytes())
    rotten[len(rotten) // 2] ^= 1
    path.write_bytes(rotten)
    workplace._show_letter(letter)
    qtbot.waitUntil(viewer.offer.now.isVisible, timeout=20_000)
    assert viewer.problem.isHidden()
    click(viewer.offer.now)
    qtbot.waitUntil(viewer.sheets.isVisible, timeout=20_000)


def test_what_is_at_the_office_no_more_says_so(
    work: Work, workplace: Workplace, desk: Desk, qtbot: QtBot
) -> None:
    letter = elsewhere(work, work.visit(), desk, b"Dear Kai")
    desk.contents.clear()
    workplace._show_letter(letter)
    qtbot.waitUntil(workplace.viewer.offer.now.isVisible)
    click(workplace.viewer.offer.now)
    qtbot.waitUntil(workplace.viewer.problem.isVisible, timeout=20_000)
    assert "does not have this file yet" in workplace.viewer.problem.label.text()


def test_a_small_one_comes_by_itself_after_a_sync(
    work: Work, workplace: Workplace, desk: Desk, qtbot: QtBot
) -> None:
    visit = work.visit()
    elsewhere(work, visit, desk, b"Dear Kai")
    at_letters(work, workplace, visit)
    carried(work, qtbot)
    assert tags(workplace) == {"From Jo": "Received"}


def test_a_lock_stops_what_is_under_way_and_tells_nobody(
    work: Work, desk: Desk, qtbot: QtBot
) -> None:
    letter = elsewhere(work, work.visit(), desk, b"\0" * 8 * CHUNK)
    desk.hold = threading.Event()
    said: list[object] = []
    carrying = work.session.carrying
    carrying.fetch(letter.id, said.append, said.append, said.append)
    carrying.start()
    work.session.close()
    desk.hold.set()
    qtbot.waitUntil(lambda: not carrying._fetching and not carrying.is_under_way, timeout=20_000)
    assert said == []
    with work.store.reading() as connection:
        assert not travelling.way(connection, letter).received


@pytest.mark.parametrize(
    ("size", "scale"),
    [((1366, 768), 1.0), ((1366, 768), 2.0), ((683, 384), 1.0)],
    ids=["laptop", "laptop at 200 %", "small"],
)
def test_on_any_screen_nothing_of_it_is_cut_off(
    work: Work,
    workplace: Workplace,
    desk: Desk,
    qtbot: QtBot,
    qapp: QApplication,
    size: tuple[int, int],
    scale: float,
) -> None:
    visit = work.visit()
    added(work, visit, b"x" * 3 * CHUNK)
    letter = elsewhere(work, visit, desk, b"\0" * 8 * CHUNK)
    apply(qapp, ThemeName.LIGHT, scale)
    workplace.resize(*size)
    at_letters(work, workplace, visit, letter.id)
    found = findings(workplace)
    workplace._show_letter(letter)
    qtbot.waitUntil(lambda: workplace.viewer.offer.words.height() > 0)
    found += findings(workplace)
    assert found == []


def findings(workplace: Workplace) -> list[str]:
    return (
        clipped(workplace)
        + beyond_reach(workplace)
        + nameless(workplace.shell)
        + small_targets(workplace)
    )


# Words


@pytest.mark.parametrize(
    ("where", "way", "tag", "kind"),
    [
        (Where.HERE, Way(12 * MEGA), "Only here", TagKind.WARN),
        (Where.HERE, Way(12 * MEGA, 3 * MEGA), "3 of 12 MB", TagKind.WARN),
        (Where.HERE, Way(12 * MEGA, 12 * MEGA, received=True), "Received", TagKind.OK),
        (Where.ELSEWHERE, Way(12 * MEGA, can_fetch=True), "Not here", TagKind.NEUTRAL),
        (Where.ELSEWHERE, Way(12 * MEGA), "Not here", TagKind.NEUTRAL),
        (Where.LOST, Way(12 * MEGA), "Damaged", TagKind.BAD),
        (Where.LOST, Way(12 * MEGA, received=True), "Damaged", TagKind.BAD),
    ],
)
def test_every_state_has_words_a_tag_and_an_icon(
    where: Where, way: Way, tag: str, kind: TagKind
) -> None:
    said = told(where, way)
    assert (said.tag, said.kind) == (tag, kind)
    assert said.icon
    assert said.words.endswith(".")


def test_numbers_are_said_as_people_say_them() -> None:
    assert of(3 * MEGA, 12 * MEGA) == "3 of 12 MB"
    assert of(64_000, 12 * MEGA) == "64 KB of 12 MB"
    assert counted(Count(0, 0)) == ""
    assert counted(Count(1, 1)) == "1 of 1 file received by the office"
    assert counted(Count(3, 4)) == "3 of 4 files received by the office"
