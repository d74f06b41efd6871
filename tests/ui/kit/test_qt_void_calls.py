"""The door that keeps a broken PySide6 out: 6.12.0 dies on Python 3.11 after thousands of calls."""

import os
import subprocess
import sys

CALLS = """
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
label, image = QLabel(), QImage(8, 8, QImage.Format.Format_RGB32)
painter = QPainter(image)
for number in range(50_000):
    label.setText("words")
    label.resize(10, 10)
    painter.setPen(QColor("black"))
    painter.drawPoint(1, 1)
painter.end()
"""


def test_two_hundred_thousand_calls_that_return_nothing_do_not_abort() -> None:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    ended = subprocess.run(
        [sys.executable, "-c", CALLS],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
