"""Every size and theme: nothing clipped, nothing nameless, nothing too small to hit."""

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from hah_desktop.seals import letters
from hah_desktop.ui.kit.order import reading_order
from hah_desktop.ui.kit.page import Page
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.screens.set_up import EnrolScreen
from hah_desktop.ui.screens.unlock import UnlockScreen
from tests.ui.kit.audit import (
    beyond_reach,
    clipped,
    nameless,
    places_in_order,
    small_targets,
)
from tests.ui.kit.gallery import window

SIZES = [
    pytest.param(1366, 768, 1.0, id="laptop"),
    pytest.param(1366, 768, 1.5, id="laptop, text at 150 %"),
    pytest.param(1366, 768, 2.0, id="laptop, text at 200 %"),
    pytest.param(1093, 614, 1.0, id="screen at 125 %"),
    pytest.param(910, 512, 1.0, id="screen at 150 %"),
    pytest.param(683, 384, 1.0, id="screen at 200 %"),
]


def settle(qtbot: QtBot, qapp: QApplication, root: QWidget, width: int, height: int) -> None:
    qtbot.addWidget(root)
    root.resize(width, height)
    with qtbot.waitExposed(root):
        root.show()
    for _ in range(5):
        qapp.processEvents()


def findings(root: QWidget) -> list[str]:
    return clipped(root) + beyond_reach(root) + nameless(root) + small_targets(root)


@pytest.mark.parametrize("theme", list(ThemeName))
@pytest.mark.parametrize(("width", "height", "scale"), SIZES)
def test_a_full_page_clips_nothing_and_names_everything(
    qtbot: QtBot, qapp: QApplication, theme: ThemeName, width: int, height: int, scale: float
) -> None:
    apply(qapp, theme, scale)
    made = window()
    made.form.summary.show_problems(made.problems())
    made.page.show_form()
    settle(qtbot, qapp, made.shell, width, height)
    assert findings(made.shell) == []


@pytest.mark.parametrize(("width", "height", "scale"), SIZES)
def test_a_switch_of_text_size_in_an_open_window_clips_nothing(
    qtbot: QtBot, qapp: QApplication, width: int, height: int, scale: float
) -> None:
    made = window()
    made.page.show_form()
    settle(qtbot, qapp, made.shell, width, height)
    apply(qapp, ThemeName.DARK, scale)
    for _ in range(5):
        qapp.processEvents()
    assert findings(made.shell) == []


@pytest.mark.parametrize(("width", "height", "scale"), SIZES)
def test_the_screens_before_the_work_clip_nothing(
    qtbot: QtBot, qapp: QApplication, width: int, height: int, scale: float
) -> None:
    apply(qapp, ThemeName.LIGHT, scale)
    for screen in (UnlockScreen(), EnrolScreen(lambda _words: ["Use more words"], letters.read)):
        screen.show_problem("That did not work. Nothing was changed.")
        settle(qtbot, qapp, screen, width, height)
        assert findings(screen) == []


def test_the_tab_key_goes_down_the_page_and_not_to_and_fro(
    qtbot: QtBot, qapp: QApplication
) -> None:
    made = window()
    settle(qtbot, qapp, made.shell, 1366, 768)
    form = places_in_order(made.shell, reading_order(made.form.column))
    rows = [row for row, _left in form]
    assert rows == sorted(rows)


def test_the_audit_finds_what_is_wrong(qtbot: QtBot, qapp: QApplication) -> None:
    bad = Page("A bad page")
    for number in range(2):
        label = QLabel("Words that need far more room", bad)
        label.setGeometry(0, number * 10, 20, 5)
    button = QPushButton("", bad)
    button.setGeometry(-30, 0, 10, 10)
    settle(qtbot, qapp, bad, 600, 400)
    assert any("needs" in found for found in clipped(bad))
    assert any("sticks out" in found for found in clipped(bad))
    assert beyond_reach(bad)
    assert small_targets(bad)
