"""Somebody who types into a real form without a pause, run as a process of its own to be killed.

It says on its output what it did, each with so many characters: `typed`, then `asked` when the
form gives a draft to be kept, `kept` once it is, and `saved`.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.records.base import Section
from hah_desktop.domain.records.visit import Visit
from hah_desktop.resources import code_list
from hah_desktop.store.journal import drafts, reading
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.reading import Held, Transaction
from hah_desktop.store.store import Store
from hah_desktop.sync.client import Office
from hah_desktop.ui.background import Background
from hah_desktop.ui.forms.record_form import RecordForm
from hah_desktop.ui.kit import theme
from hah_desktop.ui.kit.tokens import ThemeName
from hah_desktop.ui.session import Session
from tests.faults.plain import RUTH, raw_key, real_now

EVERY_MS = 4
SAVE_AFTER = 150
IMPRESSION = Section("General impression", ("impression",))
WORDS = "It is loud at night. "


def written(count: int) -> str:
    """What was typed after so many characters."""
    return (WORDS * (count // len(WORDS) + 1))[:count]


class Telling(Session):
    """A session that says what it is asked to keep, and when it has."""

    def keep_draft(self, draft: Draft, failed: Callable[[KnownError], None] | None = None) -> None:
        count = len(str(draft.body["impression"]))
        say(f"asked {count}")
        super().keep_draft(draft, failed)
        # The lane of the store does one after the other: this comes when the draft is there.
        self.keep(lambda _connection: None, lambda _none: say(f"kept {count}"))


class Typist:
    """The form, and the hand that types into it."""

    def __init__(self, folder: Path, visit: str) -> None:
        self._visit = visit
        store = Store.open(folder / "records.db", raw_key, real_now)
        self.session = Telling(
            store, Background(), code_list, RUTH, lambda _who: Office("http://127.0.0.1:1")
        )
        self.form = RecordForm(self.session, Visit, (IMPRESSION,))
        self._typed = self._saved = 0
        self.form.saved.connect(lambda: say(f"saved {self._saved}"))
        self.session.changed.connect(lambda _records: self.refresh())
        self._keys = QTimer(interval=EVERY_MS)
        self._keys.timeout.connect(self._type)

    def refresh(self) -> None:
        """Show what is held, as the workspace does."""
        self.session.read(self._read, lambda found: self.form.show_held(*found))

    def _read(self, connection: Transaction) -> tuple[Held, Draft | None]:
        held = reading.get(connection, self._visit)
        if held is None:
            raise LookupError(self._visit)
        return held, drafts.get(connection, self._visit)

    def begin(self) -> None:
        """Load the form, then type."""
        with self.session.store.reading() as connection:
            self.form.load(*self._read(connection))
        self.form.show()
        self._keys.start()

    def _type(self) -> None:
        area = self.form.field("impression").control
        if not isinstance(area, QPlainTextEdit):
            raise TypeError("the general impression is typed into an area")
        QTest.keyClicks(area, written(self._typed + 1)[-1])
        self._typed += 1
        say(f"typed {self._typed}")
        if self._typed % SAVE_AFTER == 0:
            self._saved = self._typed
            self.form.save()


def say(words: str) -> None:
    """Tell the parent, at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main(folder: Path, visit: str) -> int:
    app = QApplication(["typist"])
    theme.apply(app, ThemeName.LIGHT)
    typist = Typist(folder, visit)
    typist.begin()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
