"""Files that somebody may have scanned, drawn or been sent: all of them invented."""

import io
import zlib
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage, QImageWriter
from PySide6.QtPrintSupport import QPrinter
from reportlab.pdfgen.canvas import Canvas

WORDS = "Rota of the night staff: R. Fern, one waking adult."


def picture_file(kind: str = "PNG", wide: int = 60, high: int = 40) -> bytes:
    """A picture of one colour."""
    image = QImage(wide, high, QImage.Format.Format_RGB888)
    image.fill(QColor("#b5523b"))
    device = QBuffer()
    device.open(QIODevice.OpenModeFlag.WriteOnly)
    assert QImageWriter(device, QByteArray(kind.encode())).write(image)
    return bytes(device.data().data())


def bomb(wide: int, high: int) -> bytes:
    """A picture of a few bytes that says it is as large as that."""
    sides = wide.to_bytes(4) + high.to_bytes(4)
    header = _chunk(b"IHDR", sides + b"\x08\x02\x00\x00\x00")
    return b"\x89PNG\r\n\x1a\n" + header + _chunk(b"IDAT", zlib.compress(bytes(64)))


def printer_to(path: Path) -> QPrinter:
    """A printer that prints into a file."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(path))
    return printer


def _chunk(name: bytes, content: bytes) -> bytes:
    told = name + content
    return len(content).to_bytes(4) + told + zlib.crc32(told).to_bytes(4)


def pdf_file(pages: int = 1, size: tuple[float, float] = (595, 842)) -> bytes:
    """A PDF with words on every page."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size)
    for number in range(1, pages + 1):
        canvas.drawString(72, size[1] - 72, f"{WORDS} Sheet {number}.")
        canvas.showPage()
    canvas.save()
    return out.getvalue()
