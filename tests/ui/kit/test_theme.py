"""The look switches while windows are open."""

from string import Template

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hah_desktop.ui.kit.assets import FONTS, ICONS, RESOURCES, STYLE
from hah_desktop.ui.kit.buttons import PrimaryButton
from hah_desktop.ui.kit.icons import icon
from hah_desktop.ui.kit.look import FAMILY, Look
from hah_desktop.ui.kit.theme import apply, style_sheet
from hah_desktop.ui.kit.tokens import ThemeName
from tests.ui.kit.gallery import window


@pytest.mark.parametrize("theme", list(ThemeName))
def test_an_open_window_takes_the_new_colours(
    qtbot: QtBot, qapp: QApplication, theme: ThemeName
) -> None:
    button = PrimaryButton("Save and continue")
    qtbot.addWidget(button)
    button.resize(200, 40)
    button.show()
    look = apply(qapp, theme)
    ground = button.grab().toImage().pixelColor(10, 20)
    assert ground.name().upper() == look.colours.accent


def settle(qapp: QApplication) -> None:
    # One layout asks for the next: a few rounds until nothing moves.
    for _ in range(5):
        qapp.processEvents()


def test_switching_back_gives_the_same_picture(qtbot: QtBot, qapp: QApplication) -> None:
    shell = window().shell
    qtbot.addWidget(shell)
    shell.resize(1366, 768)
    with qtbot.waitExposed(shell):
        shell.show()
    shell.rail.item("visits").setFocus(Qt.FocusReason.TabFocusReason)
    settle(qapp)
    before = shell.grab().toImage()
    apply(qapp, ThemeName.DARK, 1.5)
    settle(qapp)
    apply(qapp, ThemeName.LIGHT, 1.0)
    settle(qapp)
    assert shell.grab().toImage() == before


def test_text_size_is_kept_between_100_and_200_percent(look: Look) -> None:
    look.choose(ThemeName.LIGHT, 3.0)
    assert look.scale == 2.0
    look.choose(ThemeName.LIGHT, 0.5)
    assert look.scale == 1.0


def test_the_program_brings_its_own_font(qapp: QApplication) -> None:
    assert FAMILY in QFontDatabase.families()
    assert qapp.font().family() == FAMILY


def test_the_font_has_four_weights_and_italics() -> None:
    names = {path.stem.partition("-")[2] for path in FONTS.glob("*.ttf")}
    assert {"Regular", "Medium", "SemiBold", "Bold", "Italic"} <= names


@pytest.mark.parametrize("theme", list(ThemeName))
def test_the_style_sheet_names_only_colours_that_exist(look: Look, theme: ThemeName) -> None:
    look.choose(theme, 1.25)
    assert "$" not in style_sheet(look)


def test_the_style_sheet_holds_no_colour_of_its_own() -> None:
    template = Template((STYLE / "app.qss").read_text(encoding="utf-8"))
    assert template.is_valid()
    rules = [line for line in template.template.splitlines() if not line.startswith("/*")]
    assert not [line for line in rules if "#" in line]


def test_palette_and_theme_agree(qapp: QApplication, look: Look) -> None:
    window_colour = qapp.palette().color(QPalette.ColorRole.Window)
    assert window_colour == look.colour("app")


def test_every_icon_draws_in_the_colour_asked_for(look: Look) -> None:
    for path in sorted(ICONS.glob("*.svg")):
        picture = icon(path.stem, "accent").pixmap(24, 24).toImage()
        solid = [
            picture.pixelColor(x, y).name()
            for x in range(24)
            for y in range(24)
            if picture.pixelColor(x, y).alpha() == 255
        ]
        assert solid, path.stem
        assert set(solid) == {look.colour("accent").name()}, path.stem


def test_an_icon_is_sharp_on_a_dense_screen() -> None:
    picture = icon("lock").pixmap(QSize(24, 24), 2.0)
    assert picture.width() == 48
    assert picture.devicePixelRatio() == 2.0


def test_an_unknown_icon_is_an_error() -> None:
    with pytest.raises(OSError, match="no-such-icon"):
        icon("no-such-icon")


def test_fonts_and_icons_come_with_their_licences() -> None:
    names = {path.name for path in (RESOURCES / "licences").iterdir()}
    assert {"atkinson-hyperlegible-next.OFL.txt", "lucide.ISC.txt"} <= names
