"""The office over HTTPS: what a laptop asks of it, message by message."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import BinaryIO

from hah_desktop.domain.changes import Spelled
from hah_desktop.domain.chunks import Standing, Taken
from hah_desktop.domain.exchange import (
    PROTOCOL,
    Accepted,
    ByHand,
    Card,
    Enrolled,
    Heard,
    Hello,
    Opened,
    OwnChange,
    SealedRecovery,
    SeenPage,
    Told,
    Waits,
    Witness,
)
from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.seals.errors import SealBroken
from hah_desktop.seals.sealing import OfficeKeys
from hah_desktop.sync.ahead import Push
from hah_desktop.sync.asking import Asking, Enquiry, plain_of, text_of
from hah_desktop.sync.pages import Coming
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
    SIGNATURE_HEADER,
    SIZE_HEADER,
    cut,
)
from hah_desktop.sync.wire.hand import read_heard, write_asking_after, write_by_hand
from hah_desktop.sync.wire.joining import (
    read_challenge_if_told,
    read_enrolled,
    read_hello,
)
from hah_desktop.sync.wire.opaque import write_opaque
from hah_desktop.sync.wire.seen import read_seen, write_opened
from hah_desktop.sync.wire.signed import signed_push
from hah_desktop.sync.wire.witness import read_kept, read_unknown, read_waits, write_witness


@dataclass(frozen=True, slots=True)
class Permission:
    """What permits one file to be taken without a token: the laptop's signature over it."""

    laptop: str
    sha256: str
    size: int
    signature: str


