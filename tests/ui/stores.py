"""Whose store stands under every screen, and the office that nobody reaches from it."""

from hah_desktop.store.tables.meta import Identity
from hah_desktop.sync.client import Office

RUTH = Identity("00" * 32, laptop="laptop-one", adviser="ruth", adviser_name="Ruth Aldous")


def far_office(_who: Identity) -> Office:
    """The real client at an address where nobody answers."""
    return Office("http://127.0.0.1:1")
