"""What a laptop hands over sealed is taken whole, opened at the desk alone, and never twice."""

import dataclasses as dc
import hashlib
import io
import re
import resource
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select

from hah_central import audit, bundles, keyfiles, keys, office
from hah_central.audit import Deed
from hah_central.cli import main
from hah_central.database import Database
from hah_central.keyfiles import FLOOR
from hah_central.keyfiles import Kind as Kinds
from hah_central.rows import Change as ChangeRow
from hah_central.rows import Clock
from hah_central.rows import Laptop as Row
from hah_desktop.domain.changes import Change, canonical
from hah_desktop.domain.exchange import Enrolled, Verdict
from hah_desktop.domain.ids import LaptopId, visit_file
from hah_desktop.seals import bundle
from hah_desktop.seals.bundle import Kind, Part, Sender
from hah_desktop.seals.sealing import OfficeKeys, OfficeSecrets
from hah_desktop.sync.client import Office, Permission
from hah_desktop.sync.errors import Refused
from hah_desktop.sync.wire import signed_bundle
from tests.central.conftest import HandClock, served
from tests.central.laptop import Laptop, new_id, problem, verdicts
from tests.central.trust import sealed_for

PASSPHRASE = "violet kettle orbit marsh"
LETTER = b"%PDF- a scanned letter " * 5_000
NOBODY = "00000000-0000-7000-8000-000000000000"


@dataclass
class Bureau:
    """An office with keys, where laptops may be revoked, and its bundles' folder."""

    database: Database
    client: httpx.Client
    clock: HandClock
    public: OfficeKeys
    keys: Path
    folder: Path
    address: str
    office: str

    def laptop(self, adviser: str = "Ruth Aldous", *, revoked: bool = True) -> Laptop:
        """A laptop that was enrolled long ago."""
        key = Ed25519PrivateKey.generate()
        id_ = new_id()
        now = self.clock()
        with self.database.writing() as connection:
            owner = office.add_adviser(connection, adviser, "adviser", now)
            row = {
                "id": id_,
                "adviser": owner,
                "name": "Laptop of the test",
                "public_key": key.public_key().public_bytes_raw().hex(),
                "last_number": 0,
                "last_hash": "",
                "enrolled": now,
                "revoked": now if revoked else None,
            }
            connection.execute(insert(Row).values(row))
            epoch = connection.execute(select(Clock.epoch)).scalar_one()
        enrolled = Enrolled(LaptopId(id_), owner, adviser, self.office, epoch)
        return Laptop(self.client, enrolled, key, sealed_for(self.public))

    def sealed(self, laptop: Laptop, *parts: Part, to: bytes | None = None) -> bytes:
        """A bundle of this laptop."""
        target = io.BytesIO()
        sender = Sender(laptop.enrolled.laptop, 1, "2026-11-22T10:00:00+00:00", laptop.key.sign)
        bundle.write(target, sender, [to or self.public.recovery], parts)
        return target.getvalue()

    def permitted(self, laptop: Laptop, data: bytes, office_id: str | None = None) -> Permission:
        digest = hashlib.sha256(data).hexdigest()
        signed = signed_bundle(office_id or self.office, digest, len(data))
        signature = laptop.key.sign(signed).hex()
        return Permission(laptop.enrolled.laptop, digest, len(data), signature)

    def send(self, laptop: Laptop, data: bytes) -> str:
        """As the program sends it."""
        there = Office(str(self.client.base_url))
        try:
            return there.send_bundle(self.permitted(laptop, data), io.BytesIO(data))
        finally:
            there.close()

    def kept(self) -> list[str]:
        """What lies in the folder, whole or half."""
        return sorted(path.name for path in self.folder.iterdir()) if self.folder.exists() else []

    def run(self, *words: str) -> int:
        """A command of the office on the same data."""
        where = (
            ("--data", str(Path(self.address).parent))
            if self.database.is_sqlite
            else ("--database", self.address)
        )
        return main([*words, *where])

    def open(self, what: str, out: Path) -> int:
        return self.run("bundle", what, "--keys", str(self.keys), "--out", str(out), "--who", "Ada")


SECRETS = OfficeSecrets.generate()


