"""Nobody at the keys: counted by the wall clock, which goes on while the laptop sleeps."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.ui.idle import Idle
from hah_desktop.ui.kit.inputs import TextLine
from tests.ui.kit.hands import press

AFTER_S = 300


class Watch:
    """The counting, a clock set by hand, and how often it was said that nobody is there."""

    def __init__(self, app: QApplication) -> None:
        self.now = 1000.0
        self.gone = 0
        self.left: list[int] = []
        self.idle = Idle(app, AFTER_S, wall=lambda: self.now)
        self.idle.gone.connect(self._went)
        self.idle.left.connect(self.left.append)
        self.idle.start()

    def _went(self) -> None:
        self.gone += 1

    def pass_by(self, seconds: float) -> None:
        """Let time pass, looking every twenty seconds."""
        end = self.now + seconds
        while self.now < end:
            self.now += min(20, end - self.now)
            self.idle.tick()


@pytest.fixture
def watch(qapp: QApplication) -> Watch:
    return Watch(qapp)


def test_nobody_for_the_whole_time_is_noticed_at_its_end(watch: Watch) -> None:
    watch.pass_by(AFTER_S - 1)
    assert watch.gone == 0
    watch.pass_by(1)
    assert watch.gone == 1


def test_a_key_anywhere_begins_the_count_anew(watch: Watch, qtbot: QtBot) -> None:
    line = TextLine()
    qtbot.addWidget(line)
    for _ in range(10):
        watch.pass_by(AFTER_S - 20)
        press(line, Qt.Key.Key_A)
    assert watch.gone == 0


def test_a_gap_in_time_is_taken_for_sleep(watch: Watch) -> None:
    watch.now += 45
    watch.idle.tick()
    assert watch.gone == 1


def test_a_clock_that_is_turned_back_does_not_stop_the_count(watch: Watch) -> None:
    watch.now -= 3600
    watch.idle.tick()
    watch.pass_by(AFTER_S)
    assert watch.gone == 1


def test_another_length_of_time_counts_at_once(watch: Watch) -> None:
    watch.idle.set_after(60)
    watch.pass_by(60)
    assert watch.gone == 1


def test_the_seconds_left_are_told(watch: Watch) -> None:
    watch.pass_by(60)
    assert watch.left == [280, 260, 240]
