"""Pictures that somebody else made, from memory: only known kinds, only of a bearable size."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QImage, QImageReader

from hah_desktop.documents.foreign import NotShown
from hah_desktop.domain.media import PICTURES

MOST_PIXELS = 120_000_000
"""What a large scanner or camera makes. A file of a few bytes may claim a thousand times as many,
and would fill the memory of the laptop."""

SHOWN_PIXELS = 16_000_000
"""More is not seen on a screen: a larger picture is made smaller before it is kept in memory."""

_MEGABYTES = 512


def picture(content: bytes, kind: str) -> QImage:
    """The picture, turned upright, no larger than is worth showing. Raises NotShown."""
    if kind not in PICTURES:
        raise _not_shown("This kind of file cannot be shown here.")
    device = QBuffer()
    device.setData(QByteArray(content))
    device.open(QIODevice.OpenModeFlag.ReadOnly)
    # The kind is given and never guessed: some kinds of picture may fetch other files.
    reader = QImageReader(device, QByteArray(kind.removeprefix("image/").encode()))
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    QImageReader.setAllocationLimit(_MEGABYTES)
    size = reader.size()
    pixels = size.width() * size.height()
    if pixels > MOST_PIXELS:
        raise _not_shown(
            f"This picture says that it is {size.width():,} by {size.height():,} points large, "
            "too large to be shown here."
        )
    if pixels > SHOWN_PIXELS:
        reader.setScaledSize(_fitting(size))
    image = reader.read()
    if image.isNull():
        raise _not_shown("This picture is damaged or of a kind that cannot be shown here.")
    return image


def _fitting(size: QSize) -> QSize:
    smaller = (SHOWN_PIXELS / (size.width() * size.height())) ** 0.5
    return QSize(
        max(1, int(size.width() * smaller)),
        max(1, int(size.height() * smaller)),
    )


def _not_shown(what: str) -> NotShown:
    return NotShown(
        what,
        "It is kept as it was added.",
        "Save a copy to open it with another program.",
    )