@pytest.fixture(scope="module")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the office's private keys: locking them takes its time, so it is done once."""
    folder = tmp_path_factory.mktemp("stick") / "keys"
    seed = keyfiles.lock(Kinds.RECOVERY, SECRETS.recovery_seed, PASSPHRASE, FLOOR)
    with keyfiles.written(folder, {Kinds.RECOVERY: seed}):
        return folder


@pytest.fixture
def bureau(
    database: Database,
    clock: HandClock,
    address: str,
    key_files: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Bureau]:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HAH_OFFICE_KEYS_PASSPHRASE", PASSPHRASE)
    with database.writing() as connection:
        keys.publish(connection, SECRETS.public, Deed("Ada", clock()))
        name = connection.execute(select(Clock.office)).scalar_one()
    folder = bundles.folder_of(database, None)
    assert folder.is_relative_to(tmp_path)
    path = database.engine.url.database if database.is_sqlite else address
    with served(database, clock) as client:
        yield Bureau(database, client, clock, SECRETS.public, key_files, folder, str(path), name)
    # Nothing that was begun and cut is left, now that every connection has ended.
    assert not list(folder.glob("*.part"))


def changes(*those: Change) -> Part:
    return Part("changes", Kind.CHANGES, [canonical(change) + b"\n" for change in those])


DRAFT = Part("draft-0001.json", Kind.DRAFT, [b'{"body": {"impression": "half a sent"}}'])


def letter() -> Part:
    return Part("0123456789abcdef", Kind.FILE, [LETTER])


def test_a_revoked_laptop_hands_over_without_a_token(bureau: Bureau) -> None:
    laptop = bureau.laptop()
    data = bureau.sealed(laptop, DRAFT, letter())
    digest = hashlib.sha256(data).hexdigest()
    assert bureau.send(laptop, data) == digest
    assert bureau.kept() == [f"{digest}.bundle"]
    assert (bureau.folder / f"{digest}.bundle").read_bytes() == data
    assert (bureau.folder / f"{digest}.bundle").stat().st_mode & 0o077 == 0
    with bureau.database.reading() as connection:
        [line] = bundles.lines(connection)
    assert (line.sha256, line.laptop) == (digest, laptop.enrolled.laptop)
    assert (line.size, line.received, line.opened) == (len(data), bureau.clock(), None)


def test_the_same_bundle_twice_is_one(bureau: Bureau) -> None:
    laptop = bureau.laptop()
    data = bureau.sealed(laptop, letter())
    assert bureau.send(laptop, data) == bureau.send(laptop, data)
    assert len(bureau.kept()) == 1
    with bureau.database.reading() as connection:
        assert len(bundles.lines(connection)) == 1


def _post(bureau: Bureau, permission: Permission, data: bytes) -> httpx.Response:
    return bureau.client.post("/v1/bundle", content=data, headers=_headers(permission))


def _headers(permission: Permission) -> dict[str, str]:
    return {
        "Hah-Laptop": permission.laptop,
        "Hah-Sha256": permission.sha256,
        "Hah-Size": str(permission.size),
        "Hah-Signature": permission.signature,
    }


@dataclass
class Wrong:
    """What somebody else might say."""

    change: Callable[[Permission, Bureau], Permission]
    status: int
    name: str


def _with(**fields: object) -> Callable[[Permission, Bureau], Permission]:
    def changed(permission: Permission, _bureau: Bureau) -> Permission:
        told = {
            "laptop": permission.laptop,
            "sha256": permission.sha256,
            "size": permission.size,
            "signature": permission.signature,
            **fields,
        }
        return Permission(**told)  # type: ignore[arg-type]  # as wrong as the test wants it

    return changed


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(Wrong(_with(laptop=NOBODY), 401, "unknown-laptop"), id="unknown laptop"),
        pytest.param(Wrong(_with(laptop="office"), 401, "unknown-laptop"), id="the office itself"),
        pytest.param(Wrong(_with(signature="00" * 64), 401, "wrong-signature"), id="unsigned"),
        pytest.param(Wrong(_with(signature=""), 401, "wrong-signature"), id="no signature"),
        pytest.param(Wrong(_with(size=7), 401, "wrong-signature"), id="another size"),
        pytest.param(Wrong(_with(sha256="00" * 32), 401, "wrong-signature"), id="another hash"),
        pytest.param(Wrong(_with(sha256="../x"), 422, "unreadable"), id="no hash"),
        pytest.param(Wrong(_with(size="many"), 422, "unreadable"), id="no size"),
        pytest.param(Wrong(_with(size=5 << 30), 413, "too-large"), id="too large"),
    ],
)
def test_what_is_not_permitted_is_refused_before_it_is_kept(bureau: Bureau, wrong: Wrong) -> None:
    laptop = bureau.laptop()
    data = bureau.sealed(laptop, letter())
    permission = wrong.change(bureau.permitted(laptop, data), bureau)
    problem(_post(bureau, permission, data), wrong.status, wrong.name)
    assert bureau.kept() == []


