"""The ways into a laptop when the passphrase is not enough, with a real office and real files."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pytest

from hah_desktop.laptop import revoking
from hah_desktop.laptop.errors import AccessEnded, LeaseEnded, NotRenewed
from hah_desktop.laptop.first_look import REPORT
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.seals import letters
from hah_desktop.seals.errors import Misheard
from hah_desktop.store.disk.files import DATABASE
from hah_desktop.store.errors import StoreDamaged
from hah_desktop.store.exchange import outbox
from hah_desktop.store.tables.events import Happened
from hah_desktop.sync.errors import Unreachable, WrongOffice
from hah_desktop.sync.wire.signed import read_code
from hah_desktop.vault import files
from hah_desktop.vault.errors import (
    VaultRolledBack,
    WeakPassphrase,
    WrongCode,
    WrongPassphrase,
)
from hah_desktop.vault.vault import HEADER_NAME, SECOND_NAME
from tests.laptop.conftest import (
    NEW_PASSPHRASE,
    PASSPHRASE,
    Desk,
    purposes,
    save_visit,
    silent,
)
from tests.laptop.syncing import never, sync_now


def lock(desk: Desk) -> None:
    assert desk.unlocked is not None
    desk.unlocked.lock()
    desk.unlocked = None


def happened(desk: Desk) -> list[str]:
    assert desk.unlocked is not None
    return [event.what for event in desk.unlocked.events()]


# Setting up


def test_a_code_for_another_offices_keys_is_refused_before_the_code_is_sent(desk: Desk) -> None:
    code = desk.office.enrol("Somebody")
    one_time, fingerprint = read_code(code)
    foreign = letters.write(one_time + ("Z" * 12 if fingerprint[0] != "Z" else "0" * 12))
    with pytest.raises(WrongOffice):
        desk.laptop.set_up(desk.office.url, foreign, PASSPHRASE, silent)
    assert not desk.laptop.folder.exists()
    desk.laptop.set_up(desk.office.url, code, PASSPHRASE, silent).lock()


# A forgotten passphrase


def test_a_forgotten_passphrase_costs_a_telephone_call_and_no_data(ready: Desk) -> None:
    lock(ready)
    asked = ready.laptop.recovery_request()
    code = ready.office.recovery(asked)
    ready.unlocked = ready.laptop.recover(code, NEW_PASSPHRASE, silent)
    assert purposes(ready.unlocked) == {"What the food is like"}
    assert Happened.RECOVERED in happened(ready)
    lock(ready)
    with pytest.raises(WrongPassphrase):
        ready.laptop.unlock(PASSPHRASE)
    ready.unlocked = ready.laptop.unlock(NEW_PASSPHRASE)
    assert "to open a laptop" in ready.office.run("log")
    assert code not in ready.office.run("log")


def test_a_used_code_is_dead_and_the_next_one_works_without_any_contact(ready: Desk) -> None:
    lock(ready)
    first = ready.office.recovery(ready.laptop.recovery_request())
    ready.laptop.recover(first, NEW_PASSPHRASE, silent).lock()
    with pytest.raises(WrongCode):
        ready.laptop.recover(first, PASSPHRASE, silent)
    second = ready.office.recovery(ready.laptop.recovery_request())
    assert second != first
    ready.unlocked = ready.laptop.recover(second, PASSPHRASE, silent)
    assert purposes(ready.unlocked) == {"What the food is like"}


def test_a_used_code_does_not_open_the_database_with_an_old_copy_of_the_header(
    ready: Desk, tmp_path: Path
) -> None:
    lock(ready)
    copied = tmp_path / "copied"
    copied.mkdir()
    for name in (HEADER_NAME, SECOND_NAME):
        shutil.copy(ready.laptop.folder / name, copied)
    code = ready.office.recovery(ready.laptop.recovery_request())
    ready.laptop.recover(code, NEW_PASSPHRASE, silent).lock()
    for name in (HEADER_NAME, SECOND_NAME):
        shutil.copy(copied / name, ready.laptop.folder)
    with pytest.raises(StoreDamaged):
        ready.laptop.recover(code, PASSPHRASE, silent)


def test_a_weak_new_passphrase_and_misheard_letters_use_nothing_up(ready: Desk) -> None:
    lock(ready)
    code = ready.office.recovery(ready.laptop.recovery_request())
    with pytest.raises(WeakPassphrase):
        ready.laptop.recover(code, "password", silent)
    with pytest.raises(Misheard):
        ready.laptop.recover(code[1:] + code[0], NEW_PASSPHRASE, silent)
    ready.laptop.recover(code, NEW_PASSPHRASE, silent).lock()


def test_a_new_passphrase_is_in_force_although_the_disk_is_too_full_to_renew_the_keys(
    ready: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock(ready)
    code = ready.office.recovery(ready.laptop.recovery_request())
    full = shutil.disk_usage(ready.laptop.folder)._replace(free=1_000)
    with monkeypatch.context() as little:
        little.setattr(shutil, "disk_usage", lambda _: full)
        with pytest.raises(NotRenewed, match="your new passphrase is in force"):
            ready.laptop.recover(code, NEW_PASSPHRASE, silent)
    ready.unlocked = ready.laptop.unlock(NEW_PASSPHRASE)
    ready.unlocked.renew_keys(NEW_PASSPHRASE, silent)
    assert purposes(ready.unlocked) == {"What the food is like"}


def test_wrong_tries_are_noted_once_somebody_is_in(ready: Desk) -> None:
    lock(ready)
    for _ in range(2):
        with pytest.raises(WrongPassphrase):
            ready.laptop.unlock(NEW_PASSPHRASE)
    ready.unlocked = ready.laptop.unlock(PASSPHRASE)
    newest = ready.unlocked.events()[0]
    assert (newest.what, newest.detail) == (Happened.WRONG_TRIES, "2 wrong in a row")


# Keys


def test_changing_the_passphrase_leaves_the_database_as_it_is(ready: Desk) -> None:
    assert ready.unlocked is not None
    lock(ready)
    before = (ready.laptop.folder / DATABASE).read_bytes()[:16]
    ready.unlocked = ready.laptop.unlock(PASSPHRASE)
    ready.unlocked.change_passphrase(PASSPHRASE, NEW_PASSPHRASE)
    lock(ready)
    assert (ready.laptop.folder / DATABASE).read_bytes()[:16] == before
    ready.unlocked = ready.laptop.unlock(NEW_PASSPHRASE)
    assert purposes(ready.unlocked) == {"What the food is like"}


def test_renewed_keys_open_the_same_records_and_the_old_copy_of_the_header_opens_nothing(
    ready: Desk, tmp_path: Path
) -> None:
    assert ready.unlocked is not None
    shutil.copy(ready.laptop.folder / HEADER_NAME, tmp_path)
    ready.unlocked.renew_keys(PASSPHRASE, silent)
    save_visit(ready.unlocked, "Saved under the new keys")
    lock(ready)
    ready.unlocked = ready.laptop.unlock(PASSPHRASE)
    assert purposes(ready.unlocked) == {"What the food is like", "Saved under the new keys"}
    assert Happened.KEYS_RENEWED in happened(ready)
    lock(ready)
    for name in (HEADER_NAME, SECOND_NAME):
        shutil.copy(tmp_path / HEADER_NAME, ready.laptop.folder / name)
    with pytest.raises(StoreDamaged):
        ready.laptop.unlock(PASSPHRASE)


def test_an_old_header_put_back_is_noticed_although_its_passphrase_opens_it(
    ready: Desk, tmp_path: Path
) -> None:
    assert ready.unlocked is not None
    shutil.copy(ready.laptop.folder / HEADER_NAME, tmp_path)
    ready.unlocked.change_passphrase(PASSPHRASE, NEW_PASSPHRASE)
    lock(ready)
    for name in (HEADER_NAME, SECOND_NAME):
        shutil.copy(tmp_path / HEADER_NAME, ready.laptop.folder / name)
    with pytest.raises(VaultRolledBack):
        ready.laptop.unlock(PASSPHRASE)


# The lease


def test_a_laptop_without_contact_for_its_lease_asks_and_loses_nothing(ready: Desk) -> None:
    lock(ready)
    ready.days.ahead = 31
    with pytest.raises(LeaseEnded, match="30 days") as ended:
        ready.laptop.unlock(PASSPHRASE)
    code = ready.office.recovery(ended.value.request)
    ready.unlocked = ready.laptop.extend_lease(PASSPHRASE, code)
    assert purposes(ready.unlocked) == {"What the food is like"}
    lock(ready)
    ready.days.ahead = 60
    ready.unlocked = ready.laptop.unlock(PASSPHRASE)
    lock(ready)
    ready.days.ahead = 62
    with pytest.raises(LeaseEnded) as again:
        ready.laptop.unlock(PASSPHRASE)
    assert again.value.request != ended.value.request
    with pytest.raises(WrongCode):
        ready.laptop.extend_lease(PASSPHRASE, code)


def test_contact_with_the_office_begins_the_lease_anew(ready: Desk) -> None:
    lock(ready)
    ready.days.ahead = 40
    with pytest.raises(LeaseEnded):
        ready.laptop.unlock(PASSPHRASE)
    ready.unlocked = ready.laptop.connect(PASSPHRASE, silent, never)
    lock(ready)
    ready.unlocked = ready.laptop.unlock(PASSPHRASE)


def test_a_laptop_that_cannot_reach_the_office_stays_closed_and_whole(ready: Desk) -> None:
    lock(ready)
    ready.days.ahead = 40
    ready.office.stop()
    try:
        with pytest.raises(Unreachable):
            ready.laptop.connect(PASSPHRASE, silent, never)
    finally:
        ready.office.start()
    with pytest.raises(LeaseEnded):
        ready.laptop.unlock(PASSPHRASE)


def test_the_offices_rules_change_the_lease(ready: Desk) -> None:
    assert ready.unlocked is not None
    ready.office.rules(lease_days=3, lock_minutes=2)
    assert sync_now(ready.laptop, ready.unlocked).problem is None
    agreed = ready.unlocked.trust()
    assert agreed is not None
    assert (agreed.lease_days, agreed.lock_minutes) == (3, 2)
    lock(ready)
    ready.days.ahead = 4
    with pytest.raises(LeaseEnded, match="3 days"):
        ready.laptop.unlock(PASSPHRASE)


def test_a_clock_that_was_slow_at_set_up_and_is_put_right_locks_nobody_out(
    desk: Desk, numbers: Iterator[int]
) -> None:
    desk.days.ahead = -40
    desk.set_up(f"Adviser {next(numbers)}")
    lock(desk)
    desk.days.ahead = 0
    desk.laptop.unlock(PASSPHRASE).lock()
    desk.days.ahead = 31
    with pytest.raises(LeaseEnded):
        desk.laptop.unlock(PASSPHRASE)


def test_what_is_saved_before_the_first_sync_says_how_wrong_the_clock_was(
    desk: Desk, numbers: Iterator[int]
) -> None:
    desk.days.ahead = -40
    unlocked = desk.set_up(f"Adviser {next(numbers)}")
    save_visit(unlocked, "What the food is like")
    with unlocked.store.reading() as connection:
        (saved,) = outbox.unsent(connection, 10)
    lock(desk)
    assert not saved.clock_trusted
    assert round(saved.clock_off / 86_400) == -40


def test_the_last_days_of_a_lease_are_said_at_unlocking(ready: Desk) -> None:
    lock(ready)
    for ahead, said in ((10, ""), (26.5, "in 3 days"), (28.5, "tomorrow"), (29.5, "today")):
        ready.days.ahead = ahead
        unlocked = ready.laptop.unlock(PASSPHRASE)
        unlocked.lock()
        assert said in unlocked.note
        assert bool(said) == bool(unlocked.note)


# Damage


def test_a_damaged_database_is_offered_its_newest_good_copy_and_what_would_be_missing(
    ready: Desk,
) -> None:
    assert ready.unlocked is not None
    ready.unlocked.make_snapshot()
    save_visit(ready.unlocked, "Saved after the copy")
    lock(ready)
    path = ready.laptop.folder / DATABASE
    damaged = bytearray(path.read_bytes())
    damaged[100] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(StoreDamaged):
        ready.laptop.unlock(PASSPHRASE)
    offers = ready.laptop.snapshots(PASSPHRASE)
    assert offers
    ready.unlocked = ready.laptop.put_back(PASSPHRASE, offers[0], silent)
    assert purposes(ready.unlocked) == {"What the food is like"}
    assert Happened.SNAPSHOT_PUT_BACK in happened(ready)
    kept = [one for one in ready.laptop.folder.iterdir() if ".damaged" in one.name]
    assert any(one.read_bytes() == bytes(damaged) for one in kept)


def test_what_the_office_had_comes_back_after_a_copy_was_put_back(ready: Desk) -> None:
    assert ready.unlocked is not None
    ready.unlocked.make_snapshot()
    save_visit(ready.unlocked, "Sent after the copy")
    assert sync_now(ready.laptop, ready.unlocked).problem is None
    lock(ready)
    (ready.laptop.folder / DATABASE).write_bytes(b"nothing of ours")
    offers = ready.laptop.snapshots(PASSPHRASE)
    ready.unlocked = ready.laptop.put_back(PASSPHRASE, offers[0], silent)
    save_visit(ready.unlocked, "Saved on the copy")
    assert sync_now(ready.laptop, ready.unlocked).problem is None
    assert purposes(ready.unlocked) == {
        "What the food is like",
        "Sent after the copy",
        "Saved on the copy",
    }
    assert sync_now(ready.laptop, ready.unlocked).problem is None


def test_a_copy_that_is_put_back_gives_nobody_more_time_without_the_office(ready: Desk) -> None:
    assert ready.unlocked is not None
    ready.unlocked.make_snapshot()
    lock(ready)
    ready.days.ahead = 40
    (ready.laptop.folder / DATABASE).write_bytes(b"nothing of ours")
    offers = ready.laptop.snapshots(PASSPHRASE)
    with pytest.raises(LeaseEnded):
        ready.laptop.put_back(PASSPHRASE, offers[0], silent)
    ready.unlocked = ready.laptop.connect(PASSPHRASE, silent, never)
    assert purposes(ready.unlocked) == {"What the food is like"}


# Revocation


def put_back(laptop: Laptop, _code: str) -> Unlocked:
    (laptop.folder / DATABASE).write_bytes(b"nothing of ours")
    return laptop.put_back(PASSPHRASE, laptop.snapshots(PASSPHRASE)[0], silent)


WAYS: dict[str, Callable[[Laptop, str], Unlocked]] = {
    "passphrase": lambda laptop, _code: laptop.unlock(PASSPHRASE),
    "code": lambda laptop, code: laptop.recover(code, NEW_PASSPHRASE, silent),
    "safety copy": put_back,
}


@pytest.mark.parametrize("way", WAYS)
def test_an_order_that_could_not_be_obeyed_is_obeyed_on_every_way_in(ready: Desk, way: str) -> None:
    assert ready.unlocked is not None
    ready.unlocked.make_snapshot()
    code = ready.office.recovery(ready.laptop.recovery_request())
    ready.office.revoke(ready.id())
    with closing(ready.laptop.office(ready.unlocked.who)) as office:
        order = office.challenge()[-1]
    lock(ready)
    files.replace(
        ready.laptop.folder / REPORT,
        json.dumps({"stage": "ordered", "order": asdict(order)}).encode(),
    )
    with pytest.raises(AccessEnded):
        WAYS[way](ready.laptop, code)
    assert not (ready.laptop.folder / HEADER_NAME).exists()


def test_a_revoked_laptop_hands_over_and_then_opens_to_nobody(ready: Desk) -> None:
    assert ready.unlocked is not None
    ready.unlocked.make_snapshot()
    ready.office.revoke(ready.id())
    lock(ready)
    with pytest.raises(AccessEnded):
        ready.laptop.connect(PASSPHRASE, silent, never)
    left = {path.name for path in ready.laptop.folder.iterdir()}
    assert left == {REPORT, revoking.BUNDLE}
    state = ready.laptop.revoked()
    assert state is not None
    if state.unsent_waits:
        ready.laptop.send_revoked(silent)
    with pytest.raises(AccessEnded):
        ready.laptop.unlock(PASSPHRASE)
