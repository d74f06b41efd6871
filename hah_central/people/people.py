"""Who is asking: a laptop's key, challenges, and short-lived tokens.

Tokens are kept as hashes only. A laptop proves itself by signing the office's
challenge, so that a wrong clock on a laptop cannot lock it out.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVarTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Select, and_, bindparam, delete, insert, or_, select, update

from hah_central.database.questions import Deed as Does
from hah_central.database.questions import Question, together
from hah_central.database.rows import OFFICE, Challenge, Clock, Laptop, Token
from hah_central.people import audit
from hah_central.people.audit import Deed, Did
from hah_central.problems import (
    not_proved,
    revoked,
    sign_in,
    unknown_laptop,
    unreadable,
)
from hah_desktop.domain.exchange import Reached
from hah_desktop.domain.ids import LaptopId, RecordId, uuid7
from hah_desktop.sync.wire.signed import signed_push, signed_token_request

Columns = TypeVarTuple("Columns")

CHALLENGE_LASTS = dt.timedelta(minutes=5)
OPEN_CHALLENGES = 16
"""So many may wait for a laptop's signature. Anybody may ask for one in its name: the oldest go,
and there are enough that nobody easily asks one away while a laptop signs it."""

TOKEN_LASTS = dt.timedelta(minutes=10)
OPERATIONS_LASTS = dt.timedelta(hours=12)

_SECRET_BYTES = 32
_MAX_NAME = 100
_SIGNATURE_LETTERS = 128


@dataclass(frozen=True, slots=True)
class Asker:
    """A laptop that has proved itself, and whose it is."""

    laptop: LaptopId
    adviser: RecordId
    public_key: str
    reached: Reached = field(default_factory=Reached)


def new_id(now: dt.datetime) -> str:
    """An id that nobody else will make."""
    return uuid7(int(now.timestamp() * 1000), secrets.token_bytes(10))


_CHALLENGE = Question(
    insert(Challenge)
    .from_select(
        [Challenge.challenge, Challenge.laptop, Challenge.expires],
        select(
            bindparam("words", type_=Challenge.challenge.type),
            Laptop.id,
            bindparam("expires", type_=Challenge.expires.type),
        ).where(Laptop.id == bindparam("laptop"), Laptop.id != OFFICE),
    )
    .returning(Challenge.laptop)
)
_NEWEST = (
    select(Challenge.challenge)
    .where(Challenge.laptop == bindparam("laptop"))
    .order_by(Challenge.expires.desc(), Challenge.challenge)
    .limit(OPEN_CHALLENGES - 1)
)
_FORGET_CHALLENGES = Does(
    delete(Challenge).where(
        or_(
            Challenge.expires <= bindparam("now"),
            and_(
                Challenge.laptop == bindparam("laptop"),
                Challenge.challenge.not_in(_NEWEST),
            ),
        )
    )
)
_SPEND = Question(
    delete(Challenge)
    .where(Challenge.challenge == bindparam("words"), Challenge.laptop == bindparam("laptop"))
    .where(Challenge.expires > bindparam("now"))
    .returning(Challenge.laptop)
)
_KEY = Question(
    select(Laptop.public_key, select(Clock.office).scalar_subquery()).where(
        Laptop.id == bindparam("laptop"), Laptop.id != OFFICE
    )
)


def challenge(connection: Connection, laptop: str, now: dt.datetime) -> str:
    """Random words for a laptop to sign. Raises Problem for a laptop that nobody enrolled."""
    words = secrets.token_hex(_SECRET_BYTES)
    with together(connection):
        _FORGET_CHALLENGES.do(connection, now=now, laptop=laptop)
        expires = now + CHALLENGE_LASTS
        made = _CHALLENGE.ask(connection, words=words, laptop=laptop, expires=expires)
    if next(made, None) is None:
        raise unknown_laptop()
    return words


@dataclass(frozen=True, slots=True)
class Spent:
    """A challenge that was used up: by which key it has to be signed, and for which office."""

    public_key: str
    office: str


def spend(connection: Connection, laptop: str, words: str, now: dt.datetime) -> Spent | None:
    """Use a challenge up, whatever comes of it. None where it was not a good one."""
    with together(connection):
        spent = _SPEND.ask(connection, words=words, laptop=laptop, now=now)
        key = _KEY.ask(connection, laptop=laptop)
    return Spent(*next(key)) if next(spent, None) is not None else None


def check_token_request(spent: Spent | None, words: str, signature: str) -> None:
    """Whether the laptop's key signed the challenge. Raises Problem."""
    if spent is None:
        raise not_proved()
    check_signed(spent.public_key, signature, signed_token_request(words, spent.office))


def check_push(asker: Asker, digest: str, signature: str) -> None:
    """Whether the laptop's key signed a batch; `digest` is its SHA-256. Raises Problem."""
    check_signed(asker.public_key, signature, signed_push(digest))


def check_bundle(public_key: str | None, signed: bytes, signature: str) -> None:
    """Whether the laptop's key permits a bundle to be taken. Raises Problem."""
    if public_key is None:
        raise unknown_laptop()
    check_signed(public_key, signature, signed)


@dataclass(frozen=True, slots=True)
class Said:
    """What a laptop says of itself as it signs in; older programs say nothing."""

    waiting: int | None = None
    program: str = ""
    ahead: int | None = None


