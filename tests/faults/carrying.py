"""A laptop that carries letters to the office and back, and a line that is cut at any byte."""

import dataclasses as dc
import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

import httpx

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.attachments import travelling
from hah_desktop.store.attachments.attachments import Attachments, find
from hah_desktop.store.attachments.travelling import Way
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.saving import Edited
from hah_desktop.sync import files
from hah_desktop.sync.client import Office
from hah_desktop.sync.files import Carried
from hah_desktop.sync.wire.form import DIGEST_HEADER
from tests.faults.made import Machine
from tests.store.letters import add_letter

BLOBS = "/v1/blobs/"


@dataclass
class CutLine(httpx.BaseTransport):
    """A real line that is cut by chance, at any byte of what a laptop sends or is answered."""

    chance: random.Random
    how_often: float = 0.0
    cuts: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    cut: Counter[str] = field(default_factory=Counter)
    spoil: Callable[[bytes], bytes] | None = None
    lies: bool = False
    """Whether what is spoilt comes with its own hash, as from an office that lies."""

    def __post_init__(self) -> None:
        self._line = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask, or be cut: before, while it is sent, while it is answered, or just after."""
        if BLOBS not in request.url.path:
            return self._line.handle_request(request)
        what = f"{request.method} {request.url.path} {request.headers.get('Range', '')}"
        self.asked[what] += 1
        if self.chance.random() >= self.how_often:
            return self._spoilt(self._line.handle_request(request))
        self.cuts += 1
        self.cut[what] += 1
        body = request.read()
        if self.chance.random() < 1 / 2:
            sent = body[: self.chance.randrange(len(body) + 1)]
            half = httpx.Request(
                request.method, request.url, headers=request.headers, stream=_Broken(sent)
            )
            self._line.handle_request(half)
        answer = self._line.handle_request(request)
        whole = b"".join(answer.iter_raw())
        answer.close()
        if self.chance.random() < 1 / 2:
            raise httpx.ReadError("cut before the answer")
        part = whole[: self.chance.randrange(len(whole) + 1)]
        return httpx.Response(answer.status_code, headers=answer.headers, stream=_Broken(part))

    def _spoilt(self, answer: httpx.Response) -> httpx.Response:
        if self.spoil is None:
            return answer
        whole = self.spoil(b"".join(answer.iter_raw()))
        answer.close()
        spoilt, headers = httpx.ByteStream(whole), answer.headers
        if self.lies:
            headers[DIGEST_HEADER] = hashlib.sha256(whole).hexdigest()
        return httpx.Response(answer.status_code, headers=headers, stream=spoilt)

    def close(self) -> None:
        """Let go of the connections."""
        self._line.close()


class _Broken(httpx.SyncByteStream):
    """So many bytes, and then the line is cut."""

    def __init__(self, part: bytes) -> None:
        self._part = part

    def __iter__(self) -> Iterator[bytes]:
        if self._part:
            yield self._part
        raise httpx.WriteError("cut here")


@dataclass
class Carrier:
    """A machine, the attachments beside its database, and its line to the office."""

    machine: Machine
    line: CutLine

    def __post_init__(self) -> None:
        self.store = self.machine.unlocked.store
        self.kept = Attachments(self.store.folder)

    def visit(self, *advisers: Machine) -> str:
        """A visit of this adviser and perhaps others."""
        named = {one.unlocked.who.adviser for one in (self.machine, *advisers)}
        visit = Visit(id=RecordId(self.store.new_id()), advisers=frozenset(named))
        self.store.add(visit)
        return visit.id

    def add(self, visit: str, content: bytes) -> str:
        """Add a letter; returns the id of the record about it."""
        return add_letter(self.store, visit, content)

    def sync(self) -> None:
        """Send and fetch the text, over a line that is not cut."""
        assert self.machine.sync().problem is None

    def office(self) -> Office:
        """The office at the other end of the line, signed in."""
        who = self.machine.unlocked.who
        plain = self.machine.laptop.office(who)
        plain.close()
        there = Office(who.office_url, plain._laptop, transport=self.line)
        there.sign_in(who.office)
        return there

    def carry(self, stopped: Callable[[], bool] = lambda: False) -> Carried:
        """Carry files once, there and back."""
        with closing(self.office()) as office:
            return self.carry_over(office, stopped)

    def carry_over(self, office: Office, stopped: Callable[[], bool] = lambda: False) -> Carried:
        """Carry files once, over a line that is there already."""
        return files.carry(self.store, self.kept, office, lambda _c: None, stopped)

    def fetch(
        self,
        record: str,
        stopped: Callable[[], bool] = lambda: False,
        tell: Callable[[int, int], None] = lambda _done, _of: None,
    ) -> None:
        """Fetch one, as a person asks for it."""
        with closing(self.office()) as office:
            files.fetch(
                self.store,
                self.kept,
                office,
                record,
                tell=tell,
                stopped=stopped,
            )

    def tidy(self) -> None:
        """What the program does before it carries."""
        files.tidy(self.store, self.kept)

    def remove(self, record: str) -> None:
        """Remove an attachment, as a person does."""
        with self.store.reading() as connection:
            held = reading.get(connection, record)
        assert held is not None
        self.store.save(Edited(dc.replace(held.record, removed=True), held.seen))

    def way(self, record: str) -> Way:
        """How far an attachment is."""
        with self.store.reading() as connection:
            return travelling.way(connection, self.record(record))

    def record(self, record: str) -> Attachment:
        """What is written about it."""
        with self.store.reading() as connection:
            held = reading.get(connection, record)
        assert held is not None
        assert isinstance(held.record, Attachment)
        return held.record

    def content(self, record: str) -> bytes:
        """The plain bytes, as they are kept here."""
        with self.store.reading() as connection:
            file = find(connection, self.record(record).content)
        assert file is not None
        return self.kept.read(file)

    def lying(self) -> list[str]:
        """What lies in the folder of attachments."""
        folder = self.kept.path("x").parent
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []
