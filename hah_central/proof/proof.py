"""Whether a laptop's signature vouches for the changes of a batch, word for word. Changes nothing.

A push was signed as a digest; the body it is of lies beside it. A bundle was signed as a manifest,
which names the digest of the changes in it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, select

from hah_central.database.rows import Clock, Evidence
from hah_central.journal import evidence, items
from hah_central.journal.items import Item
from hah_central.people import people
from hah_central.problems import Problem
from hah_desktop.domain.changes import MalformedChange, from_plain
from hah_desktop.seals.bundle import manifest_in
from hah_desktop.seals.errors import SealBroken
from hah_desktop.sync.wire.changes import write_push
from hah_desktop.sync.wire.packing import Damaged, unpacked
from hah_desktop.sync.wire.signed import signed_push


class NotProved(Exception):
    """What is wrong with a signature or with what it is over, in plain words."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch as the journal notes it; `key` is its laptop's."""

    laptop: str
    digest: str
    signature: str
    key: str


def signed_items(
    connection: Connection, claim: Claim, texts: Sequence[str]
) -> Sequence[Item] | None:
    """What the laptop signed, item by item. Raises NotProved.

    None for a batch of the first versions of the office, of which only the digest was kept, and
    whose changes alone, as `texts` has them, do not make up the body again.
    """
    said = signed(connection, claim)
    asked = select(Evidence.body).where(Evidence.digest == claim.digest)
    packed = connection.execute(asked).scalar_one_or_none()
    if packed is None:
        return _rebuilt(connection, claim, texts)
    try:
        body = unpacked(packed)
    except Damaged as fault:
        raise NotProved("the body that was signed is damaged") from fault
    if hashlib.sha256(body).hexdigest() != claim.digest:
        raise NotProved("the body that is kept is not the one that was signed")
    try:
        return _handed(body) if said else items.read(body)
    except (Problem, TypeError, ValueError, RecursionError) as fault:
        raise NotProved("the body that was signed cannot be read") from fault


def signed(connection: Connection, claim: Claim) -> bytes:
    """What this signature is over, empty for the digest alone. Raises NotProved."""
    *others, last = evidence.signed_over(connection, claim.digest) or [b""]
    for said in others:
        with suppress(NotProved):
            _check_signature(claim, said)
            return said
    _check_signature(claim, last)
    return last


def _check_signature(claim: Claim, said: bytes) -> None:
    try:
        people.check_signed(claim.key, claim.signature, said or signed_push(claim.digest))
    except Problem as fault:
        raise NotProved("the signature is not by the laptop’s key") from fault
    if said and not _named(said, claim):
        raise NotProved("what was signed does not name these changes")


def _named(said: bytes, claim: Claim) -> bool:
    with suppress(SealBroken):
        manifest = manifest_in(said)
        digests = {part.sha256 for part in manifest.parts}
        return manifest.laptop == claim.laptop and claim.digest in digests
    return False


def _handed(body: bytes) -> list[Item]:
    return [_item(json.loads(line)) for line in body.split(b"\n") if line]


def _item(plain: object) -> Item:
    if not isinstance(plain, Mapping):
        raise TypeError("an object expected")
    return items.item(dict(plain))


def _rebuilt(connection: Connection, claim: Claim, texts: Sequence[str]) -> list[Item] | None:
    """The body as the program spells it, from the rows, if that is what was signed."""
    epoch = connection.execute(select(Clock.epoch)).scalar_one_or_none() or ""
    with suppress(TypeError, ValueError, RecursionError, MalformedChange):
        plain = [json.loads(text) for text in texts]
        body = write_push(epoch, map(from_plain, plain))
        if hashlib.sha256(body).hexdigest() == claim.digest:
            return list(map(_item, plain))
    return None
