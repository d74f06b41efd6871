"""The office over HTTPS: what is asked, and that only the office's own words count as an answer."""

import hashlib
import json
import math
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, BinaryIO, Generic, TypeVar

import httpx

from hah_desktop.domain.changes import Spelled
from hah_desktop.domain.chunks import Standing, Taken
from hah_desktop.domain.exchange import (
    PROTOCOL,
    Accepted,
    Admission,
    ByHand,
    Card,
    Enrolled,
    Heard,
    Hello,
    Opened,
    OwnChange,
    Reached,
    SealedRecovery,
    Seen,
    Told,
    Witness,
)
from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.seals.errors import SealBroken
from hah_desktop.seals.orders import SignedOrder
from hah_desktop.seals.sealing import OfficeKeys
from hah_desktop.sync.ahead import Push
from hah_desktop.sync.errors import (
    Refused,
    RefusedNewcomer,
    Unreachable,
    not_ours,
    unreachable,
    unreachable_yet,
)
from hah_desktop.sync.line import PATIENCE, Asked, Line, Moved, Patience
from hah_desktop.sync.pages import Coming
from hah_desktop.sync.wire import packing
from hah_desktop.sync.wire.blobs import CONTENT, read_status, read_taken
from hah_desktop.sync.wire.cards import read_cards
from hah_desktop.sync.wire.changes import (
    read_own,
    read_page,
    read_told,
    write_brief_pull,
    write_pull,
    write_spelled_push,
)
from hah_desktop.sync.wire.form import (
    BUNDLE,
    DIGEST_HEADER,
    JSON_LINES,
    LAPTOP_HEADER,
    MAX_CHANGES,
    PROBLEM,
    PROTOCOL_HEADER,
    SIGNATURE_HEADER,
    SIZE_HEADER,
    NotOurs,
    cut,
)
from hah_desktop.sync.wire.hand import read_heard, write_asking_after, write_by_hand
from hah_desktop.sync.wire.joining import (
    read_challenge,
    read_enrolled,
    read_hello,
    read_token,
    write_standing,
)
from hah_desktop.sync.wire.opaque import write_opaque
from hah_desktop.sync.wire.seen import read_seen, write_opened
from hah_desktop.sync.wire.signed import signed_push, signed_token_request
from hah_desktop.sync.wire.witness import read_kept, read_unknown, write_witness


@dataclass(frozen=True, slots=True)
class Permission:
    """What permits one file to be taken without a token: the laptop's signature over it."""

    laptop: str
    sha256: str
    size: int
    signature: str


Answer = TypeVar("Answer")

Sign = Callable[[bytes], bytes]
"""Signs with this laptop's key."""

PROGRAM = "0.1.0"
"""The version of this program, which the office lists; the same as in pyproject.toml."""