class Office(Asking):
    """The central service at one address. Making it raises Unreachable for what is no address."""

    def is_there(self) -> None:
        """Whether it is there, and nothing else. Raises Unreachable, or NotOurs for somebody's."""
        read_hello(plain_of(self._ask("GET", "/v1/hello", b"", {})))

    def hello(self) -> Hello:
        """Who is there. Raises Unreachable, or NotOurs for somebody else's page."""
        headers = {LAPTOP_HEADER: self._laptop.id} if self._laptop else {}
        told = plain_of(self._ask("GET", "/v1/hello", b"", headers))
        found, self._foretold = read_hello(told), read_challenge_if_told(told)
        # The newest that both sides understand; whether there is one, the sync looks at.
        self._protocol = min(PROTOCOL, found.protocol)
        return found

    def keys(self) -> OfficeKeys:
        """The office's public keys: to be believed only if the enrolment code names them."""
        answer = plain_of(self._ask("GET", "/v1/keys", b"", {}))
        try:
            return OfficeKeys.from_plain(answer if isinstance(answer, dict) else {})
        except SealBroken:
            raise cut() from None

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
        return read_enrolled(self._json("/v1/enrol", sent))

    def let_back(
        self,
        code: str,
        public_key: str,
        laptop_name: str,
        recovery: SealedRecovery,
        was: tuple[str, str],
    ) -> None:
        """Ask an office that lost this laptop for its place, by a one-time code for that.

        `was` is what the laptop is called, and its adviser. Raises Refused with the reason.
        """
        sent = {
            "code": code,
            "public_key": public_key,
            "laptop_name": laptop_name,
            "recovery": asdict(recovery),
            "laptop": was[0],
            "adviser": was[1],
        }
        given = read_enrolled(self._json("/v1/return", sent))
        if (given.laptop, given.adviser) != was:
            raise cut()

    def own(self, after: int, most: int = MAX_CHANGES) -> list[OwnChange]:
        """This laptop's own changes behind a number, as the office has them: `most`, or fewer."""
        return read_own(self._told("/v1/own", {"after": after, "most": most}))

    def cards(self, sealing: str) -> list[Card]:
        """Tell this laptop's own public key for what colleagues seal to it; get theirs."""
        return read_cards(self._told("/v1/cards", {"sealing": sealing}))

    def carried(self, changes: Mapping[ChangeId, str], given: Sequence[str]) -> Heard:
        """What became of changes from a colleague's hand, and of what was given of them.

        Each stands with the hash of its words, which proves that they are here.

        Nothing about those that are not in the journal.
        """
        return read_heard(self._told("/v1/carried", write_asking_after(changes, given)))

    def by_hand(self, hand: ByHand) -> int:
        """Give the office what a colleague gave this laptop. Returns how many changes it read."""
        return read_kept(plain_of(self._give("/v1/by-hand", write_by_hand(hand))))

    def seen(self, after: int, opened: Sequence[Opened], epoch: str = "") -> SeenPage:
        """Tell what was opened here in an epoch; learn what others opened behind a number of it."""
        asked, headers = write_opened(after, opened, epoch), {"Content-Type": JSON_LINES}
        return read_seen(self._ask("POST", "/v1/seen", asked, headers).content)

    def push_opaque(
        self, epoch: str, change: Spelled, knows: Mapping[FileId, int]
    ) -> tuple[Accepted, Told]:
        """Send one change as its mere bytes, which no office and no line between can misread."""
        return self._push(write_opaque(epoch, change, knows)).answer()

    def pack(
        self,
        epoch: str,
        changes: Sequence[Spelled],
        behind: Mapping[FileId, int] | None = None,
        knows: Mapping[FileId, int] | None = None,
    ) -> Push:
        """Pack changes and sign them as a batch; nothing is sent."""
        return self._push(write_spelled_push(epoch, changes, behind, knows))

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
        most: int = MAX_CHANGES,
    ) -> Coming:
        """Ask for one page of what is new, without waiting for it."""
        if brief:
            asked, unnamed = write_brief_pull(epoch, cursors, want, most), cursors
        else:
            asked, unnamed = write_pull(epoch, cursors, want, self._differing, most), None
        question = Enquiry("POST", "/v1/pull", asked, {"Content-Type": "application/json"})
        page = self._to_ask(question, lambda answer: read_page(answer, unnamed))
        page.begin()
        return page

    def differing(self, files: Sequence[FileId]) -> None:
        """Tell with each pull from now on that these files are not the same on both sides."""
        self._differing = files

    def unknown(self, changes: Sequence[ChangeId]) -> list[ChangeId]:
        """Those of the changes that the office does not have."""
        return read_unknown(self._json("/v1/known", {"changes": list(changes)}))

    def waits(self, told: Sequence[ChangeId]) -> Waits:
        """What became of what this laptop told the office of others' changes."""
        return read_waits(self._json("/v1/told", {"changes": list(told)}))

    def witness(self, items: Sequence[Witness]) -> int:
        """Give the office what others wrote and it has lost. Returns how many it has kept."""
        return read_kept(plain_of(self._give("/v1/witness", write_witness(items))))

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
        return text_of(plain_of(answer), "sha256")

    def blobs_status(self, hashes: Sequence[str]) -> list[Standing]:
        """How far the office has these attachments from this laptop; some at a time."""
        return read_status(self._json("/v1/blobs/status", {"sha256": list(hashes)}))

    def put_chunk(self, sha256: str, size: int, number: int, data: bytes) -> Taken:
        """Send one chunk of an attachment."""
        headers = {
            "Content-Type": CONTENT,
            DIGEST_HEADER: hashlib.sha256(data).hexdigest(),
            SIZE_HEADER: str(size),
        }
        answer = self._ask("PUT", f"/v1/blobs/{sha256}/{number}", data, headers)
        return read_taken(plain_of(answer))

    def get_piece(self, sha256: str, first: int, after: int) -> bytes:
        """A piece of an attachment, at most a chunk, by the office's own hash of it."""
        headers = {"Range": f"bytes={first}-{after - 1}", "Accept-Encoding": "identity"}
        answer = self._ask("GET", f"/v1/blobs/{sha256}", b"", headers)
        digest = hashlib.sha256(answer.content).hexdigest()
        if (len(answer.content), digest) != (after - first, answer.headers.get(DIGEST_HEADER)):
            raise cut()
        return answer.content
