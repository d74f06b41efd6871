"""The header's bytes: what is written, and what is refused."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.errors import KnownError
from hah_desktop.vault import header
from hah_desktop.vault.errors import (
    VaultDamaged,
    VaultExists,
    VaultMissing,
    VaultNotSaved,
    VaultTooNew,
    VaultUnreadable,
)
from hah_desktop.vault.header import Header, SealedHeader, from_bytes, to_bytes
from hah_desktop.vault.kdf import KdfCost
from hah_desktop.vault.keys import KeyHolder
from hah_desktop.vault.slots import PassphraseSlot
from tests.vault.planted import NOW, contents, full_disk, with_trailer

SALT = bytes(range(16))
SLOT = PassphraseSlot("00" * 8, KdfCost(65536, 3, 4), b"s" * 16, b"n" * 12, b"w" * 48)
HEADER = Header("ab" * 16, 3, NOW, SALT, (SLOT,))


def _keys(byte: int = 7) -> KeyHolder:
    return KeyHolder(bytearray([byte] * 32), SALT)


def _refused(data: bytes) -> KnownError:
    with pytest.raises(KnownError) as refusal:
        from_bytes(data).prove(_keys())
    return refusal.value


def _with_body(body: str) -> bytes:
    return with_trailer(b"help-at-hand vault 1\n" + body.encode() + b"\n" + b"0" * 64 + b"\n")


def _body() -> dict[str, object]:
    body: dict[str, object] = json.loads(to_bytes(HEADER, _keys()).split(b"\n")[1])
    return body


def _compact(body: object) -> str:
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


slots = st.builds(
    PassphraseSlot,
    id=st.binary(min_size=8, max_size=8).map(bytes.hex),
    cost=st.builds(KdfCost, st.integers(65536, 2**20), st.integers(3, 10), st.integers(4, 16)),
    salt=st.binary(min_size=16, max_size=16),
    nonce=st.binary(min_size=12, max_size=12),
    wrapped=st.binary(min_size=48, max_size=48),
)
headers = st.builds(
    Header,
    vault_id=st.binary(min_size=16, max_size=16).map(bytes.hex),
    generation=st.integers(0, 2**63),
    created=st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0)),
    database_salt=st.binary(min_size=16, max_size=16),
    slots=st.lists(slots, max_size=4).map(tuple),
)


@given(headers)
def test_what_was_written_is_read_back_and_proved(written: Header) -> None:
    sealed = from_bytes(to_bytes(written, _keys()))
    sealed.prove(_keys())
    assert sealed.header == written


def test_the_header_is_plain_text_that_a_person_can_look_at() -> None:
    first, body, mac, trailer, rest = to_bytes(HEADER, _keys()).split(b"\n")
    assert first == b"help-at-hand vault 1"
    assert json.loads(body)["slots"][0]["kind"] == "passphrase"
    assert (len(mac), len(trailer), rest) == (64, 64, b"")


def test_the_moment_of_making_is_written_in_utc() -> None:
    summer = datetime.fromisoformat("2027-06-01T10:00:00+01:00")
    written = Header("ab" * 16, 1, summer, SALT, (SLOT,))
    assert b'"2027-06-01T09:00:00+00:00"' in to_bytes(written, _keys())


def test_a_moment_without_its_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Header("ab" * 16, 1, NOW.replace(tzinfo=None), SALT, (SLOT,))


def test_every_single_flipped_bit_is_refused() -> None:
    data = to_bytes(HEADER, _keys())
    for place in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(VaultDamaged):
            from_bytes(bytes(flipped))


def test_every_flipped_bit_is_refused_even_with_the_checksum_mended() -> None:
    whole = to_bytes(HEADER, _keys())[:-65]
    for place in range(len(whole) * 8):
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << place % 8
        assert isinstance(_refused(with_trailer(bytes(flipped))), VaultDamaged | VaultTooNew)


def test_every_torn_header_is_refused() -> None:
    data = to_bytes(HEADER, _keys())
    for length in range(len(data)):
        for torn in (data[:length], data[:length] + bytes(len(data) - length)):
            with pytest.raises(VaultDamaged):
                from_bytes(torn)


def test_a_header_signed_with_another_key_is_not_believed() -> None:
    sealed = from_bytes(to_bytes(HEADER, _keys(8)))
    with pytest.raises(VaultDamaged):
        sealed.prove(_keys())


@given(st.binary(max_size=300))
def test_a_foreign_file_is_refused(data: bytes) -> None:
    for foreign in (data, with_trailer(data)):
        with pytest.raises(VaultDamaged):
            from_bytes(foreign)


@given(st.integers(2, 999_999), st.binary(max_size=100))
def test_a_newer_format_is_recognised_whatever_it_holds(number: int, rest: bytes) -> None:
    with pytest.raises(VaultTooNew):
        from_bytes(with_trailer(b"help-at-hand vault %d\n" % number + rest))


def test_a_way_in_that_this_version_does_not_know_is_left_to_a_newer_one() -> None:
    body = _body()
    body["slots"] = [{"id": "00" * 8, "kind": "recovery"}]
    assert isinstance(_refused(_with_body(_compact(body))), VaultTooNew)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.sampled_from(["created", "database_salt", "generation", "slots", "vault", "unknown"]),
    json_values | st.lists(st.dictionaries(st.sampled_from(["kind", "id", "salt"]), json_values)),
)
def test_a_field_of_another_shape_is_refused(name: str, value: object) -> None:
    body = _body()
    body[name] = value
    assert isinstance(_refused(_with_body(_compact(body))), VaultDamaged | VaultTooNew)


@given(
    st.sampled_from(["id", "lanes", "memory_kib", "nonce", "passes", "salt", "wrapped", "more"]),
    json_values,
)
def test_a_field_of_a_slot_of_another_shape_is_refused(name: str, value: object) -> None:
    body = _body()
    body["slots"] = [{**_slot_of(body), name: value}]
    assert isinstance(_refused(_with_body(_compact(body))), VaultDamaged)


def _slot_of(body: dict[str, object]) -> dict[str, object]:
    found = body["slots"]
    assert isinstance(found, list)
    slot: dict[str, object] = found[0]
    return slot


@pytest.mark.parametrize("name", ["memory_kib", "passes", "lanes"])
@pytest.mark.parametrize("value", [0, 1, 2**31])
def test_a_cost_outside_the_bounds_is_refused_before_it_is_paid(name: str, value: int) -> None:
    body = _body()
    body["slots"] = [{**_slot_of(body), name: value}]
    assert isinstance(_refused(_with_body(_compact(body))), VaultDamaged)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "nonsense",
        "[" * 50_000,
        '{"slots":' * 20_000,
        "{}",
        '{"created":"9999-12-31T23:59:59-10:00"}',
        json.dumps({"vault": "ab" * 16}),
        "two\nlines",
        "\ufeff{}",
    ],
)
def test_another_body_is_refused(body: str) -> None:
    assert isinstance(_refused(_with_body(body)), VaultDamaged)


@pytest.mark.parametrize("created", ["0001-01-01T00:00:00+14:00", "2026-11-22T09:30:00"])
def test_a_moment_that_is_none_is_refused(created: str) -> None:
    body = _body()
    body["created"] = created
    assert isinstance(_refused(_with_body(_compact(body))), VaultDamaged)


def test_there_is_only_one_way_to_write_a_header() -> None:
    loose = json.dumps(_body(), sort_keys=True)
    assert loose != _compact(_body())
    assert isinstance(_refused(_with_body(loose)), VaultDamaged)


@pytest.mark.parametrize("mac", [b"", b"ab", b"AB" * 32, b"ab" * 33, b"zz" * 32, b"\xff" * 64])
def test_a_signature_of_another_form_is_refused(mac: bytes) -> None:
    first, body, *_ = to_bytes(HEADER, _keys()).split(b"\n")
    assert isinstance(_refused(with_trailer(b"\n".join((first, body, mac, b"")))), VaultDamaged)


def test_lines_after_the_signature_are_refused() -> None:
    whole = to_bytes(HEADER, _keys())[:-65]
    assert isinstance(_refused(with_trailer(whole + b"more")), VaultDamaged)
    assert isinstance(_refused(with_trailer(whole + b"more\n")), VaultDamaged)


def test_a_header_is_written_to_its_file_and_read_back(tmp_path: Path) -> None:
    header.create(tmp_path / "h", HEADER, _keys())
    assert header.read(tmp_path / "h") == from_bytes(to_bytes(HEADER, _keys()))


def test_a_header_is_never_made_over_another_file(tmp_path: Path) -> None:
    (tmp_path / "h").write_bytes(b"something")
    with pytest.raises(VaultExists):
        header.create(tmp_path / "h", HEADER, _keys())
    assert contents(tmp_path) == {"h": b"something"}


def test_a_missing_header_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(VaultMissing):
        header.read(tmp_path / "h")


def test_a_header_that_the_system_does_not_give_is_not_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "h").mkdir()
    with pytest.raises(VaultUnreadable):
        header.read(tmp_path / "h")


def test_a_huge_file_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    with (tmp_path / "h").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(VaultDamaged):
        header.read(tmp_path / "h")


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    header.create(tmp_path / "h", HEADER, _keys())
    before = contents(tmp_path)
    monkeypatch.setattr(f"os.{step}", full_disk)
    with pytest.raises(VaultNotSaved, match="disk is full") as refusal:
        header.replace(tmp_path / "h", HEADER, _keys())
    assert refusal.value.kept == "What was there before still stands."
    assert contents(tmp_path) == before


def test_a_full_disk_leaves_no_half_of_a_first_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(VaultNotSaved):
        header.create(tmp_path / "h", HEADER, _keys())
    assert contents(tmp_path) == {}


def test_a_disk_that_cannot_be_written_is_not_called_full(tmp_path: Path) -> None:
    with pytest.raises(VaultNotSaved, match="could not be saved") as refusal:
        header.create(tmp_path / "no folder" / "h", HEADER, _keys())
    assert "full" not in str(refusal.value)


def test_a_replaced_header_that_reads_back_otherwise_is_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "h"
    header.create(path, HEADER, _keys())
    monkeypatch.setattr("hah_desktop.vault.files.replace", lambda *_: path.write_bytes(b"else"))
    with pytest.raises(VaultDamaged):
        header.replace(path, HEADER, _keys())


def test_a_replaced_header_that_cannot_be_read_back_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "h"
    header.create(path, HEADER, _keys())
    monkeypatch.setattr("hah_desktop.vault.files.replace", lambda *_: path.unlink())
    with pytest.raises(VaultUnreadable):
        header.replace(path, HEADER, _keys())


def test_a_later_generation_is_another_header() -> None:
    later = Header("ab" * 16, 4, NOW + timedelta(days=1), SALT, (SLOT,))
    read: SealedHeader = from_bytes(to_bytes(later, _keys()))
    assert read.header.generation == 4