def test_a_permission_for_another_office_is_none(bureau: Bureau) -> None:
    laptop = bureau.laptop()
    data = bureau.sealed(laptop, letter())
    answer = _post(bureau, bureau.permitted(laptop, data, office_id="another"), data)
    problem(answer, 401, "wrong-signature")
    assert bureau.kept() == []


def test_another_file_than_was_permitted_is_not_kept(bureau: Bureau) -> None:
    laptop = bureau.laptop()
    data = bureau.sealed(laptop, letter())
    permission = bureau.permitted(laptop, data)
    problem(_post(bureau, permission, data[:-1] + b"!"), 422, "unreadable")
    problem(_post(bureau, permission, data + b"!"), 422, "unreadable")
    problem(_post(bureau, permission, data[:-1]), 422, "unreadable")
    assert bureau.kept() == []


def test_a_body_that_is_cut_is_not_kept(bureau: Bureau) -> None:
    laptop = bureau.laptop()
    data = bureau.sealed(laptop, Part("large", Kind.FILE, [bytes(1 << 20)] * 5))
    head = "".join(
        f"{name}: {value}\r\n"
        for name, value in {
            "Host": "office",
            "Content-Length": str(len(data)),
            **_headers(bureau.permitted(laptop, data)),
        }.items()
    )
    url = bureau.client.base_url
    assert url.port is not None
    with create_connection((url.host, url.port)) as line:
        line.sendall(f"POST /v1/bundle HTTP/1.1\r\n{head}\r\n".encode() + data[: 3 << 20])
    # The office answers the next one only after it has noticed that nobody waits for this one.
    assert bureau.send(laptop, data)
    assert [name for name in bureau.kept() if name.endswith(".bundle")] == [
        f"{hashlib.sha256(data).hexdigest()}.bundle"
    ]
    with bureau.database.reading() as connection:
        assert len(bundles.lines(connection)) == 1


def test_one_laptop_cannot_fill_the_office_s_disk(bureau: Bureau) -> None:
    laptop = bureau.laptop()
    sent = [bureau.sealed(laptop, letter()) for _ in range(bundles.WAITING)]
    for data in sent:
        bureau.send(laptop, data)
    with pytest.raises(Refused) as refusal:
        bureau.send(laptop, bureau.sealed(laptop, letter()))
    assert refusal.value.type == "urn:hah:too-many-bundles"
    assert bureau.send(laptop, sent[0])
    other = bureau.laptop()
    assert bureau.send(other, bureau.sealed(other, letter()))


