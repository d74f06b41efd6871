"""How anything is asked of one office: what lets this laptop in, and which answers are its own.

It knows no message but those that sign in, and keeps nothing on disk.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, BinaryIO, Generic, TypeVar

import httpx

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.exchange import PROTOCOL, Admission, Reached
from hah_desktop.domain.ids import FileId
from hah_desktop.seals.orders import SignedOrder
from hah_desktop.sync.errors import (
    TOO_LARGE,
    Refused,
    RefusedNewcomer,
    not_ours,
    too_large_on_the_way,
    unreachable,
)
from hah_desktop.sync.line import PATIENCE, Asked, Line, Moved, Patience
from hah_desktop.sync.wire import packing
from hah_desktop.sync.wire.form import JSON_LINES, PROBLEM, PROTOCOL_HEADER, NotOurs, cut
from hah_desktop.sync.wire.joining import read_challenge, read_lacks, read_token, write_standing
from hah_desktop.sync.wire.signed import signed_token_request

Answer = TypeVar("Answer")

Sign = Callable[[bytes], bytes]
"""Signs with this laptop's key."""

PROGRAM = "0.1.0"
"""The version of this program, which the office lists; the same as in pyproject.toml."""

_HOW = "Content-Encoding"
_UNKNOWN = 401
_TOO_MANY = 429
_LONGEST_WAIT_S = 3600.0
_LONGEST_WAIT_FOR_OTHERS_S = 300.0
"""Whoever stands before the office, or in its place, is not believed for so long as it is."""


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What is asked of the office; with bytes it can be asked once more."""

    method: str
    path: str
    content: bytes | BinaryIO
    headers: Mapping[str, str]

    @property
    def packed(self) -> str:
        """How its content is packed."""
        return self.headers.get(_HOW, packing.PLAIN)

    def packed_anew(self, how: str) -> "Enquiry":
        """The same, packed another way."""
        if not isinstance(self.content, bytes):
            raise TypeError("only what can be read again is packed again")
        body = packing.pack(packing.unpacked(self.content), how)
        return replace(self, content=body, headers={**self.headers, _HOW: how})


@dataclass(slots=True)
class UnderWay(Generic[Answer]):
    """A question that can be on its way. The line asks it in a thread: nobody waits for that.

    Its answer raises Unreachable, NotOurs or Refused: nothing was sent, and nothing taken.
    """

    _send: Callable[[], Asked]
    _wait: Callable[[Asked | None], httpx.Response]
    _forget: Callable[[Asked], None]
    _read: Callable[[bytes], Answer]
    _begun: Asked | None = None

    def begin(self) -> None:
        """Ask it, unless that was done. What goes wrong is told with the answer."""
        self._begun = self._begun or self._send()

    def answer(self) -> Answer:
        """What the office answers."""
        return self._read(self._wait(self._begun).content)

    def give_up(self) -> None:
        """Nobody wants its answer any more."""
        if self._begun is not None:
            self._forget(self._begun)


@dataclass(frozen=True, slots=True)
class Laptop:
    """Which laptop asks, and how it signs."""

    id: str
    sign: Sign


class Asking:
    """One line to an office, what this laptop is let in with, and how anything is asked.

    `authority` is the one that the office's certificate has to be of: see `Line`.
    """

    def __init__(
        self,
        url: str,
        laptop: Laptop | None = None,
        *,
        authority: str = "",
        transport: httpx.BaseTransport | None = None,
        patience: Patience = PATIENCE,
    ) -> None:
        self._laptop = laptop
        self.lacks: tuple[str, ...] = ()
        self._office = ""
        self._token = ""
        self._challenge = ""
        self._foretold: tuple[str, list[SignedOrder]] | None = None
        self._differing: Sequence[FileId] = ()
        self._protocol = PROTOCOL
        self._packing = packing.GZIP
        self._gzip_alone = False
        self._waiting: int | None = None
        self._ahead: int | None = None
        self.authority = authority
        self._line = Line(url, authority=authority, transport=transport, patience=patience)

    def close(self) -> None:
        """Let go of the connections."""
        self._line.close()

    def cut(self) -> None:
        """Stop at once whatever is asked: it raises Cancelled, now and from now on. Any thread."""
        self._line.cut()

    @property
    def moved(self) -> Moved:
        """How many bytes went each way until now."""
        return self._line.moved

    @property
    def admission(self) -> Admission:
        """What the office lets this laptop in with for some minutes."""
        return Admission(self._token, self._packing)

    def resume(self, admission: Admission) -> bool:
        """Go on with one from a moment ago, if there is any. Never to be kept on a disk."""
        self._token, self._packing = admission
        return bool(self._token)

    def challenge(self) -> list[SignedOrder]:
        """Ask for words to sign; with them come the office's orders, which nobody has proved.

        An office that has just told them with its introduction is not asked again.
        """
        told, self._foretold = self._foretold, None
        if told is None:
            asked = {"laptop": self._signed_for().id}
            told = read_challenge(self._json("/v1/challenge", asked))
        self._challenge, orders = told
        return orders

    def sign_in(self, office: str) -> Reached:
        """Sign the office's challenge and get a short-lived token. No clock is involved.

        Returns how far the office has this laptop's changes.
        """
        laptop = self._signed_for()
        self._office = office
        if not self._challenge:
            self.challenge()
        # Good for one try, right or wrong.
        challenge, self._challenge = self._challenge, ""
        signature = laptop.sign(signed_token_request(challenge, office)).hex()
        signed = {"laptop": laptop.id, "challenge": challenge, "signature": signature}
        answer = {**signed, **write_standing(self._waiting, self._ahead, PROGRAM)}
        told = self._json("/v1/token", answer)
        self._token, reached = read_token(told)
        self.lacks = read_lacks(told)
        return reached

    def waiting(self, count: int, ahead: int) -> None:
        """Tell when signing in from now on how much waits here, and how far the clock is ahead."""
        self._waiting, self._ahead = count, ahead

    def _signed_for(self) -> Laptop:
        if self._laptop is None:
            raise RuntimeError("only an enrolled laptop signs")
        return self._laptop

    def _told(self, path: str, sent: Mapping[str, Any]) -> bytes:
        headers = {"Content-Type": "application/json"}
        return self._ask("POST", path, json.dumps(sent).encode(), headers).content

    def _json(self, path: str, sent: Mapping[str, Any]) -> object:
        content = json.dumps(sent).encode()
        return plain_of(self._ask("POST", path, content, {"Content-Type": "application/json"}))

    def _ask(
        self, method: str, path: str, content: bytes | BinaryIO, headers: Mapping[str, str]
    ) -> httpx.Response:
        return self._answer(Enquiry(method, path, content, headers))

    def _give(self, path: str, body: bytes) -> httpx.Response:
        return self._answer(self._packed(path, body))

    def _packed(self, path: str, body: bytes, more: Mapping[str, str] | None = None) -> Enquiry:
        headers = {"Content-Type": JSON_LINES, _HOW: self._packing, **(more or {})}
        return Enquiry("POST", path, packing.pack(body, self._packing), headers)

    def _to_ask(self, question: Enquiry, read: Callable[[bytes], Answer]) -> UnderWay[Answer]:
        return UnderWay(
            partial(self._begin, question), partial(self._answer, question), self._line.drop, read
        )

    def _begin(self, question: Enquiry) -> Asked:
        sent = {PROTOCOL_HEADER: str(self._protocol), **question.headers}
        if self._token:
            sent["Authorization"] = f"Bearer {self._token}"
        return self._line.begin(question.method, question.path, question.content, sent)

    def _answer(self, question: Enquiry, begun: Asked | None = None) -> httpx.Response:
        """The answer to a question, which may have begun before."""
        try:
            return self._answer_once(question, begun)
        except NotOurs:
            if question.packed != packing.ZSTD:
                raise
            # Something on the way may know no such packing, and have answered in its place.
            self._gzip_alone, self._packing = True, packing.GZIP
            return self._answer(question.packed_anew(packing.GZIP))
        except Refused as refusal:
            if question.packed == packing.ZSTD and self._packing == packing.GZIP:
                # An older office than the one that was met before: it cannot have read this.
                return self._answer(question.packed_anew(packing.GZIP))
            # With a token from an earlier sync they have to meet anew: there may be orders.
            again = self._office and self._token and isinstance(question.content, bytes)
            if refusal.status != _UNKNOWN or not again:
                raise
        # The token has run out in the middle of a long sync, or was taken back: once more.
        self._token = ""
        self.sign_in(self._office)
        return self._answer_once(question)

    def _answer_once(self, question: Enquiry, begun: Asked | None = None) -> httpx.Response:
        answer = self._line.answer(begun or self._begin(question))
        if PROTOCOL_HEADER not in answer.headers:
            raise self._of_another(question, answer)
        taken = packing.best(answer.headers.get("Accept-Encoding", ""))
        is_best = taken == packing.ZSTD and not self._gzip_alone
        self._packing = packing.ZSTD if is_best else packing.GZIP
        if not answer.is_success:
            raise refusal(answer, self._kind)
        return answer

    @property
    def _kind(self) -> type[Refused]:
        return Refused if self._laptop else RefusedNewcomer

    def _of_another(self, question: Enquiry, answer: httpx.Response) -> KnownError:
        """What an answer without the office's mark means: such as that of a proxy before it."""
        if answer.status_code == TOO_LARGE and question.content:
            return too_large_on_the_way(self._kind)
        if not answer.is_server_error and answer.status_code != _TOO_MANY:
            return not_ours()
        fault = unreachable()
        fault.retry_after = min(_wait(answer), _LONGEST_WAIT_FOR_OTHERS_S)
        return fault


