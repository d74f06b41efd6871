"""The least that a window in Python can be: what our start is compared to."""

import sys

from PySide6.QtWidgets import QApplication, QWidget

from benchmarks.windows.painted import FirstPaint

if __name__ == "__main__":
    app = QApplication(["empty"])
    window = QWidget()
    window.resize(1366, 768)
    first = FirstPaint(window)
    window.show()
    sys.exit(app.exec())