def test_the_office_takes_in_what_it_held_and_says_so(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop()
    visit = new_id()
    first = laptop.visit(visit, advisers=[laptop.adviser], impression="Never sent")
    theirs = laptop.change(new_id(), "visit", [visit_file(new_id())], {"impression": "x"})
    data = bureau.sealed(laptop, changes(first, theirs), DRAFT, letter())
    digest = bureau.send(laptop, data)
    out = tmp_path / "out"
    assert bureau.open(digest[:12], out) == 0
    said = capsys.readouterr().out
    assert "Laptop of the test of Ruth Aldous" in said
    assert "Changes: 2. Taken into the records: 1 applied, 1 set aside." in said
    assert "Drafts: 1. Files: 1." in said
    assert sorted(path.name for path in out.iterdir()) == ["0123456789abcdef", "draft-0001.json"]
    assert (out / "0123456789abcdef").read_bytes() == LETTER
    for path in (*out.iterdir(), out):
        assert path.stat().st_mode & 0o077 == 0
    assert journal(bureau) == [("applied", 1), ("set_aside", 2)]
    with bureau.database.reading() as connection:
        [line] = bundles.lines(connection)
        done = [(entry.who, entry.what, entry.laptop) for entry in audit.entries(connection)]
    assert line.opened is not None
    assert ("Ada", "opened a bundle", laptop.enrolled.laptop) in done


def journal(bureau: Bureau) -> list[tuple[str, int]]:
    with bureau.database.reading() as connection:
        listed = select(ChangeRow.verdict, ChangeRow.number).where(ChangeRow.laptop != "office")
        return [(v, n) for v, n in connection.execute(listed.order_by(ChangeRow.number))]


def test_a_bundle_on_a_stick_is_taken_in_as_well(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop()
    change = laptop.visit(new_id(), advisers=[laptop.adviser], impression="Never sent")
    stick = tmp_path / "for the office.sealed"
    stick.write_bytes(bureau.sealed(laptop, changes(change)))
    assert bureau.open(str(stick), tmp_path / "out") == 0
    said = capsys.readouterr().out
    assert "Changes: 1. Taken into the records: 1 applied." in said
    assert "It held no drafts and no files." in said
    assert journal(bureau) == [("applied", 1)]
    # The laptop reaches the office after all.
    assert bureau.send(laptop, stick.read_bytes())
    with bureau.database.reading() as connection:
        assert len(bundles.lines(connection)) == 1


def test_what_came_before_is_not_taken_twice(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop(revoked=False)
    visit = new_id()
    first = laptop.visit(visit, advisers=[laptop.adviser], impression="Sent before")
    second = laptop.visit(visit, [first.id], impression="Never sent")
    laptop.sign_in()
    laptop.push(first)
    data = bureau.sealed(laptop, changes(first, second), DRAFT)
    digest = bureau.send(laptop, data)
    assert bureau.open(digest, tmp_path / "out") == 0
    assert "Changes: 2. Taken into the records: 1 applied, 1 known before." in (
        capsys.readouterr().out
    )
    assert bureau.open(digest, tmp_path / "out") == 0
    said = capsys.readouterr().out
    assert "It was opened before" in said
    assert "Taken into the records: 2 known before." in said
    assert verdicts(laptop.push(first, second)) == [Verdict.DUPLICATE, Verdict.DUPLICATE]
    assert journal(bureau) == [("applied", 1), ("applied", 2)]


def test_many_changes_are_taken_in_batch_by_batch(bureau: Bureau, tmp_path: Path) -> None:
    laptop = bureau.laptop()
    visit = new_id()
    many = [laptop.visit(visit, advisers=[laptop.adviser], impression="0")]
    for number in range(1, 2_050):
        many.append(laptop.visit(visit, [many[-1].id], impression=str(number)))
    digest = bureau.send(laptop, bureau.sealed(laptop, changes(*many)))
    assert bureau.open(digest, tmp_path / "out") == 0
    assert journal(bureau) == [("applied", number) for number in range(1, 2_051)]


def test_nothing_is_written_over(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop()
    change = laptop.visit(new_id(), advisers=[laptop.adviser], impression="Never sent")
    digest = bureau.send(laptop, bureau.sealed(laptop, changes(change), letter()))
    out = tmp_path / "out"
    out.mkdir()
    for other in (b"somebody's own", bytes(len(LETTER))):
        (out / "0123456789abcdef").write_bytes(other)
        assert bureau.open(digest, out) == 1
        assert "Nothing was taken in" in capsys.readouterr().err
        assert (out / "0123456789abcdef").read_bytes() == other
    (out / "0123456789abcdef").unlink()
    (out / "0123456789abcdef").symlink_to(tmp_path / "elsewhere")
    assert bureau.open(digest, out) == 1
    assert not (tmp_path / "elsewhere").exists()
    assert journal(bureau) == []


def test_a_disk_that_is_full_keeps_what_was_written_and_goes_on_later(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop()
    stick = tmp_path / "stick.sealed"
    out = tmp_path / "out"
    keep = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # As large as the database may get meanwhile, and smaller than the letter.
    large = Part("large", Kind.FILE, [bytes(5 << 20)])
    stick.write_bytes(bureau.sealed(laptop, DRAFT, large))
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, limits[1]))
    try:
        assert bureau.open(str(stick), out) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, keep)
    assert "run this again" in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == ["draft-0001.json"]
    assert bureau.open(str(stick), out) == 0
    assert "It held no changes." in capsys.readouterr().out
    assert (out / "large").stat().st_size == 5 << 20


def test_bundles_are_kept_where_somebody_said(bureau: Bureau, tmp_path: Path) -> None:
    named = bundles.folder_of(bureau.database, tmp_path / "elsewhere")
    assert named == tmp_path / "elsewhere"


def test_changes_that_do_not_follow_are_written_out_with_the_reason(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop()
    visit = new_id()
    first = laptop.visit(visit, advisers=[laptop.adviser], impression="The office lost this")
    second = laptop.visit(visit, [first.id], impression="Never sent")
    digest = bureau.send(laptop, bureau.sealed(laptop, changes(second), DRAFT))
    out = tmp_path / "out"
    assert bureau.open(digest, out) == 0
    assert "were not taken into the records: Changes before this one" in capsys.readouterr().out
    assert (out / "changes").read_bytes() == canonical(second) + b"\n"
    assert (out / "draft-0001.json").exists()
    assert journal(bureau) == []
    with bureau.database.reading() as connection:
        assert [line.opened for line in bundles.lines(connection)] == [None]


@pytest.mark.parametrize("line", [b"{", b"[]", b"[" * 50_000])
def test_changes_that_cannot_be_read_are_written_out(
    bureau: Bureau, tmp_path: Path, line: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop()
    change = laptop.visit(new_id(), advisers=[laptop.adviser], impression="Never sent")
    part = Part("changes", Kind.CHANGES, [canonical(change), b"\n", line])
    digest = bureau.send(laptop, bureau.sealed(laptop, part))
    assert bureau.open(digest, tmp_path / "out") == 0
    assert "A line of its changes cannot be read." in capsys.readouterr().out
    assert journal(bureau) == []


def test_a_bundle_that_is_not_ours_or_was_changed_is_refused(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop()
    stranger = dc.replace(laptop, key=Ed25519PrivateKey.generate())
    other = OfficeSecrets.generate().public.recovery
    good = bureau.sealed(laptop, letter())
    for number, data in enumerate(
        [
            bureau.sealed(stranger, letter()),
            bureau.sealed(laptop, letter(), to=other),
            good[:-1],
            good[:-1] + b"!",
        ]
    ):
        stick = tmp_path / f"stick{number}"
        stick.write_bytes(data)
        assert bureau.open(str(stick), tmp_path / "out") == 1
        assert re.search("damaged, changed|not signed by whom", capsys.readouterr().err)
    assert not (tmp_path / "out").exists()


def test_the_bundles_are_listed(bureau: Bureau, capsys: pytest.CaptureFixture[str]) -> None:
    laptop = bureau.laptop()
    digest = bureau.send(laptop, bureau.sealed(laptop, letter()))
    assert bureau.run("bundle") == 0
    said = capsys.readouterr().out
    assert digest[:16] in said
    assert laptop.enrolled.laptop in said
    assert "opened: not yet" in said


@pytest.mark.parametrize("name", ["nothing", "0123", "%%%%%%%%", "abcdef012345"])
def test_a_bundle_that_is_not_there_is_said(
    bureau: Bureau, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bureau.open(name, tmp_path / "out") == 1
    assert "no single bundle" in capsys.readouterr().err


def test_opening_needs_keys_and_a_folder(
    bureau: Bureau, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bureau.run("bundle", "abcdef") == 1
    assert "--out FOLDER" in capsys.readouterr().err


def test_a_bundle_whose_file_is_gone_is_said(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop()
    digest = bureau.send(laptop, bureau.sealed(laptop, letter()))
    (bureau.folder / f"{digest}.bundle").unlink()
    assert bureau.open(digest, tmp_path / "out") == 1
    assert "cannot be read" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_to_is_said(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop()
    digest = bureau.send(laptop, bureau.sealed(laptop, letter()))
    (tmp_path / "out").write_bytes(b"a file")
    assert bureau.open(digest, tmp_path / "out") == 1
    assert "cannot be written" in capsys.readouterr().err
