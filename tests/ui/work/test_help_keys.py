"""The keys that the help names and the keys that the program has are the same."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut

import hah_desktop.ui
from hah_desktop.ui.everywhere import COVER_KEYS, HELP_KEYS, LOCK_KEYS
from hah_desktop.ui.help.parts import PARTS, markdown
from tests.ui.work.at_window import User

OF_QT = {"Tab", "Shift+Tab", "Space", "Ctrl+C", "Ctrl+V", "Ctrl+X", "Ctrl+Z"}
"""What every window and text of Qt’s does by itself; nowhere written in the program."""
OF_TYPING = {"Del", "B", "L"}
"""One helps to type a code, the others stand with Ctrl in what is compared beside them."""


def named(*parts: str) -> set[str]:
    return {key for part in parts for key in re.findall(r"`([^`]+)`", markdown(part))}


def pressed_for() -> set[str]:
    """Keys that a widget of the program acts on when it is the one that has the keyboard."""
    folder = Path(next(iter(hah_desktop.ui.__path__)))
    sources = " ".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    keys = {Qt.Key[name] for name in re.findall(r"Qt\.Key\.(Key_\w+)", sources)}
    words = {QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText) for key in keys}
    return words - OF_TYPING - {"Return"}


@pytest.fixture
def shortcuts(user: User) -> set[str]:
    """Every shortcut of the unlocked program and of its help, as it is written in words."""
    user.unlock()
    user.window.inside.helping.open()
    found = [shortcut.key() for shortcut in user.window.findChildren(QShortcut)]
    found += [QKeySequence(keys) for keys in (*COVER_KEYS, *LOCK_KEYS, *HELP_KEYS)]
    return {keys.toString(QKeySequence.SequenceFormat.PortableText) for keys in found}


def test_every_shortcut_of_the_program_stands_in_the_help(shortcuts: set[str]) -> None:
    assert {"F1", "F8", "Ctrl+S", "Ctrl+F", "Ctrl++", "Ctrl+P"} <= shortcuts
    assert (shortcuts | pressed_for()) - named("keys") == set()


def test_every_key_in_the_help_is_one_of_the_program(shortcuts: set[str]) -> None:
    assert named(*PARTS) - shortcuts - pressed_for() - OF_QT == set()


def test_every_key_that_is_named_anywhere_is_in_the_list_of_all_keys() -> None:
    assert named(*PARTS) == named("keys")
