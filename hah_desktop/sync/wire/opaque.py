"""A change as its mere bytes, for an office that could not read it as it was sent. Pure.

In a push it stands in the place of the change, so that the chain goes on; what such an item is
stands in `domain.unread`.
"""

import base64
import zlib
from collections.abc import Mapping

from hah_desktop.domain.changes import Spelled
from hah_desktop.domain.ids import FileId
from hah_desktop.domain.spelling import read
from hah_desktop.domain.unread import NAME, is_opaque
from hah_desktop.sync.wire.changes import KNOWS
from hah_desktop.sync.wire.form import lines


def write_opaque(epoch: str, spelled: Spelled, knows: Mapping[FileId, int] | None = None) -> bytes:
    """The body of a push of one change as its bytes: those that are kept, never spelled anew.

    It says what the laptop `knows` to be taken back, as every push does. What came back from an
    office as bytes that nobody can read goes as it came.
    """
    plain = read(spelled)
    if not is_opaque(plain):
        packed = base64.b64encode(zlib.compress(spelled.encode())).decode()
        plain = {**{name: plain.get(name) for name in ("id", "number", "previous")}, NAME: packed}
    return lines({"epoch": epoch, KNOWS: dict(knows)} if knows else {"epoch": epoch}, [plain])
