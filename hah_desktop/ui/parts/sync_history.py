"""The last syncs: a row for each, and everything about the one that is opened."""

import datetime as dt
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex

from hah_desktop.store.exchange.outbox import SyncRun
from hah_desktop.ui.kit.access import announce
from hah_desktop.ui.kit.blocks import Card, SummaryList, SummaryRow
from hah_desktop.ui.kit.labels import Label, TextKind
from hah_desktop.ui.parts.sync_words import in_full, in_short
from hah_desktop.ui.parts.text_table import TextTable
from hah_desktop.ui.parts.words import when


class SyncHistory(Card):
    """When, what went each way, how it ended; Enter or a click opens a row below the table."""

    def __init__(self) -> None:
        super().__init__("The last syncs")
        self._runs: Sequence[SyncRun] = ()
        self._now = dt.datetime.min.replace(tzinfo=dt.UTC)
        self._open = ""
        self.table = TextTable(
            "The last syncs", ("Began", "Sent", "Fetched", "How it ended"), (190, 80, 84)
        )
        self.detail = SummaryList()
        self.add(Label("Choose one to read all about it.", TextKind.MUTED))
        self.add(self.table)
        self.add(self.detail)
        self.detail.hide()
        self.table.opened.connect(self._opened)
        self.table.clicked.connect(self._opened)

    def show_runs(self, runs: Sequence[SyncRun], now: dt.datetime) -> None:
        """Show these, the newest first; the card hides when there are none."""
        chosen = self.table.currentIndex().row()
        kept = self._runs[chosen].started if 0 <= chosen < len(self._runs) else ""
        self._runs, self._now = runs, now
        self.setVisible(bool(runs))
        self.table.set_rows(
            [
                (when(run.started, now), f"{run.sent:,}", f"{run.received:,}", in_short(run))
                for run in runs
            ]
        )
        self.table.choose_row(next((n for n, r in enumerate(runs) if r.started == kept), -1))
        self._show_detail()

    def _opened(self, index: QModelIndex) -> None:
        run = self._runs[index.row()]
        self._open = run.started
        self._show_detail()
        announce(
            self.detail, ". ".join(f"{name}: {said}" for name, said in in_full(run, self._now))
        )

    def _show_detail(self) -> None:
        run = next((one for one in self._runs if one.started == self._open), None)
        self.detail.setVisible(run is not None)
        if run is not None:
            self.detail.set_rows([SummaryRow(*row) for row in in_full(run, self._now)])
