"""A database of the earlier form: written anew at its next opening, or left as it was, whole."""

import hashlib
import hmac
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.disk import anew, engine, whole
from hah_desktop.store.disk.door import DOOR, shut
from hah_desktop.store.disk.mark import Mark
from hah_desktop.store.errors import StoreBusy, StoreDamaged, StoreTooNew, StoreUnsafe
from hah_desktop.store.safety import health
from hah_desktop.store.safety.backups import Backups
from hah_desktop.store.store import Store
from tests.faults.made import in_plain_english
from tests.store.hand import HandClock, copy_key, new_key, raw_key
from tests.store.older import in_the_earlier_form
from tests.store.sound import faults
from tests.store.spoiling import ROOT, flip, killed, visits

KILLS = 100


@pytest.fixture
def earlier(closed: Path) -> Path:
    """A closed database as the version before wrote it."""
    in_the_earlier_form(closed)
    return closed


@pytest.fixture
def backups(tmp_path: Path) -> Backups:
    return Backups(tmp_path / "backups", copy_key)


def form_of(path: Path) -> str:
    return engine.form_of(path, raw_key)


def opened(path: Path, before: Callable[[Store], object] | None = None) -> Store:
    return Store.open(path, raw_key, HandClock(), before_upgrade=before)


def beside(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir())


def reads(path: Path, proved_by: str) -> bool:
    """Whether the file can be read in this form and in no other."""
    try:
        engine._unlocked(path, raw_key, proved_by, "mode=ro&immutable=1").close()
    except StoreDamaged:
        return False
    return True


# What is written, and what is read


def test_a_new_database_is_of_todays_form_and_of_no_other(closed: Path) -> None:
    assert reads(closed, engine.TODAY)
    assert not reads(closed, engine.EARLIER)


