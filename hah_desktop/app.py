"""Joins the parts: the only module that knows them all.

It paints the lock screen first. What unlocking takes (SQL, PDF, the network) is imported after
that, in `folder_of` and `behind` and nowhere else, while the person types.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from hah_desktop.laptop import first_look, hardening, machine
from hah_desktop.resources import code_list
from hah_desktop.ui import traces
from hah_desktop.ui.background import Background
from hah_desktop.ui.kit import theme
from hah_desktop.ui.kit.rail import PRODUCT
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.leaving import Leaving, WindowsLeaving
from hah_desktop.ui.window import Window

if TYPE_CHECKING:
    from hah_desktop.laptop.folder import Laptop
    from hah_desktop.ui.window import MakeInside


def now() -> dt.datetime:
    """The laptop's wall clock, with the zone it stands in."""
    return dt.datetime.now(dt.UTC).astimezone()


def default_folder() -> Path:
    """Where this system keeps a program's data for the person who is signed in."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share"))
    return base / "help-at-hand"


def locked_window(app: QApplication) -> Window:
    """The window with its lock screen and nothing behind it, in the house look."""
    app.setApplicationName(PRODUCT)
    app.setApplicationDisplayName(PRODUCT)
    traces.leave_none()
    theme.apply(app, ThemeName.LIGHT)
    return Window(app, Background())


def folder_of(path: Path, certificate: Path | None) -> Laptop:
    """The laptop folder; `certificate` is the office's to whoever is set up there."""
    from hah_desktop.laptop.folder import Laptop  # noqa: PLC0415 - after the first paint

    return Laptop(path, now, certificate)


def behind(laptop: Laptop) -> MakeInside:
    """What is behind the lock screen of one laptop folder."""
    from hah_desktop.ui.inside import Inside  # noqa: PLC0415 - after the first paint

    return partial(Inside, laptop, code_list)


def make_window(app: QApplication, laptop: Laptop) -> Window:
    """The window over one laptop folder, with all that is behind its lock screen."""
    window = locked_window(app)
    window.furnish(behind(laptop))
    return window


def open_at(app: QApplication, path: Path, certificate: Path | None) -> Window:
    """The window over a folder: where it shows the lock screen first, it does so at once."""

    def load() -> MakeInside:
        return behind(folder_of(path, certificate))

    window = locked_window(app)
    if first_look.is_just_locked(path):
        window.furnish_once_painted(load)
    else:
        window.furnish(load())
    return window


def leaving(app: QApplication, window: Window) -> Leaving:
    """What this system tells of a person who leaves."""
    heard = Leaving(window)
    if sys.platform == "win32":
        heard = WindowsLeaving(app, window)
    if sys.platform == "linux":
        from PySide6.QtDBus import QDBusConnection  # noqa: PLC0415 - no other system has it

        from hah_desktop.ui.logind import LinuxLeaving  # noqa: PLC0415 - as above

        heard = LinuxLeaving(QDBusConnection.systemBus(), QDBusConnection.sessionBus(), window)
    return heard


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """What may be said on the command line."""
    parser = argparse.ArgumentParser(
        prog="hah-desktop",
        description="Record visits to children, offline and encrypted; sync with the office.",
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=default_folder(),
        metavar="FOLDER",
        help="the folder of the encrypted database (default: %(default)s)",
    )
    parser.add_argument(
        "--office-certificate",
        type=Path,
        metavar="FILE",
        help="the certificate authority of the office, if it has one of its own; once a laptop "
        "is set up it keeps that and follows no other",
    )
    return parser.parse_args(given)


def main(given: Sequence[str]) -> int:
    """Run the program until its window is closed."""
    hardening.harden()
    said = arguments(given)
    app = QApplication([PRODUCT])
    window = open_at(app, said.data, said.office_certificate)
    window.hear(leaving(app, window))
    window.look_at_machine = machine.warnings
    hardening.watch(window.stumbled.emit)
    window.resize(1366, 768)
    window.show()
    return app.exec()