_STANDING = Question(
    select(
        Laptop.revoked,
        Laptop.last_number,
        Laptop.last_hash,
        Laptop.told_number,
        Laptop.unsent_since,
    ).where(Laptop.id == bindparam("laptop"))
)
_FORGET_TOKENS = Does(delete(Token).where(Token.expires <= bindparam("now")))
_TOKEN = Does(insert(Token))


def new_token(
    connection: Connection, laptop: str, now: dt.datetime, said: Said | None = None
) -> tuple[str, Reached]:
    """A token for a laptop that has proved itself, and how far the office has its changes.

    Raises Problem for one that was revoked.
    """
    ended, number, hash_, told, since = next(_STANDING.ask(connection, laptop=laptop))
    if ended is not None:
        raise revoked()
    token = secrets.token_urlsafe(_SECRET_BYTES)
    with together(connection):
        _FORGET_TOKENS.do(connection, now=now)
        row = {"hash": hashed(token), "laptop": laptop, "expires": now + TOKEN_LASTS}
        _TOKEN.do(connection, **row)
    still = since if told is not None and told > number else None
    stands = {"last_contact": now, **_stands(said or Said(), number, still or now)}
    connection.execute(update(Laptop).where(Laptop.id == laptop).values(stands))
    return token, Reached(number, hash_)


def _stands(said: Said, here: int, since: dt.datetime) -> dict[str, Any]:
    """What is noted of how much waits on a laptop, and since when the office has known of it."""
    known: dict[str, Any] = {"program": said.program[:_MAX_NAME]} if said.program else {}
    if said.ahead is not None:
        known["ahead"] = said.ahead
    if said.waiting is not None:
        known["told_number"] = here + said.waiting
        known["unsent_since"] = since if said.waiting else None
    return known


def operations_token(connection: Connection, deed: Deed) -> str:
    """A token with which the page of operations is read, and nothing else, for a day's work.

    It is one of the office's own virtual laptop, which is nobody's: no laptop's door takes it.
    """
    token = secrets.token_urlsafe(_SECRET_BYTES)
    row = {"hash": hashed(token), "laptop": OFFICE, "expires": deed.now + OPERATIONS_LASTS}
    connection.execute(insert(Token).values(row))
    audit.note(connection, deed, Did.LET_READ)
    return token


def may_read_operations(connection: Connection, token: str, now: dt.datetime) -> bool:
    """Whether this token was made for the page of operations, and has not run out."""
    good = select(Token.hash).where(Token.hash == hashed(token), Token.laptop == OFFICE)
    return connection.execute(good.where(Token.expires > now)).first() is not None


ASKER = (
    Laptop.id,
    Laptop.adviser,
    Laptop.public_key,
    Laptop.revoked,
    Laptop.last_number,
    Laptop.last_hash,
)
"""What a question about a laptop asks first: `let_in` reads it."""


def signed_in(asked: Select[*Columns]) -> Select[*Columns]:
    """The same question about the laptop of a token that has not run out."""
    good = (Token.hash == bindparam("token"), Token.expires > bindparam("now"))
    return asked.join(Token, Token.laptop == Laptop.id).where(*good)


_ASKER = Question(signed_in(select(*ASKER)))


def asker(connection: Connection, authorization: str, now: dt.datetime) -> Asker:
    """Who a request's `Authorization` speaks for. Raises Problem."""
    found = _ASKER.ask(connection, token=token_of(authorization), now=now)
    return let_in(next(found, None))[0]


def token_of(authorization: str) -> str:
    """The hash of the token that a request's `Authorization` shows. Raises Problem."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise sign_in()
    return hashed(token.strip())


def let_in(found: Sequence[Any] | None) -> tuple[Asker, Sequence[Any]]:
    """Who was found, and what else was asked of them. Raises Problem for whom nobody lets in."""
    if found is None:
        raise sign_in()
    laptop, adviser, key, ended, number, last, *more = found
    if adviser is None:
        raise sign_in()
    if ended is not None:
        raise revoked()
    return Asker(LaptopId(laptop), RecordId(adviser), key, Reached(number, last)), more


def public_key(connection: Connection, laptop: str) -> str | None:
    """A laptop's key, also of one whose access has ended; None for one that nobody enrolled."""
    key = select(Laptop.public_key).where(Laptop.id == laptop, Laptop.id != OFFICE)
    return connection.execute(key).scalar_one_or_none()


def key_of(public_key: str) -> Ed25519PublicKey:
    """The key that a laptop told in hex. Raises Problem."""
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
    except ValueError as fault:
        raise unreadable("the laptop’s key is not 32 bytes in hexadecimal") from fault


def check_signed(public_key: str, signature: str, signed: bytes) -> None:
    """Whether the key signed these bytes. Raises Problem."""
    if len(signature) != _SIGNATURE_LETTERS:
        raise not_proved()
    try:
        key_of(public_key).verify(bytes.fromhex(signature), signed)
    except (InvalidSignature, ValueError) as fault:
        raise not_proved() from fault


def hashed(secret: str) -> str:
    """What is kept of a code or a token."""
    return hashlib.sha256(secret.encode()).hexdigest()
