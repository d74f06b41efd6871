"""Joins the parts: the only module that knows them all."""

import argparse
import datetime as dt
import os
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication

from hah_desktop.laptop import hardening, machine
from hah_desktop.laptop.folder import Laptop
from hah_desktop.resources import code_list
from hah_desktop.ui import traces
from hah_desktop.ui.background import Background
from hah_desktop.ui.kit import theme
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.leaving import Leaving, WindowsLeaving
from hah_desktop.ui.window import PRODUCT, Window


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


def trust_of(certificate: Path | None) -> ssl.SSLContext | None:
    """Trust in the office's own certificate authority alone; the system's where none is given."""
    return ssl.create_default_context(cafile=certificate) if certificate else None


def make_window(app: QApplication, laptop: Laptop) -> Window:
    """The window over one laptop folder, in the house look."""
    app.setApplicationName(PRODUCT)
    app.setApplicationDisplayName(PRODUCT)
    traces.leave_none()
    theme.apply(app, ThemeName.LIGHT)
    return Window(app, laptop, Background(), code_list)


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
        help="the certificate authority of the office, if it has one of its own",
    )
    return parser.parse_args(given)


def main(given: Sequence[str]) -> int:
    """Run the program until its window is closed."""
    hardening.harden()
    said = arguments(given)
    app = QApplication([PRODUCT])
    laptop = Laptop(said.data, now, trust_of(said.office_certificate))
    window = make_window(app, laptop)
    window.hear(leaving(app, window))
    window.look_at_machine = machine.warnings
    hardening.watch(window.stumbled.emit)
    window.resize(1366, 768)
    window.show()
    return app.exec()
