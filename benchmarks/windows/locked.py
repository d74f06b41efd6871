"""The program's own start, as `python -m hah_desktop` makes it, up to the painted lock screen."""

import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from benchmarks.windows.painted import FirstPaint
from hah_desktop.app import open_at
from hah_desktop.ui.kit.rail import PRODUCT

if __name__ == "__main__":
    app = QApplication([PRODUCT])
    window = open_at(app, Path(sys.argv[1]), None)
    first = FirstPaint(window.unlock_screen)
    window.resize(1366, 768)
    window.show()
    code = app.exec()
    window.close()
    sys.exit(code)
