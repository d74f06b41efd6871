"""Notices across the top of the window. Long ones scroll: the page below keeps its room."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hah_desktop.ui.kit.blocks import Notice, Scroller
from hah_desktop.ui.parts.telling import tell

MOST = 0.3
"""The part of the window's height that notices may take."""


class NoticeStrip(Scroller):
    """Two notices: what went wrong last, and what is to be known about this laptop."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._content = QWidget()
        super().__init__(self._content, parent)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Notices")
        self.trouble = Notice("", "warn", dismissable=True)
        self.laptop = Notice("", "info", dismissable=True)
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for notice in (self.trouble, self.laptop):
            column.addWidget(notice)
            notice.hide()
            notice.dismissed.connect(self._fit)
        self._content.installEventFilter(self)
        self._fit()

    def say(self, words: str) -> None:
        """Say what went wrong, in place of what was said before; no words take it away."""
        self._tell(self.trouble, words)

    def say_of_laptop(self, words: str) -> None:
        """Say what is to be known about this laptop, too; it stays until it is dismissed."""
        before = "" if self.laptop.isHidden() else f"{self.laptop.label.text()}\n"
        self._tell(self.laptop, before + words)

    def _tell(self, notice: Notice, words: str) -> None:
        if words or not notice.isHidden():
            # Shown first: what is out of sight is not read out.
            self.show()
            tell(notice, words)
        self._fit()

    def _fit(self) -> None:
        said = [notice for notice in (self.trouble, self.laptop) if not notice.isHidden()]
        self.setVisible(bool(said))
        layout, window = self._content.layout(), self.parentWidget()
        if layout is None or window is None or not said:
            return
        layout.activate()
        wanted = layout.totalHeightForWidth(self.viewport().width())
        least = max(notice.minimumSizeHint().height() for notice in said)
        self.setFixedHeight(min(wanted, max(least, round(window.height() * MOST))))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Take another height where the words wrap otherwise."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Follow what the words need."""
        if watched is self._content and event.type() is QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)
