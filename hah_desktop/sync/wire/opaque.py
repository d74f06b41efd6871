"""A change as its mere bytes, for an office that could not read it as it was sent. Pure.

In a push it stands in the place of the change, so that the chain goes on; what such an item is
stands in `domain.unread`.
"""

import base64
import zlib

from hah_desktop.domain.changes import Spelled, from_spelled
from hah_desktop.domain.unread import NAME
from hah_desktop.sync.wire.form import lines


def write_opaque(epoch: str, spelled: Spelled) -> bytes:
    """The body of a push of one change as its bytes: those that are kept, never spelled anew."""
    packed = base64.b64encode(zlib.compress(spelled.encode())).decode()
    change = from_spelled(spelled)
    item = {"id": change.id, "number": change.number, "previous": change.previous, NAME: packed}
    return lines({"epoch": epoch}, [item])
