"""The office's tables, each column typed once; nothing here reads or writes them.

What thousands of rows name at once (`Change.batch`, `Record.lies_in`) has to be there as with any
foreign key; triggers see to it, which on PostgreSQL do not ask for each row.
"""

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from hah_central.database.columns import Base, Views
from hah_desktop.domain.aside import Why
from hah_desktop.domain.ids import LaptopId

OFFICE = LaptopId("office")
"""The virtual laptop on which the office's own changes are made."""


class Clock(Base):
    """The one counter row. Whoever writes to the journal locks it first."""

    __tablename__ = "clock"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    epoch: Mapped[str]
    office: Mapped[str]


class Adviser(Base):
    """A person to whom laptops and files are given. The id is that of the adviser's record."""

    __tablename__ = "adviser"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class EnrolCode(Base):
    """A one-time code, as its hash. `laptop` is what whoever uses it will be called."""

    __tablename__ = "enrol_code"

    hash: Mapped[str] = mapped_column(primary_key=True)
    adviser: Mapped[str] = mapped_column(ForeignKey(Adviser.id))
    expires: Mapped[dt.datetime]
    used: Mapped[dt.datetime | None]
    laptop: Mapped[str | None]


class ReturnCode(Base):
    """A one-time code, as its hash, for a laptop that the office lost as it was put back.

    `name` and `role` are its adviser's; `laptop` is which one came with the code.
    """

    __tablename__ = "return_code"

    hash: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    expires: Mapped[dt.datetime]
    used: Mapped[dt.datetime | None]
    laptop: Mapped[str | None]


class Laptop(Base):
    """An enrolled laptop and how far its changes have come. `office` is the office's own.

    `told_number` is how many changes the laptop said that it has, when it last signed in;
    `unsent_since` since when the office has known of some that it does not have; `ahead` by how
    many seconds its clock was ahead of the office's when they had last met.
    """

    __tablename__ = "laptop"

    id: Mapped[str] = mapped_column(primary_key=True)
    adviser: Mapped[str | None] = mapped_column(ForeignKey(Adviser.id))
    name: Mapped[str]
    public_key: Mapped[str]
    last_number: Mapped[int]
    last_hash: Mapped[str]
    enrolled: Mapped[dt.datetime]
    last_contact: Mapped[dt.datetime | None]
    revoked: Mapped[dt.datetime | None]
    told_number: Mapped[int | None]
    unsent_since: Mapped[dt.datetime | None]
    program: Mapped[str | None]
    ahead: Mapped[int | None]