def test_a_page_is_read_by_hand_as_the_formats_have_it(closed: Path) -> None:
    key, salt = b"\x5a" * 32, b"\xc3" * 16
    proving = hashlib.pbkdf2_hmac("sha512", key, bytes(byte ^ 0x3A for byte in salt), 2, 32)
    content = closed.read_bytes()
    assert content[:16] == salt
    for number in range(1, len(content) // 4096 + 1):
        page = content[4096 * (number - 1) : 4096 * number]
        begins = 16 if number == 1 else 0
        proved = page[begins:-32] + number.to_bytes(4, "little")
        assert page[-32:] == hmac.digest(proving, proved, "sha256")
        reader = Cipher(AES(key), CBC(page[-48:-32])).decryptor()
        plain = reader.update(page[begins:-48]) + reader.finalize()
        assert plain[-32:] == bytes(32)
        if number == 1:
            assert (plain[:2], plain[4]) == ((4096).to_bytes(2), 80)


def test_an_earlier_one_is_written_anew_and_says_the_same(earlier: Path) -> None:
    store = opened(earlier)
    assert visits(store) == ["v1"]
    assert faults(store) == []
    assert store.put_off == ""
    health.check(store)
    store.add(Visit(id=RecordId("v2"), met_by="Bo"))
    store.close()
    assert form_of(earlier) == engine.TODAY
    assert not reads(earlier, engine.EARLIER)
    assert beside(earlier) == ["records.db"]
    again = opened(earlier)
    assert visits(again) == ["v1", "v2"]
    again.close()


def test_it_is_marked_as_open_afterwards(earlier: Path) -> None:
    store = opened(earlier)
    assert Mark(earlier).path.exists()
    assert Mark(earlier).newest.exists()
    store.close()


def test_what_lay_in_the_second_file_comes_along(earlier: Path, tmp_path: Path) -> None:
    there = tmp_path / "power"
    with closing(engine.connect(earlier, raw_key)) as connection:
        connection.execute("INSERT INTO cursor (file, seq) VALUES ('of the second file', 7)")
        Mark(earlier).make()
        shutil.copytree(earlier.parent, there)
    (there / "records.db-shm").unlink()
    store = opened(there / "records.db")
    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT seq FROM cursor").scalar() == 7
    store.close()
    assert form_of(there / "records.db") == engine.TODAY


def test_one_of_today_is_not_touched(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = closed.read_bytes()
    monkeypatch.setattr(Store, "_write_anew", None)
    opened(closed).close()
    assert closed.read_bytes() == before


def test_its_keys_are_renewed_in_either_form(earlier: Path) -> None:
    full = anew.SPARE_BYTES
    for spare, wanted in ((1 << 60, engine.EARLIER), (full, engine.TODAY)):
        vars(anew)["SPARE_BYTES"] = spare
        store = opened(earlier)
        vars(anew)["SPARE_BYTES"] = full
        store.rekey(lambda: new_key, lambda _words: None)
        assert visits(store) == ["v1"]
        store.rekey(lambda: raw_key, lambda _words: None)
        store.close()
        assert form_of(earlier) == wanted


# The safety copy before, and those of before


def test_a_safety_copy_is_made_before_anything_is_written(earlier: Path, backups: Backups) -> None:
    seen = []

    def before(store: Store) -> None:
        seen.append(form_of(earlier))
        backups.make(store)

    opened(earlier, before).close()
    assert seen == [engine.EARLIER]
    assert len(backups.good()) == 1


def test_without_a_safety_copy_nothing_is_written(earlier: Path) -> None:
    def cut(_store: Store) -> None:
        raise KnownError("The power went.")

    with pytest.raises(KnownError, match="power"):
        opened(earlier, cut)
    assert form_of(earlier) == engine.EARLIER


def test_a_safety_copy_of_the_earlier_form_is_put_back(earlier: Path, backups: Backups) -> None:
    store = opened(earlier)
    backups.make(store)
    store.close()
    (path,) = (file for file in (backups._folder).iterdir() if file.suffix == ".db")
    salt = engine.salt_of(path)
    written = path.with_name("earlier.new")
    with closing(engine.connect(path, lambda: copy_key(salt))) as source:
        target = engine._unlocked(written, lambda: copy_key(salt), engine.EARLIER, "")
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
        target.close()
    written.replace(path)
    (good,) = backups.good()
    assert engine.form_of(path, lambda: copy_key(salt)) == engine.EARLIER
    earlier.write_bytes(b"nothing of ours")
    assert backups.missing(good, earlier, raw_key).changes is None
    backups.put_back(good, earlier, raw_key)
    assert form_of(earlier) == engine.TODAY
    again = opened(earlier)
    assert visits(again) == ["v1"]
    assert faults(again) == []
    again.close()


# What keeps it from being written anew


def test_a_full_disk_is_said_and_the_old_one_stays_in_use(
    earlier: Path, backups: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = earlier.read_bytes()
    full = shutil.disk_usage(earlier.parent)._replace(free=1_000)
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda _: full)
        store = opened(earlier, backups.make)
    assert "too full to write the database anew" in store.put_off
    assert backups.kept() == []
    store.close()
    assert earlier.read_bytes() == before
    store = opened(earlier, backups.make)
    assert (store.put_off, visits(store)) == ("", ["v1"])
    store.close()


def test_what_is_said_of_a_full_disk_is_plain_english() -> None:
    assert in_plain_english(anew._no_room())


def test_a_disk_that_fills_up_meanwhile_leaves_the_old_one(
    earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = (*whole._WHILE_MAKING, "max_page_count=5")
    monkeypatch.setattr(whole, "_WHILE_MAKING", fewer)
    store = opened(earlier)
    assert "too full" in store.put_off
    store.add(Visit(id=RecordId("v2"), met_by="Bo"))
    store.close()
    assert form_of(earlier) == engine.EARLIER
    assert beside(earlier) == ["records.db"]


def test_a_second_program_that_has_it_open_puts_it_off(earlier: Path) -> None:
    with closing(engine.connect(earlier, raw_key)) as second:
        store = opened(earlier)
        store.add(Visit(id=RecordId("v2"), met_by="Bo"))
        assert second.execute("SELECT count(*) FROM record").fetchone() == (2,)
        store.close()
    assert store.put_off == ""
    assert form_of(earlier) == engine.EARLIER


def test_damage_is_told_as_damage(earlier: Path, backups: Backups) -> None:
    before = bytearray(earlier.read_bytes())
    before[-9] ^= 1
    earlier.write_bytes(before)
    for make in (backups.make, None):
        with pytest.raises(StoreDamaged):
            opened(earlier, make)
        assert earlier.read_bytes() == before
    flip(earlier, 100)
    with pytest.raises(StoreDamaged):
        opened(earlier)


def test_a_copy_that_the_disk_did_not_take_is_not_used(
    earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoiled(path: Path) -> None:
        flip(path, path.stat().st_size - 9)

    monkeypatch.setattr(anew, "sync_file", spoiled)
    with pytest.raises(StoreDamaged):
        opened(earlier)
    monkeypatch.undo()
    assert form_of(earlier) == engine.EARLIER
    assert beside(earlier) == ["records.db"]


def test_a_newer_one_of_the_earlier_form_is_refused_unchanged(earlier: Path) -> None:
    with closing(engine.connect(earlier, raw_key)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = earlier.read_bytes()
    with pytest.raises(StoreTooNew):
        opened(earlier)
    assert earlier.read_bytes() == before


def test_a_library_that_cannot_prove_pages_so_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "TODAY", "HMAC_OF_TOMORROW")
    with pytest.raises(StoreUnsafe, match="does not prove"):
        engine.connect(tmp_path / "records.db", raw_key)


# Somebody else, at that very moment


@pytest.fixture(params=[True, False], ids=["replaces what is open", "closes it first"])
def _either_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anew, "REPLACES_WHAT_IS_OPEN", request.param)


@pytest.mark.usefixtures("_either_system")
def test_nobody_reads_or_writes_while_the_new_one_takes_the_place(
    earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []

    def asked(fresh: Path, path: Path) -> None:
        said.append(_in_another_program(path))
        take_the_place(fresh, path)
        said.append(_in_another_program(path))

    take_the_place = anew._take_the_place
    monkeypatch.setattr(anew, "_take_the_place", asked)
    opened(earlier).close()
    assert said == ["StoreBusy", "StoreBusy"]
    assert _in_another_program(earlier) == "open"


def _in_another_program(path: Path) -> str:
    words = (
        "import sys, pathlib\n"
        "from hah_desktop.store.disk import engine\n"
        "from tests.store.hand import raw_key\n"
        "real = engine.dbapi2.connect\n"
        "engine.dbapi2.connect = lambda *a, **k: real(*a, **{**k, 'timeout': 0})\n"
        "try:\n"
        "    engine.connect(pathlib.Path(sys.argv[1]), raw_key).close()\n"
        "    print('open')\n"
        "except engine.KnownError as fault:\n"
        "    print(type(fault).__name__)\n"
    ).replace("engine.KnownError", "Exception")
    done = subprocess.run(
        [sys.executable, "-c", words, str(path)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize("moment", ["before it is read", "before it is unlocked"])
def test_whoever_opened_the_one_from_before_is_told_to_wait(
    earlier: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    fresh = earlier.with_name("fresh.db")
    shutil.copyfile(earlier, fresh)
    opened(fresh).close()
    real: Any = engine._unlocked

    def late(path: Path, key: engine.KeySpec, proved_by: str, how: str) -> Any:
        is_right = (how == "") if moment == "before it is unlocked" else proved_by == engine.EARLIER
        if is_right and fresh.exists():
            fresh.replace(earlier)
        return real(path, key, proved_by, how)

    monkeypatch.setattr(engine, "_unlocked", late)
    with pytest.raises(StoreBusy):
        engine.connect(earlier, raw_key)
    engine.connect(earlier, raw_key).close()


def test_a_system_that_replaces_nothing_open_closes_it_first(
    earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*paths: Path) -> None:
        raise PermissionError(paths)

    monkeypatch.setattr(anew, "REPLACES_WHAT_IS_OPEN", False)
    with monkeypatch.context() as patched:
        patched.setattr(anew, "_take_the_place", refused)
        opened(earlier).close()
    assert (form_of(earlier), beside(earlier)) == (engine.EARLIER, ["records.db"])
    opened(earlier).close()
    assert form_of(earlier) == engine.TODAY


@pytest.mark.parametrize("left", [b"", b"no door at all" * 99], ids=["by a kill", "by somebody"])
def test_a_door_that_nobody_holds_keeps_nobody_out(earlier: Path, left: bytes) -> None:
    Path(f"{earlier}{DOOR}").write_bytes(left)
    opened(earlier).close()
    assert form_of(earlier) == engine.TODAY
    assert beside(earlier) == ["records.db"]


def test_a_door_is_shut_by_one_alone_and_goes_with_whoever_held_it(closed: Path) -> None:
    with shut(closed):
        with pytest.raises(StoreBusy), shut(closed):
            pass
        with pytest.raises(StoreBusy):
            engine.connect(closed, raw_key)
    assert beside(closed) == ["records.db"]
    with shut(closed):
        assert beside(closed) == ["records.db", f"records.db{DOOR}"]


# Cut at any step, killed at any moment


class Cut(BaseException):
    """The power went."""


def steps(monkeypatch: pytest.MonkeyPatch, path: Path, cut_at: int) -> Iterator[Path]:
    """Let the power go before one step after the other; what is on the disk then."""
    count, found = 0, path.parent.with_name(f"cut-{cut_at}")

    def step(real: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count == cut_at:
                shutil.copytree(path.parent, found)
                raise Cut
            return real(*given, **named)

        return counted

    names = ("take_away", "keep_others_out", "into_one_file", "sync_folder", "faults", "copy")
    with monkeypatch.context() as patched:
        for name in (*names, "sync_file", "facts", "_take_the_place"):
            patched.setattr(anew, name, step(getattr(anew, name)))
        try:
            opened(path).close()
        except Cut:
            yield found


@pytest.mark.usefixtures("_either_system")
def test_cut_at_any_step_the_old_one_or_the_new_one_stands_there(
    earlier: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    forms = []
    whole_folder = tmp_path / "whole"
    shutil.copytree(earlier.parent, whole_folder)
    for number in range(1, 40):
        work = tmp_path / f"work-{number}"
        shutil.copytree(whole_folder, work)
        cut = list(steps(monkeypatch, work / "records.db", number))
        if not cut:
            break
        path = cut[0] / "records.db"
        forms.append(form_of(path))
        store = opened(path)
        assert visits(store) == ["v1"]
        assert faults(store) == []
        store.close()
        assert form_of(path) == engine.TODAY
        assert beside(path) == ["records.db"]
    assert engine.EARLIER in forms
    assert engine.TODAY in forms
    assert len(forms) > 10


def test_written_into_the_old_file_a_cut_would_have_broken_it(
    earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = earlier.parent.with_name("cut")

    def written(fresh: Path, path: Path) -> None:
        content = fresh.read_bytes()
        with path.open("r+b", buffering=0) as file:
            file.write(content[: len(content) // 2])
            shutil.copytree(path.parent, cut)
            file.write(content[len(content) // 2 :])

    monkeypatch.setattr(anew, "_take_the_place", written)
    opened(earlier).close()
    with pytest.raises(StoreDamaged):
        look_over(cut / "records.db")


def look_over(path: Path) -> None:
    with closing(opened(path)) as store:
        health.check(store)


def test_killed_at_any_moment_the_old_one_or_the_new_one_stands_there(tmp_path: Path) -> None:
    found = killed("writes_anew", tmp_path, KILLS)
    assert set(found) == {"as before", "changed"}
    assert sum(found.values()) == KILLS
