"""The column of a page, with room for words that wrap."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from hah_desktop.ui.kit.blocks import FormColumn


def column_of(*parts: QWidget) -> FormColumn:
    """The parts below one another in a form's column."""
    column = FormColumn()
    # A layout that is aligned takes the height of unwrapped words for all that it will ever need.
    column.body.setAlignment(Qt.AlignmentFlag(0))
    for part in parts:
        column.add(part)
    column.body.addStretch(1)
    return column
