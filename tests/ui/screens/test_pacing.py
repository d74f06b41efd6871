"""Syncs that nobody asked for: when they come, and that they stay quiet when they cannot help."""

import pytest
from pytestqt.qtbot import QtBot

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.exchange import outbox
from hah_desktop.store.exchange.outbox import SyncRun
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.store.store import Store
from hah_desktop.sync import pace
from hah_desktop.sync.errors import OtherOffice
from hah_desktop.ui.pacing import Pacing
from hah_desktop.ui.session import Session
from tests.ui.screens.lines import OfficeLine

VISIT = Visit(id=RecordId("visit"), met_by="T. Lark")


class Hand:
    """Seconds and a network that a test changes."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.network = "home"


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def pacing(in_memory: Session, hand: Hand) -> Pacing:
    made = Pacing(
        in_memory, clock=lambda: hand.seconds, chance=lambda: 1.0, network=lambda: hand.network
    )
    # The test looks instead, when it has moved the hand.
    made._timer.stop()
    return made


def synced(pacing: Pacing, hand: Hand, qtbot: QtBot, after_s: float) -> None:
    """Let so many seconds pass, and see that a sync comes of it."""
    hand.seconds += after_s
    with qtbot.waitSignal(pacing._session.synced):
        pacing.look()


def runs(store: Store) -> list[SyncRun]:
    with store.reading() as connection:
        return outbox.runs(connection)


def test_a_sync_comes_by_itself_a_few_seconds_after_unlocking(
    pacing: Pacing, hand: Hand, store: Store, qtbot: QtBot
) -> None:
    store.add(VISIT)
    pacing.look()
    assert not pacing._session.is_syncing
    synced(pacing, hand, qtbot, pace.AFTER_UNLOCKING_S)
    assert [(run.sent, run.problem) for run in runs(store)] == [(1, "")]


def test_what_is_saved_is_sent_by_itself(
    pacing: Pacing, hand: Hand, store: Store, qtbot: QtBot
) -> None:
    synced(pacing, hand, qtbot, pace.AFTER_UNLOCKING_S)
    with qtbot.waitSignal(pacing._session.changed):
        pacing._session.save([Edited(VISIT, NOTHING)])
    synced(pacing, hand, qtbot, pace.QUIET_S)
    assert runs(store)[0].sent == 1


def test_an_office_out_of_reach_is_asked_for_in_silence_until_it_is_there(
    pacing: Pacing, hand: Hand, store: Store, line: OfficeLine, qtbot: QtBot
) -> None:
    told: list[KnownError] = []
    pacing._session.trouble.connect(told.append)
    line.is_down = True
    synced(pacing, hand, qtbot, pace.AFTER_UNLOCKING_S)
    for tries in range(2, 8):
        hand.seconds += pace.LONGEST_PAUSE_S
        pacing.look()
        qtbot.waitUntil(lambda: not pacing.pace.is_busy)
        assert line.asked == tries
    assert (len(runs(store)), told) == (1, [])
    line.is_down = False
    synced(pacing, hand, qtbot, pace.LONGEST_PAUSE_S)
    assert runs(store)[0].problem == ""


def test_another_network_is_tried_at_once(
    pacing: Pacing, hand: Hand, line: OfficeLine, qtbot: QtBot
) -> None:
    line.is_down = True
    synced(pacing, hand, qtbot, pace.AFTER_UNLOCKING_S)
    for _ in range(9):
        pacing.pace = pacing.pace.has_ended(hand.seconds, pace.Ending.PASSING, 0.0, 1.0)
    line.is_down = False
    hand.network = "office"
    pacing.look()
    synced(pacing, hand, qtbot, pace.FIRST_PAUSE_S)
    assert pacing.pace.ended is pace.Ending.WELL


def test_a_person_need_not_wait_for_it(
    pacing: Pacing, hand: Hand, line: OfficeLine, qtbot: QtBot
) -> None:
    line.is_down = True
    synced(pacing, hand, qtbot, pace.AFTER_UNLOCKING_S)
    line.is_down = False
    with qtbot.waitSignal(pacing._session.synced):
        pacing._session.sync()
    assert pacing.pace.ended is pace.Ending.WELL


def test_what_only_a_person_can_mend_is_told_once_and_tried_seldom(
    pacing: Pacing, hand: Hand, line: OfficeLine, qtbot: QtBot
) -> None:
    told: list[KnownError] = []
    pacing._session.trouble.connect(told.append)
    line.says_no = OtherOffice()
    synced(pacing, hand, qtbot, pace.AFTER_UNLOCKING_S)
    hand.seconds += pace.EVERY_S
    pacing.look()
    assert not pacing._session.is_syncing
    synced(pacing, hand, qtbot, pace.SELDOM_S)
    assert told == [line.says_no]


def test_nothing_is_tried_once_the_program_is_locked(
    pacing: Pacing, hand: Hand, line: OfficeLine
) -> None:
    pacing.stop()
    pacing._session.close()
    hand.seconds += pace.SELDOM_S
    pacing.look()
    pacing._session.sync()
    assert (line.asked, pacing._session.is_syncing) == (0, False)
