"""After a sync: swaps keys with colleagues' laptops, and tells of what came from their hands.

Nothing here decides whether the sync went well: what does not work now works the next time.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Protocol

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import ByHand, Card, Heard
from hah_desktop.domain.ids import ChangeId
from hah_desktop.seals.sealing import SealingKey
from hah_desktop.store.exchange import carrying, outbox, withdrawing
from hah_desktop.store.store import Store
from hah_desktop.store.tables import meta
from hah_desktop.sync.errors import Refused
from hah_desktop.sync.pages import UNREAD
from hah_desktop.sync.wire.form import MAX_CHANGES

ASK_AGAIN = dt.timedelta(hours=12)
"""A colleague may have a new laptop; who has been given another visit asks at once."""

NOT_THERE = 404
"""What an older office answers to what it does not know."""


class Colleagues(Protocol):
    """What is asked of the office. Each call raises a KnownError when it does not work."""

    def cards(self, sealing: str) -> Sequence[Card]:
        """Tell this laptop's key, in hex; get the colleagues' cards."""
        ...

    def carried(self, changes: Mapping[ChangeId, str], given: Sequence[str]) -> Heard:
        """What became of changes from a colleague's hand, and of what was given, by its digest.

        Each change stands with the hash of its words.
        """
        ...

    def by_hand(self, hand: ByHand) -> int:
        """Give the office what a colleague's laptop signed for. Returns how many changes it is."""
        ...


def meet(store: Store, office: Colleagues) -> KnownError | None:
    """Ask what is due. Returns what stopped it, which hurts nobody."""
    try:
        _ask_after(store, office)
        _swap_cards(store, office)
        _give(store, office)
    except KnownError as fault:
        return fault
    return None


def _ask_after(store: Store, office: Colleagues) -> None:
    with store.reading() as connection:
        carried = carrying.to_ask_after(connection, MAX_CHANGES)
        given = carrying.given(connection, MAX_CHANGES)
    if carried:
        heard = office.carried(carried, sorted(given))
        lacking = {given[digest] for digest in heard.lacks if digest in given}
        with store.writing() as connection:
            outbox.take_receipts(connection, heard.receipts)
            # A child may have come with a visit that is no longer given: what it lies in was never.
            withdrawing.note_told_of(connection, [receipt.id for receipt in heard.receipts])
            # It was restored since, and nobody told it: it gets them once more.
            carrying.note_lacking(connection, lacking)


def _give(store: Store, office: Colleagues) -> None:
    """Give the office what is only here and on a laptop that may be lost meanwhile."""
    with store.writing() as connection:
        carrying.forget_proofs(connection)
        epoch = meta.enrolled(connection).epoch
        due = carrying.to_give(connection, epoch)
    for bundle in due:
        with store.reading() as connection:
            hands = list(carrying.proofs(connection, bundle))
        try:
            for hand in hands:
                _give_part(store, office, hand, epoch)
        except Refused as refusal:
            # Whatever becomes of it here, the laptop that wrote it brings it too.
            if refusal.status == NOT_THERE:
                return
            if refusal.status not in UNREAD:
                raise
            # It may have been cut on its way: it goes again with later syncs, and then is told.
            with store.writing() as connection:
                carrying.note_refused(connection, bundle)
            continue
        with store.writing() as connection:
            carrying.note_given(connection, bundle, epoch)


def _give_part(store: Store, office: Colleagues, hand: ByHand, epoch: str) -> None:
    digest = hashlib.sha256(hand.changes).hexdigest()
    with store.reading() as connection:
        has_it = digest in carrying.parts_given(connection, epoch)
    if not has_it:
        office.by_hand(hand)
        with store.writing() as connection:
            carrying.note_part_given(connection, digest, epoch)


def _swap_cards(store: Store, office: Colleagues) -> None:
    now = store.now()
    with store.reading() as connection:
        files = sorted(carrying.held_files(connection))
        asked = meta.read(connection, "cards")
        seed = meta.sealing_seed(connection)
    if asked is not None and asked["files"] == files:
        # The clock may have been set: whichever way it went, that long is long enough.
        since = abs(now - dt.datetime.fromisoformat(asked["at"]))
        if since < ASK_AGAIN:
            return
    key = SealingKey(seed) if seed else SealingKey.generate()
    if seed is None:
        with store.writing() as connection:
            meta.keep_sealing_seed(connection, key.seed)
    cards = office.cards(key.public.hex())
    with store.writing() as connection:
        carrying.keep_cards(connection, cards)
        meta.write(connection, "cards", {"at": now.isoformat(), "files": files})