_HOW = "Content-Encoding"
_UNKNOWN = 401
_LONGEST_WAIT_S = 3600.0


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked of the office; with bytes it can be asked once more."""

    method: str
    path: str
    content: bytes | BinaryIO
    headers: Mapping[str, str]

    @property
    def packed(self) -> str:
        """How its content is packed."""
        return self.headers.get(_HOW, packing.PLAIN)

    def packed_anew(self, how: str) -> "_Question":
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


class _Asking:
    """One line to an office, what this laptop is let in with, and how anything is asked."""

    def __init__(
        self,
        url: str,
        laptop: Laptop | None = None,
        *,
        trust: ssl.SSLContext | None = None,
        transport: httpx.BaseTransport | None = None,
        patience: Patience = PATIENCE,
    ) -> None:
        self._laptop = laptop
        self._office = ""
        self._token = ""
        self._challenge = ""
        self._differing: Sequence[FileId] = ()
        self._protocol = PROTOCOL
        self._packing = packing.GZIP
        self._waiting: int | None = None
        self._ahead: int | None = None
        self._line = Line(url, trust=trust, transport=transport, patience=patience)

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
        """Ask for words to sign; with them come the office's orders, which nobody has proved."""
        asked = {"laptop": self._signed_for().id}
        self._challenge, orders = read_challenge(self._json("POST", "/v1/challenge", asked))
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
        self._token, reached = read_token(self._json("POST", "/v1/token", answer))
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

    def _json(self, method: str, path: str, sent: Mapping[str, Any] | None = None) -> object:
        content = json.dumps(sent).encode() if sent is not None else b""
        return _object(self._ask(method, path, content, {"Content-Type": "application/json"}))

    def _ask(
        self, method: str, path: str, content: bytes | BinaryIO, headers: Mapping[str, str]
    ) -> httpx.Response:
        return self._answer(_Question(method, path, content, headers))

    def _give(self, path: str, body: bytes) -> httpx.Response:
        return self._answer(self._packed(path, body))

    def _packed(self, path: str, body: bytes, more: Mapping[str, str] | None = None) -> _Question:
        headers = {"Content-Type": JSON_LINES, _HOW: self._packing, **(more or {})}
        return _Question("POST", path, packing.pack(body, self._packing), headers)

    def _to_ask(self, question: _Question, read: Callable[[bytes], Answer]) -> UnderWay[Answer]:
        return UnderWay(
            partial(self._begin, question), partial(self._answer, question), self._line.drop, read
        )

    def _begin(self, question: _Question) -> Asked:
        sent = {PROTOCOL_HEADER: str(self._protocol), **question.headers}
        if self._token:
            sent["Authorization"] = f"Bearer {self._token}"
        return self._line.begin(question.method, question.path, question.content, sent)

    def _answer(self, question: _Question, begun: Asked | None = None) -> httpx.Response:
        """The answer to a question, which may have begun before."""
        try:
            return self._answer_once(begun or self._begin(question))
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
        return self._answer_once(self._begin(question))

    def _answer_once(self, begun: Asked) -> httpx.Response:
        try:
            answer = self._line.answer(begun)
        except Unreachable as fault:
            raise self._unreachable() from fault
        if PROTOCOL_HEADER not in answer.headers:
            raise self._unreachable() if answer.is_server_error else not_ours()
        taken = packing.best(answer.headers.get("Accept-Encoding", ""))
        self._packing = packing.GZIP if taken == packing.PLAIN else taken
        if not answer.is_success:
            raise refusal(answer, Refused if self._laptop else RefusedNewcomer)
        return answer

    def _unreachable(self) -> Unreachable:
        return unreachable() if self._laptop else unreachable_yet()