def refusal(answer: httpx.Response, kind: type[Refused] = Refused) -> Refused | NotOurs:
    """The office's no, from its problem+json; anything else cannot be read."""
    if not answer.headers.get("Content-Type", "").startswith(PROBLEM):
        return cut()
    try:
        said = answer.json()
        name, what = str(said["type"]), str(said["title"])
        detail = str(said.get("detail") or what)
    except (ValueError, KeyError, TypeError, AttributeError):
        return cut()
    # The office's detail is its title with what was kept and what to do; Refused says these too.
    told = what if detail.startswith(what) else detail
    return kind(name, told, status=answer.status_code, retry_after=_wait(answer))


def _wait(answer: httpx.Response) -> float:
    """For how many seconds the office asks to be left alone; what cannot be read asks nothing."""
    try:
        wait = float(answer.headers.get("Retry-After", "0"))
    except ValueError:
        return 0.0
    return min(max(wait, 0.0), _LONGEST_WAIT_S) if math.isfinite(wait) else 0.0


def plain_of(answer: httpx.Response) -> object:
    """The JSON of an answer. Raises NotOurs."""
    try:
        found: object = answer.json()
    except ValueError as fault:
        raise cut() from fault
    return found


def text_of(answer: object, name: str) -> str:
    """One text of an answer. Raises NotOurs."""
    value = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(value, str):
        raise cut()
    return value