class Recovery(Base):
    """A laptop's secret for one-use codes, sealed to the office's recovery key.

    `id` is what an adviser reads out, `vault` what the seal is bound to; all three in hex.
    """

    __tablename__ = "recovery"

    laptop: Mapped[str] = mapped_column(ForeignKey(Laptop.id), primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    vault: Mapped[str]
    sealed: Mapped[str] = mapped_column(Text)


class OfficeKey(Base):
    """The public half of one of the office's keys, in hex. The private ones are never here."""

    __tablename__ = "office_key"

    kind: Mapped[str] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(Text)
    made: Mapped[dt.datetime]


class OfficeOrder(Base):
    """A signed order to one laptop, which may not be enrolled yet. `office` stands for all."""

    __tablename__ = "office_order"

    laptop: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    body: Mapped[str] = mapped_column(Text)
    signature: Mapped[str]
    made: Mapped[dt.datetime]


class Audit(Base):
    """Who did what at the office, and when. The database itself lets rows only be added."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    at: Mapped[dt.datetime]
    who: Mapped[str]
    what: Mapped[str]
    laptop: Mapped[str]
    detail: Mapped[str] = mapped_column(Text)


class Token(Base):
    """A laptop's short-lived sign-in, as its hash."""

    __tablename__ = "token"

    hash: Mapped[str] = mapped_column(primary_key=True)
    laptop: Mapped[str] = mapped_column(ForeignKey(Laptop.id))
    expires: Mapped[dt.datetime] = mapped_column(index=True)


class Challenge(Base):
    """Random words that a laptop signs once to prove itself."""

    __tablename__ = "challenge"

    challenge: Mapped[str] = mapped_column(primary_key=True)
    laptop: Mapped[str] = mapped_column(ForeignKey(Laptop.id))
    expires: Mapped[dt.datetime] = mapped_column(index=True)


class Batch(Base):
    """Changes that came together, and the signature that vouches for them.

    `numbers` says how many numbers of the counter it took; None for those of the first versions.
    One without changes marks a number that was taken for rights.
    """

    __tablename__ = "batch"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    laptop: Mapped[str] = mapped_column(ForeignKey(Laptop.id))
    received: Mapped[dt.datetime]
    digest: Mapped[str]
    signature: Mapped[str]
    numbers: Mapped[int | None]


class Evidence(Base):
    """What a batch's digest is of, packed as it came: the very bytes that the laptop signed for.

    `said` is what the signature is over, where that is more than the digest: a bundle's manifest.
    """

    __tablename__ = "evidence"

    digest: Mapped[str] = mapped_column(primary_key=True)
    said: Mapped[bytes] = mapped_column(LargeBinary)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class SignedToo(Base):
    """What else was signed that names a digest of which there is evidence: another manifest."""

    __tablename__ = "manifest"

    digest: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    said: Mapped[bytes] = mapped_column(LargeBinary)


class Change(Base):
    """The journal: every change that was ever received. Rows are added, never altered."""

    __tablename__ = "change"
    __table_args__ = (
        UniqueConstraint("seq"),
        UniqueConstraint("laptop", "number"),
        Index(None, "record"),
        # Nearly every change is applied, in its place in a chain: only the others are in it. To say
        # here which these are would load what is known of either kind of database.
        Index("ix_change_odd", "verdict"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int]
    laptop: Mapped[str]
    number: Mapped[int]
    hash: Mapped[str]
    previous: Mapped[str]
    record: Mapped[str]
    kind: Mapped[str]
    author: Mapped[str]
    made_at: Mapped[str]
    clock_trusted: Mapped[bool]
    received: Mapped[dt.datetime]
    batch: Mapped[int] = mapped_column(ForeignKey(Batch.seq))
    verdict: Mapped[str]
    problem: Mapped[Why] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)


IN_FORCE = Change.verdict.not_in(("set_aside", "duplicate"))
"""Of the journal, what was taken into its record. A duplicate is there for its place alone."""


class FileSet(Base):
    """Files in which records lie together, and the name that they have together: see `file_sets`.

    The database itself lets rows only be added.
    """

    __tablename__ = "file_set"

    name: Mapped[str] = mapped_column(primary_key=True)
    file: Mapped[str] = mapped_column(primary_key=True, index=True)


class Record(Base):
    """Where each record stands in the journal: derived from it, and rebuilt from it at any time.

    `heads` is {field: {"heads": [...], "ahead": [...]}}, `moved` {field: seq of its last move}.
    Both are null where the change at `seq` began the record and is all there is of it: see `begun`.
    `lies_in` names the files that it lies in together, and `joined` is when it last came into one
    of them. `low` and `high` are what it adds to the digest of each; null where nobody worked it
    out yet.
    """

    __tablename__ = "record"
    __table_args__ = (Index(None, "lies_in", "seq"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(index=True)
    seq: Mapped[int]
    heads: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    moved: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    lies_in: Mapped[str | None]
    joined: Mapped[int]
    low: Mapped[int | None]
    high: Mapped[int | None]


class RecordFile(Views):
    """In which files a record lies, of `Record` and `FileSet`.

    `seq` is the record's last move, and the others are the record's too.
    """

    __tablename__ = "record_file"

    record: Mapped[str] = mapped_column(primary_key=True)
    file: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int]
    joined: Mapped[int]
    low: Mapped[int | None]
    high: Mapped[int | None]


class FileDigest(Base):
    """How many records a file holds, and the sums of their parts. `stale`: to be worked out.

    `last` is where in the journal the newest of it lies.
    """

    __tablename__ = "file_digest"

    file: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    low: Mapped[int]
    high: Mapped[int]
    stale: Mapped[bool]
    last: Mapped[int]


class Witness(Base):
    """What a laptop held of somebody else's change when this office had lost it.

    A person looks at it. It is closed by that person, or by the author's own laptop that gave
    the change back: then `closed_by` is empty. `digest` names the evidence of what the author's
    laptop signed for, where it came so from hand to hand.
    """

    __tablename__ = "witness"

    change: Mapped[str] = mapped_column(primary_key=True)
    record: Mapped[str]
    kind: Mapped[str]
    files: Mapped[list[Any]]
    laptop: Mapped[str]
    author: Mapped[str]
    made_at: Mapped[str]
    clock_trusted: Mapped[bool]
    clock_off: Mapped[int]
    fields: Mapped[dict[str, Any]]
    given_by: Mapped[str] = mapped_column(ForeignKey(Laptop.id))
    received: Mapped[dt.datetime]
    closed: Mapped[dt.datetime | None] = mapped_column(index=True)
    closed_by: Mapped[str]
    digest: Mapped[str]
    signature: Mapped[str]


class Grant(Base):
    """Who may see which file since when, and how that came: see `access.How`."""

    __tablename__ = "file_grant"
    __table_args__ = (Index(None, "file"),)

    adviser: Mapped[str] = mapped_column(ForeignKey(Adviser.id), primary_key=True)
    file: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int]
    how: Mapped[str]


class Barred(Base):
    """From whom a file was taken back: no rule gives it again, until the office gives it."""

    __tablename__ = "barred"

    adviser: Mapped[str] = mapped_column(ForeignKey(Adviser.id), primary_key=True)
    file: Mapped[str] = mapped_column(primary_key=True)


class Holding(Base):
    """What each laptop was given, and since when, until it says that it has it no more.

    If a laptop is lost, what it has not dropped is what went with it. Of one that was taken back:
    since when it is `told` so, and the number of the last change that it made without knowing.
    """

    __tablename__ = "holding"
    __table_args__ = (Index(None, "laptop", "file"),)

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    laptop: Mapped[str] = mapped_column(ForeignKey(Laptop.id))
    file: Mapped[str]
    since: Mapped[dt.datetime]
    dropped: Mapped[dt.datetime | None]
    told: Mapped[dt.datetime | None]
    known: Mapped[int | None] = mapped_column(BigInteger)


class Bundle(Base):
    """What a laptop handed over sealed, by its hash; `number` is known once it was opened."""

    __tablename__ = "bundle"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    laptop: Mapped[str] = mapped_column(ForeignKey(Laptop.id))
    size: Mapped[int]
    received: Mapped[dt.datetime]
    opened: Mapped[dt.datetime | None]
    number: Mapped[int | None]


class Blob(Base):
    """The content of an attachment that lies whole in the office's folder, by its hash."""

    __tablename__ = "blob"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    received: Mapped[dt.datetime]
    first_by: Mapped[str] = mapped_column(ForeignKey(Laptop.id))


class BlobOffer(Base):
    """A laptop says that it has the content which a record names; `received` once it showed it."""

    __tablename__ = "blob_offer"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(primary_key=True, index=True)
    laptop: Mapped[str] = mapped_column(ForeignKey(Laptop.id), primary_key=True)
    size: Mapped[int]
    received: Mapped[dt.datetime | None]


class Card(Base):
    """The public key, in hex, to which colleagues seal what goes to a laptop from hand to hand."""

    __tablename__ = "card"

    laptop: Mapped[str] = mapped_column(ForeignKey(Laptop.id), primary_key=True)
    sealing: Mapped[str] = mapped_column(Text)
    since: Mapped[dt.datetime]


class Failure(Base):
    """How often a laptop was refused something on one day, and by which problem. No words."""

    __tablename__ = "failure"

    laptop: Mapped[str] = mapped_column(ForeignKey(Laptop.id), primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    problem: Mapped[str] = mapped_column(primary_key=True)
    times: Mapped[int]
    last: Mapped[dt.datetime]


class Reading(Base):
    """Who opened which record as it stood at `upto` in the journal. Rows are added, never altered.

    `upto` is 0 where that was a journal that was lost before a restore. `at` is the laptop's clock.
    """

    __tablename__ = "reading"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    adviser: Mapped[str] = mapped_column(ForeignKey(Adviser.id))
    laptop: Mapped[str] = mapped_column(ForeignKey(Laptop.id))
    record: Mapped[str] = mapped_column(index=True)
    upto: Mapped[int]
    at: Mapped[str]
    received: Mapped[dt.datetime]