class Office(_Asking):
    """The central service at one address. Making it raises Unreachable for what is no address."""

    def hello(self) -> Hello:
        """Who is there. Raises Unreachable, or NotOurs for somebody else's page."""
        found = read_hello(self._json("GET", "/v1/hello"))
        # The newest that both sides understand; whether there is one, the sync looks at.
        self._protocol = min(PROTOCOL, found.protocol)
        return found

    def keys(self) -> OfficeKeys:
        """The office's public keys: to be believed only if the enrolment code names them."""
        answer = self._json("GET", "/v1/keys")
        try:
            return OfficeKeys.from_plain(answer if isinstance(answer, dict) else {})
        except SealBroken:
            raise not_ours() from None

    def enrol(
        self, code: str, public_key: str, laptop_name: str, recovery: SealedRecovery
    ) -> Enrolled:
        """Give the office this laptop's key for a one-time code. Raises Refused with the reason."""
        sent = {
            "code": code,
            "public_key": public_key,
            "laptop_name": laptop_name,
            "recovery": asdict(recovery),
        }
        return read_enrolled(self._json("POST", "/v1/enrol", sent))

    def own(self, after: int) -> list[OwnChange]:
        """This laptop's own changes behind a number, as the office has them; some at a time."""
        return read_own(self._told("/v1/own", {"after": after, "most": MAX_CHANGES}))

    def cards(self, sealing: str) -> list[Card]:
        """Tell this laptop's own public key for what colleagues seal to it; get theirs."""
        return read_cards(self._told("/v1/cards", {"sealing": sealing}))

    def carried(self, changes: Sequence[ChangeId], given: Sequence[str]) -> Heard:
        """What became of changes from a colleague's hand, and of what was given of them.

        Nothing about those that are not in the journal.
        """
        return read_heard(self._told("/v1/carried", write_asking_after(changes, given)))

    def by_hand(self, hand: ByHand) -> int:
        """Give the office what a colleague gave this laptop. Returns how many changes it read."""
        return read_kept(_object(self._give("/v1/by-hand", write_by_hand(hand))))

    def seen(self, after: int, opened: Sequence[Opened]) -> tuple[int, bool, list[Seen]]:
        """Tell what was opened here; learn what others opened behind a number."""
        asked, headers = write_opened(after, opened), {"Content-Type": JSON_LINES}
        return read_seen(self._ask("POST", "/v1/seen", asked, headers).content)

    def push_opaque(self, epoch: str, change: Spelled) -> tuple[Accepted, Told]:
        """Send one change as its mere bytes, which no office and no line between can misread."""
        return self._push(write_opaque(epoch, change)).answer()

    def pack(
        self,
        epoch: str,
        changes: Sequence[Spelled],
        behind: Mapping[FileId, int] | None = None,
    ) -> Push:
        """Pack changes and sign them as a batch; nothing is sent."""
        return self._push(write_spelled_push(epoch, changes, behind))

    def _push(self, body: bytes) -> Push:
        signature = self._signed_for().sign(signed_push(hashlib.sha256(body).hexdigest())).hex()
        signed = self._packed("/v1/push", body, {SIGNATURE_HEADER: signature})
        return self._to_ask(signed, read_told)

    def begin_pull(
        self,
        epoch: str,
        cursors: Mapping[FileId, int],
        want: Sequence[RecordId],
        *,
        brief: bool = False,
    ) -> Coming:
        """Ask for one page of what is new, without waiting for it."""
        if brief:
            asked, unnamed = write_brief_pull(epoch, cursors, want), cursors
        else:
            asked, unnamed = write_pull(epoch, cursors, want, self._differing), None
        question = _Question("POST", "/v1/pull", asked, {"Content-Type": "application/json"})
        page = self._to_ask(question, lambda answer: read_page(answer, unnamed))
        page.begin()
        return page

    def differing(self, files: Sequence[FileId]) -> None:
        """Tell with each pull from now on that these files are not the same on both sides."""
        self._differing = files

    def unknown(self, changes: Sequence[ChangeId]) -> list[ChangeId]:
        """Those of the changes that the office does not have."""
        return read_unknown(self._json("POST", "/v1/known", {"changes": list(changes)}))

    def witness(self, items: Sequence[Witness]) -> int:
        """Give the office what others wrote and it has lost. Returns how many it has kept."""
        return read_kept(_object(self._give("/v1/witness", write_witness(items))))

    def send_bundle(self, permission: Permission, bundle: BinaryIO) -> str:
        """Hand a bundle over. Returns the SHA-256 of what the office has kept.

        Raises Unreachable, NotOurs or Refused: the office may have it all the same, and takes
        the same bundle twice as one.
        """
        headers = {
            "Content-Type": BUNDLE,
            LAPTOP_HEADER: permission.laptop,
            DIGEST_HEADER: permission.sha256,
            SIZE_HEADER: str(permission.size),
            SIGNATURE_HEADER: permission.signature,
        }
        answer = self._ask("POST", "/v1/bundle", bundle, headers)
        return _field(_object(answer), "sha256")

    def blobs_status(self, hashes: Sequence[str]) -> list[Standing]:
        """How far the office has these attachments from this laptop; some at a time."""
        return read_status(self._json("POST", "/v1/blobs/status", {"sha256": list(hashes)}))

    def put_chunk(self, sha256: str, size: int, number: int, data: bytes) -> Taken:
        """Send one chunk of an attachment."""
        headers = {
            "Content-Type": CONTENT,
            DIGEST_HEADER: hashlib.sha256(data).hexdigest(),
            SIZE_HEADER: str(size),
        }
        answer = self._ask("PUT", f"/v1/blobs/{sha256}/{number}", data, headers)
        return read_taken(_object(answer))

    def get_piece(self, sha256: str, first: int, after: int) -> bytes:
        """A piece of an attachment, at most a chunk, by the office's own hash of it."""
        headers = {"Range": f"bytes={first}-{after - 1}", "Accept-Encoding": "identity"}
        answer = self._ask("GET", f"/v1/blobs/{sha256}", b"", headers)
        digest = hashlib.sha256(answer.content).hexdigest()
        if (len(answer.content), digest) != (after - first, answer.headers.get(DIGEST_HEADER)):
            raise cut()
        return answer.content


def refusal(answer: httpx.Response, kind: type[Refused] = Refused) -> Refused | NotOurs:
    """The office's no, from its problem+json; anything else is not the office's."""
    if not answer.headers.get("Content-Type", "").startswith(PROBLEM):
        return not_ours()
    try:
        said = answer.json()
        name, what = str(said["type"]), str(said["title"])
        detail = str(said.get("detail") or what)
    except (ValueError, KeyError, TypeError, AttributeError):
        return not_ours()
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


def _object(answer: httpx.Response) -> object:
    try:
        found: object = answer.json()
    except ValueError as fault:
        raise not_ours() from fault
    return found


def _field(answer: object, name: str) -> str:
    value = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(value, str):
        raise not_ours()
    return value
