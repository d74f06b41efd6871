"""A revoked laptop hands over all that the office has not got, and keeps no way in."""

import errno
import hashlib
import io
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest
from sqlalchemy import update

from hah_desktop.laptop import revoking
from hah_desktop.laptop.first_look import REPORT
from hah_desktop.laptop.handing import Counts
from hah_desktop.laptop.revoking import (
    BUNDLE,
    NotDestroyed,
    NotSealed,
    Ordered,
    Sealed,
    Sent,
    again,
    copy,
    go_on,
    revoke,
    state,
    told,
)
from hah_desktop.seals import bundle, orders
from hah_desktop.seals.bundle import Kind
from hah_desktop.seals.errors import NotSigned, SealBroken
from hah_desktop.seals.orders import SignedOrder
from hah_desktop.seals.sealing import OfficeSecrets, SealingKey
from hah_desktop.store.attachments.attachments import Attachments
from hah_desktop.store.exchange import outbox
from hah_desktop.store.tables import meta
from hah_desktop.store.tables.rows import CHANGE
from hah_desktop.vault import signing
from tests.laptop import ending
from tests.laptop.ending import HALF, LETTER, RUTH, SECRETS, SIGNING_KEY, order, unlock

ROOT = Path(__file__).resolve().parents[2]


def _silent(_words: str) -> None:
    pass


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a laptop that nobody may touch: each test takes a copy."""
    folder = tmp_path_factory.mktemp("whole") / "laptop"
    ending.make(folder)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "laptop"
    shutil.copytree(whole, copied)
    return copied


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


def _public(laptop: str) -> bytes | None:
    return bytes.fromhex(signing.public_key(SIGNING_KEY)) if laptop == RUTH.laptop else None


def handed_over(data: bytes) -> dict[str, tuple[Kind, bytes]]:
    """What the office reads."""
    opened = bundle.read(io.BytesIO(data), SECRETS.recovery, _public)
    return {part.name: (part.kind, b"".join(pieces)) for part, pieces in opened.parts()}


def assert_all_is_there(data: bytes) -> None:
    found = handed_over(data)
    lines = found["changes"][1].splitlines()
    assert [json.loads(line)["number"] for line in lines] == [1, 2]
    words = [json.loads(line)["fields"]["impression"]["value"] for line in lines]
    assert words == ["The first visit", "The second visit"]
    drafts = [json.loads(data) for kind, data in found.values() if kind is Kind.DRAFT]
    typed = {draft["body"]["impression"] for draft in drafts}
    assert typed == {f"The first visit, {HALF}", f"The second visit, {HALF}"}
    assert [data for kind, data in found.values() if kind is Kind.FILE] == [LETTER]


def assert_nothing_opens(folder: Path) -> None:
    left = {path.name for path in folder.rglob("*")}
    assert left <= {BUNDLE, REPORT, "label"}


def test_what_the_office_has_not_got_is_sealed_before_the_keys_are_destroyed(
    folder: Path,
) -> None:
    unlocked = unlock(folder)
    said: list[str] = []
    sealed = revoke(unlocked, folder, order(), said.append)
    assert unlocked.keys.wiped
    assert sealed == state(folder)
    assert sealed.counts == Counts(changes=2, drafts=2, files=1, unreadable=0)
    assert_all_is_there((folder / BUNDLE).read_bytes())
    assert_nothing_opens(folder)
    assert len(said) == 2
    assert (folder / BUNDLE).stat().st_mode & 0o077 == 0


def test_the_changes_are_spelled_as_they_were_signed_for(folder: Path) -> None:
    unlocked = unlock(folder)
    with unlocked.store.reading() as connection:
        chain = meta.chain_end(connection)
        assert outbox.unsent_count(connection) == 2
    revoke(unlocked, folder, order(), _silent)
    last = handed_over((folder / BUNDLE).read_bytes())["changes"][1].splitlines()[-1]
    assert (chain.number, chain.hash) == (2, hashlib.sha256(last).hexdigest())


def test_what_nobody_can_read_is_sealed_in_its_place(folder: Path) -> None:
    unlocked = unlock(folder)
    kept = json.dumps({"id": "odd", "number": 1})
    with unlocked.store.writing() as connection:
        first = update(CHANGE).where(CHANGE.c.number == 1)
        connection.execute(first.values(record="", content=kept))
    assert revoke(unlocked, folder, order(), _silent).counts.changes == 2
    changes = handed_over((folder / BUNDLE).read_bytes())["changes"][1].splitlines()
    assert (changes[0].decode(), len(changes)) == (kept, 2)


def test_beside_it_stands_what_lets_it_be_sent_without_a_token(folder: Path) -> None:
    sealed = revoke(unlock(folder), folder, order(), _silent)
    assert sealed.office_url == RUTH.office_url
    assert sealed.order == order()
    given = sealed.permission
    data = (folder / BUNDLE).read_bytes()
    assert given.size == len(data)
    signed = f"hah-bundle-1\noffice-1\n{given.sha256}\n{given.size}".encode()
    assert given.signature == signing.sign(SIGNING_KEY, signed).hex()


def test_nobody_but_the_office_reads_what_was_sealed(folder: Path) -> None:
    revoke(unlock(folder), folder, order(), _silent)
    data = (folder / BUNDLE).read_bytes()
    with pytest.raises(SealBroken):
        bundle.read(io.BytesIO(data), SealingKey.generate(), _public)
    everything = b"".join(contents(folder).values())
    for secret in (b"first visit", b"scanned letter", SIGNING_KEY.encode(), b"22" * 16):
        assert secret not in everything


def _by_another_office() -> SignedOrder:
    return orders.sign(
        orders.Order(**json.loads(order().body)), OfficeSecrets.generate().orders_seed
    )


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda: SignedOrder(order().body, "00" * 64), id="not signed"),
        pytest.param(lambda: SignedOrder(order(8).body, order().signature), id="changed"),
        pytest.param(_by_another_office, id="by another office"),
        pytest.param(lambda: order(laptop="laptop-two"), id="to another laptop"),
        pytest.param(lambda: order(office="office-2"), id="of another office"),
        pytest.param(lambda: order(number=5), id="an old one"),
        pytest.param(lambda: order(kind="greet"), id="of another kind"),
    ],
)
def test_an_order_that_is_not_the_office_s_to_this_laptop_does_nothing(
    tmp_path: Path, wrong: Callable[[], SignedOrder]
) -> None:
    folder = tmp_path / "laptop"
    ending.make(folder, number=6)
    before = contents(folder)
    unlocked = unlock(folder)
    with pytest.raises(NotSigned):
        revoke(unlocked, folder, wrong(), _silent)
    assert not unlocked.keys.wiped
    unlocked.lock()
    assert contents(folder) == before


def test_a_laptop_that_agreed_on_no_keys_obeys_nobody(folder: Path) -> None:
    unlocked = unlock(folder)
    with unlocked.store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM meta WHERE key = 'trust'")
    with pytest.raises(NotSigned):
        revoke(unlocked, folder, order(), _silent)
    unlocked.lock()
    assert state(folder) is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_it_may_be_cut_before_every_step_and_is_gone_on_with(whole: Path, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.laptop.ending", str(whole), str(copies)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    steps = int(done.stdout)
    assert steps >= 20
    reached: set[type | None] = set()
    for folder in sorted(copies.iterdir()):
        found = go_on(folder)
        reached.add(type(found) if found else None)
        if not isinstance(found, Sealed):
            # The order comes again with the next contact, or was noted.
            ending.revoke(folder)
        assert isinstance(state(folder), Sealed), folder.name
        assert_all_is_there((folder / BUNDLE).read_bytes())
        assert_nothing_opens(folder)
    assert reached == {None, Ordered, Sealed}


def test_what_was_ordered_is_gone_on_with_after_the_next_unlocking(folder: Path) -> None:
    revoking._note(folder, Ordered(order()))
    (folder / "revoked.bundle.new").write_bytes(b"half of it")
    assert go_on(folder) == Ordered(order())
    assert not (folder / "revoked.bundle.new").exists()
    assert isinstance(again(unlock(folder), folder, _silent), Sealed)
    assert_all_is_there((folder / BUNDLE).read_bytes())
    assert_nothing_opens(folder)


def test_an_order_that_somebody_put_there_is_taken_away(folder: Path) -> None:
    revoking._note(folder, Ordered(_by_another_office()))
    unlocked = unlock(folder)
    assert again(unlocked, folder, _silent) is None
    assert state(folder) is None
    assert not unlocked.keys.wiped
    unlocked.lock()


def test_a_laptop_that_was_not_revoked_is_left_alone(folder: Path) -> None:
    before = contents(folder)
    assert go_on(folder) is None
    unlocked = unlock(folder)
    assert again(unlocked, folder, _silent) is None
    unlocked.lock()
    assert contents(folder) == before


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"stage": "sealed"', b"[" * 9999])
def test_a_report_that_is_none_ends_nothing(folder: Path, data: bytes) -> None:
    (folder / REPORT).write_bytes(data)
    before = contents(folder)
    assert go_on(folder) is None
    assert contents(folder) == before


def test_a_full_disk_destroys_nothing_and_goes_on_when_there_is_room(folder: Path) -> None:
    before = contents(folder)
    unlocked = unlock(folder)
    with _no_file_larger_than(100_000), pytest.raises(NotSealed, match="no room") as fault:
        revoke(unlocked, folder, order(), _silent)
    assert "Nothing was destroyed" in str(fault.value)
    assert unlocked.keys.wiped
    assert {**contents(folder), REPORT: b""} == {**before, REPORT: b""}
    unlocked = unlock(folder)
    with _no_file_larger_than(100_000), pytest.raises(NotSealed):
        again(unlocked, folder, _silent)
    assert unlocked.keys.wiped
    assert isinstance(again(unlock(folder), folder, _silent), Sealed)
    assert_all_is_there((folder / BUNDLE).read_bytes())
    assert_nothing_opens(folder)


def test_a_disk_without_room_for_a_word_destroys_nothing(folder: Path) -> None:
    before = contents(folder)
    unlocked = unlock(folder)
    with _no_file_larger_than(0), pytest.raises(NotSealed, match="no room"):
        revoke(unlocked, folder, order(), _silent)
    assert unlocked.keys.wiped
    assert contents(folder) == before


def test_a_damaged_file_does_not_keep_the_rest_from_the_office(folder: Path) -> None:
    unlocked = unlock(folder)
    damaged = Attachments(folder).keep(unlocked.store, io.BytesIO(b"a drawing"))
    path = Attachments(folder).path(damaged.id)
    path.write_bytes(path.read_bytes()[:-1])
    sealed = revoke(unlocked, folder, order(), _silent)
    assert sealed.counts == Counts(changes=2, drafts=2, files=1, unreadable=1)
    assert_all_is_there((folder / BUNDLE).read_bytes())
    assert "1 damaged file could not be saved." in told(sealed)


def test_a_file_that_another_program_holds_is_waited_for_and_not_destroyed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    freely = Path.open

    def held(path: Path, *how: Any, **more: Any) -> Any:
        if path.suffix == ".sealed":
            raise PermissionError(errno.EACCES, "another program uses it")
        return freely(path, *how, **more)

    unlocked = unlock(folder)
    with monkeypatch.context() as scanned:
        scanned.setattr(Path, "open", held)
        with pytest.raises(NotSealed, match="did not take"):
            revoke(unlocked, folder, order(), _silent)
    assert isinstance(again(unlock(folder), folder, _silent), Sealed)
    assert_all_is_there((folder / BUNDLE).read_bytes())


def test_a_laptop_with_nothing_unsent_hands_over_that(folder: Path) -> None:
    unlocked = unlock(folder)
    with unlocked.store.writing() as connection:
        for table in ("change", "draft", "sealed_file"):
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 - names written here
    sealed = revoke(unlocked, folder, order(), _silent)
    assert sealed.counts == Counts(0, 0, 0, 0)
    assert handed_over((folder / BUNDLE).read_bytes()) == {}
    assert_nothing_opens(folder)


def test_while_the_way_in_is_there_a_lost_bundle_is_sealed_again(folder: Path) -> None:
    before = contents(folder)
    sealed = revoke(unlock(folder), folder, order(), _silent)
    for lost in (b"", (folder / BUNDLE).read_bytes()[:-1] + b"!"):
        for name, data in before.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(data)
        revoking._note(folder, sealed)
        (folder / BUNDLE).write_bytes(lost)
        if not lost:
            (folder / BUNDLE).unlink()
        assert go_on(folder) == Ordered(order())
        assert contents(folder).keys() >= before.keys()
        assert again(unlock(folder), folder, _silent)
        assert_all_is_there((folder / BUNDLE).read_bytes())
        assert_nothing_opens(folder)


def test_a_wrap_that_cannot_be_destroyed_is_said_and_tried_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(path: Path, *, missing_ok: bool = False) -> None:
        if path.name == "vault.header":
            raise PermissionError(errno.EACCES, "Another program holds the file")
        unlink(path, missing_ok=missing_ok)

    unlink = Path.unlink
    unlocked = unlock(folder)
    with monkeypatch.context() as planted:
        planted.setattr(Path, "unlink", held)
        with pytest.raises(NotDestroyed, match="Another program holds the file"):
            revoke(unlocked, folder, order(), _silent)
    assert not (folder / "vault.header").read_bytes().strip(b"\0")
    assert unlocked.keys.wiped
    assert isinstance(go_on(folder), Sealed)
    assert_nothing_opens(folder)


def test_a_wrap_that_cannot_be_overwritten_is_taken_away_all_the_same(folder: Path) -> None:
    revoking._note(folder, revoking.Ordered(order()))
    sealed = revoke(unlock(folder), folder, order(), _silent)
    (folder / "vault.header").write_bytes(b"a wrap")
    with _no_file_larger_than(0):
        assert go_on(folder) == sealed
    assert_nothing_opens(folder)


def test_nothing_outside_is_destroyed_through_a_link(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "photo").write_bytes(b"somebody's own")
    (folder / "vault.link").symlink_to(outside / "photo")
    (folder / "records.link").symlink_to(outside / "photo")
    (folder / "records.folder").mkdir()
    shutil.rmtree(folder / "backups")
    (folder / "backups").symlink_to(outside)
    revoke(unlock(folder), folder, order(), _silent)
    assert (outside / "photo").read_bytes() == b"somebody's own"
    (folder / "records.folder").rmdir()
    assert_nothing_opens(folder)


def test_a_folder_of_another_person_below_it_is_left_alone(folder: Path) -> None:
    other = folder / "person-0123456789abcdef"
    (other / "attachments").mkdir(parents=True)
    for name in ("vault.header", "records.db", "attachments/theirs.sealed"):
        (other / name).write_bytes(b"somebody else's")
    revoke(unlock(folder), folder, order(), _silent)
    assert sorted(contents(other)) == ["attachments/theirs.sealed", "records.db", "vault.header"]


def test_a_disk_that_gives_back_something_else_destroys_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(path: Path, mode: str = "r", *rest: object) -> IO[Any]:
        if path.name == "revoked.bundle.new" and mode == "rb":
            return io.BytesIO(b"something else")
        return opened(path, mode, *rest)  # type: ignore[no-any-return,call-overload]

    opened = Path.open
    unlocked = unlock(folder)
    with monkeypatch.context() as planted:
        planted.setattr(Path, "open", torn)
        with pytest.raises(NotSealed, match="did not take"):
            revoke(unlocked, folder, order(), _silent)
    assert state(folder) == Ordered(order())
    assert not (folder / BUNDLE).exists()
    assert isinstance(again(unlock(folder), folder, _silent), Sealed)


def test_what_was_sealed_can_be_carried_on_a_stick(folder: Path, tmp_path: Path) -> None:
    revoke(unlock(folder), folder, order(), _silent)
    copy(folder, tmp_path / "stick")
    assert_all_is_there((tmp_path / "stick").read_bytes())


def test_a_copy_that_fails_leaves_what_was_on_the_stick(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    revoke(unlock(folder), folder, order(), _silent)
    stick = tmp_path / "stick" / "for the office.sealed"
    stick.parent.mkdir()
    stick.write_bytes(b"of yesterday")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            copy(folder, stick)
    assert [path.read_bytes() for path in stick.parent.iterdir()] == [b"of yesterday"]
    copy(folder, stick)
    assert_all_is_there(stick.read_bytes())


def test_the_laptop_says_what_happened(folder: Path) -> None:
    assert "has to be sealed" in told(Ordered(order()))
    sealed = revoke(unlock(folder), folder, order(), _silent)
    assert "sealed here, and nobody else can read it: 2 changes, 2 drafts and 1 file." in told(
        sealed
    )
    sent = Sent(order(), "office-1", sealed.permission.sha256, sealed.counts)
    revoking._note(folder, sent)
    assert state(folder) == sent
    assert told(sent).endswith("received what it had not got: 2 changes, 2 drafts and 1 file.")
    few = Sent(order(), "office-1", sealed.permission.sha256, Counts(1, 0, 0, 1))
    assert told(few).endswith("had not got: 1 change. 1 damaged file could not be saved.")
    none = Sent(order(), "office-1", sealed.permission.sha256, Counts(0, 0, 0, 0))
    assert told(none).endswith("The office had received everything before.")
    assert go_on(folder) == sent
    assert not (folder / BUNDLE).exists()


class _no_file_larger_than:  # noqa: N801 - reads as a sentence
    """What the system says to a program on a full disk, but for this process alone."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __enter__(self) -> None:
        self.handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        self.limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, self.limits[1]))

    def __exit__(self, *_: object) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self.limits)
        signal.signal(signal.SIGXFSZ, self.handler)
