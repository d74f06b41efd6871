"""The header's bytes: what is written, and what is refused."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.errors import KnownError
from hah_desktop.vault.errors import VaultDamaged, VaultTooNew
from hah_desktop.vault.header import Header, Pending, SealedHeader, from_bytes, to_bytes
from hah_desktop.vault.kdf import FLOOR, KdfCost
from hah_desktop.vault.keys import KeyHolder, Purpose
from hah_desktop.vault.slots import PassphraseSlot, RecoverySlot, Slot
from tests.vault.planted import NOW, slots_of, with_trailer

SALT = bytes(range(16))
SLOT = PassphraseSlot("00" * 8, FLOOR, b"s" * 16, b"n" * 12, b"w" * 48)
CODES = RecoverySlot(
    "01" * 8, FLOOR, b"S" * 16, b"N" * 12, b"W" * 48, b"recov", 7, b"sealed" + bytes(1162)
)
PENDING = Pending(b"p" * 12, b"k" * 48, (SLOT,), b"m" * 32)
HEADER = Header("ab" * 16, 3, NOW, SALT, (SLOT, CODES), PENDING)


def _keys(byte: int = 7) -> KeyHolder:
    return KeyHolder(bytearray([byte] * 32), SALT)


def _refused(data: bytes) -> KnownError:
    with pytest.raises(KnownError) as refusal:
        from_bytes(data).prove(_keys())
    return refusal.value


def _with_body(body: str) -> bytes:
    return with_trailer(b"help-at-hand vault 2\n" + body.encode() + b"\n" + b"0" * 64 + b"\n")


def _body() -> dict[str, object]:
    body: dict[str, object] = json.loads(to_bytes(HEADER, _keys()).split(b"\n")[1])
    return body


def _compact(body: object) -> str:
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


common = {
    "id": st.binary(min_size=8, max_size=8).map(bytes.hex),
    "cost": st.builds(KdfCost, st.integers(65536, 2**20), st.integers(3, 10), st.integers(4, 16)),
    "salt": st.binary(min_size=16, max_size=16),
    "nonce": st.binary(min_size=12, max_size=12),
    "wrapped": st.binary(min_size=48, max_size=48),
}
passphrases = st.lists(st.builds(PassphraseSlot, **common), max_size=4)
codes = st.lists(
    st.builds(
        RecoverySlot,
        **common,
        recovery_id=st.binary(min_size=5, max_size=5),
        count=st.integers(0, 2**19),
        sealed=st.binary(min_size=1168, max_size=1168),
    ),
    max_size=1,
)
ways_in = st.builds(lambda some, more: (*some, *more), passphrases, codes)
pending = st.builds(
    Pending,
    nonce=st.binary(min_size=12, max_size=12),
    wrapped=st.binary(min_size=48, max_size=48),
    slots=ways_in,
    mac=st.binary(min_size=32, max_size=32),
)
headers = st.builds(
    Header,
    vault_id=st.binary(min_size=16, max_size=16).map(bytes.hex),
    generation=st.integers(0, 2**63),
    created=st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0)),
    database_salt=st.binary(min_size=16, max_size=16),
    slots=ways_in,
    pending=st.none() | pending,
)


@given(headers)
def test_what_was_written_is_read_back_and_proved(written: Header) -> None:
    sealed = from_bytes(to_bytes(written, _keys()))
    sealed.prove(_keys())
    assert sealed.header == written


def test_the_header_is_plain_text_that_a_person_can_look_at() -> None:
    first, body, mac, trailer, rest = to_bytes(HEADER, _keys()).split(b"\n")
    assert first == b"help-at-hand vault 2"
    kinds = [slot["kind"] for slot in json.loads(body)["slots"]]
    assert kinds == ["passphrase", "recovery"]
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
    assert not sealed.is_proved_by(_keys())
    assert sealed.is_proved_by(_keys(8))


@given(st.binary(max_size=300))
def test_a_foreign_file_is_refused(data: bytes) -> None:
    for foreign in (data, with_trailer(data)):
        with pytest.raises(VaultDamaged):
            from_bytes(foreign)


@given(st.integers(3, 999_999), st.binary(max_size=100))
def test_a_newer_format_is_recognised_whatever_it_holds(number: int, rest: bytes) -> None:
    with pytest.raises(VaultTooNew):
        from_bytes(with_trailer(b"help-at-hand vault %d\n" % number + rest))


def test_a_way_in_that_this_version_does_not_know_is_left_to_a_newer_one() -> None:
    body = _body()
    body["slots"] = [{"id": "00" * 8, "kind": "thumb"}]
    assert isinstance(_refused(_with_body(_compact(body))), VaultTooNew)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.sampled_from(
        ["created", "database_salt", "generation", "pending", "slots", "vault", "unknown"]
    ),
    json_values | st.lists(st.dictionaries(st.sampled_from(["kind", "id", "salt"]), json_values)),
)
def test_a_field_of_another_shape_is_refused(name: str, value: object) -> None:
    body = _body()
    body[name] = value
    assert isinstance(_refused(_with_body(_compact(body))), VaultDamaged | VaultTooNew)


@given(
    st.integers(0, 1),
    st.sampled_from(
        [
            "id",
            "lanes",
            "memory_kib",
            "nonce",
            "passes",
            "salt",
            "wrapped",
            "count",
            "recovery",
            "sealed",
            "more",
        ]
    ),
    json_values,
)
def test_a_field_of_a_slot_of_another_shape_is_refused(
    place: int, name: str, value: object
) -> None:
    body = _body()
    slots_of(body)[place][name] = value
    assert isinstance(_refused(_with_body(_compact(body))), VaultDamaged)


@given(st.sampled_from(["nonce", "wrapped", "slots", "mac", "more"]), json_values)
def test_a_pending_key_of_another_shape_is_refused(name: str, value: object) -> None:
    body = _body()
    assert isinstance(body["pending"], list)
    body["pending"][0][name] = value
    assert isinstance(_refused(_with_body(_compact(body))), VaultDamaged)


def test_two_pending_keys_are_refused() -> None:
    body = _body()
    assert isinstance(body["pending"], list)
    body["pending"] *= 2
    assert isinstance(_refused(_with_body(_compact(body))), VaultDamaged)


@pytest.mark.parametrize("too_many", [[CODES, CODES], [SLOT] * 9])
def test_more_ways_in_than_anybody_made_are_refused(too_many: list[Slot]) -> None:
    for where in ("slots", "pending"):
        body = _body()
        plain = [slot.to_plain() for slot in too_many]
        if where == "slots":
            body["slots"] = plain
        else:
            assert isinstance(body["pending"], list)
            body["pending"][0]["slots"] = plain
        assert isinstance(_refused(_with_body(_compact(body))), VaultDamaged)


def _first_format(header: Header) -> dict[str, object]:
    body: dict[str, object] = json.loads(to_bytes(header, _keys()).split(b"\n")[1])
    del body["pending"]
    return body


def _with_first_format(body: dict[str, object]) -> bytes:
    signed = b"help-at-hand vault 1\n" + _compact(body).encode() + b"\n"
    mac = HMAC(_keys().working_key(Purpose.HEADER), SHA256())
    mac.update(signed)
    return with_trailer(signed + mac.finalize().hex().encode() + b"\n")


def test_the_first_format_is_still_read() -> None:
    plain = dataclasses.replace(HEADER, slots=(SLOT,), pending=None)
    sealed = from_bytes(_with_first_format(_first_format(plain)))
    sealed.prove(_keys())
    assert sealed.header == plain


def test_the_first_format_held_neither_codes_nor_a_pending_key() -> None:
    with_codes = dataclasses.replace(HEADER, pending=None)
    assert isinstance(_refused(_with_first_format(_first_format(with_codes))), VaultDamaged)
    body = _first_format(dataclasses.replace(HEADER, slots=(SLOT,)))
    for pending in ([], [PENDING.mac.hex()]):
        held = _with_first_format({**body, "pending": pending})
        assert isinstance(_refused(held), VaultDamaged)


def test_a_header_does_not_pass_for_one_of_the_first_format() -> None:
    plain = dataclasses.replace(HEADER, slots=(SLOT,), pending=None)
    *_, mac, _, _ = to_bytes(plain, _keys()).split(b"\n")
    older = b"help-at-hand vault 1\n" + _compact(_first_format(plain)).encode()
    assert isinstance(_refused(with_trailer(older + b"\n" + mac + b"\n")), VaultDamaged)


@pytest.mark.parametrize("name", ["memory_kib", "passes", "lanes"])
@pytest.mark.parametrize("value", [0, 1, 2**31])
def test_a_cost_outside_the_bounds_is_refused_before_it_is_paid(name: str, value: int) -> None:
    body = _body()
    slots_of(body)[0][name] = value
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


def test_a_later_generation_is_another_header() -> None:
    later = Header("ab" * 16, 4, NOW + timedelta(days=1), SALT, (SLOT,))
    read: SealedHeader = from_bytes(to_bytes(later, _keys()))
    assert read.header.generation == 4
