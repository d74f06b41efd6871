"""One-use codes by telephone, and the request that they answer."""

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.seals import letters, recovery, sealing
from hah_desktop.seals.errors import Misheard, SealBroken
from hah_desktop.seals.recovery import MOST_CODES, Purpose, Request

SECRET = bytes(range(32))
ids = st.binary(min_size=5, max_size=5)
purposes = st.sampled_from(Purpose)
counts = st.integers(1, MOST_CODES)


@given(ids, purposes, counts)
def test_a_request_comes_back_as_it_was_read_out(
    recovery_id: bytes, purpose: Purpose, count: int
) -> None:
    spoken = recovery.request(recovery_id, purpose, count)
    assert len(spoken) == 17
    assert recovery.read_request(spoken.lower()) == Request(recovery_id, purpose, count)


@given(ids, purposes, counts, st.integers(0, 16), st.sampled_from(letters.ALPHABET))
def test_a_request_with_a_wrong_letter_is_never_taken_for_another(
    recovery_id: bytes, purpose: Purpose, count: int, place: int, letter: str
) -> None:
    spoken = recovery.request(recovery_id, purpose, count)
    misheard = spoken[:place] + letter + spoken[place + 1 :]
    if "-" in (spoken[place], letter) or misheard == spoken:
        return
    with pytest.raises(Misheard):
        recovery.read_request(misheard)


def test_well_formed_letters_that_no_laptop_reads_out_are_refused() -> None:
    with pytest.raises(Misheard, match="No laptop"):
        recovery.read_request(letters.write(letters.of_number(0, 12)))


@given(st.binary(min_size=32, max_size=32), purposes, counts)
def test_laptop_and_office_derive_the_same_code(
    secret: bytes, purpose: Purpose, count: int
) -> None:
    spoken = recovery.code(secret, purpose, count)
    assert spoken == recovery.code(bytes(secret), purpose, count)
    assert len(letters.read(spoken, recovery.CODE_LETTERS)) == 24
    assert spoken.count("-") == 5


@given(counts, counts)
def test_every_code_is_another(one: int, two: int) -> None:
    made = [
        recovery.code(secret, purpose, count)
        for secret in (SECRET, bytes(32))
        for purpose in Purpose
        for count in {one, two}
    ]
    assert len(set(made)) == len(made)


def test_a_code_is_hkdf_of_the_secret_what_it_is_for_and_its_count() -> None:
    info = b"help-at-hand recovery code 1\n\x01\x00\x00\x00\x07"
    derived = HKDFExpand(SHA256(), 15, info).derive(SECRET)
    said = letters.read(recovery.code(SECRET, Purpose.LEASE, 7), 24)
    assert letters.number(said).to_bytes(15) == derived


@pytest.mark.parametrize("count", [0, -1, MOST_CODES + 1])
def test_codes_are_counted_from_one_and_end(count: int) -> None:
    with pytest.raises(ValueError, match="counted from 1"):
        recovery.code(SECRET, Purpose.OPEN, count)
    with pytest.raises(ValueError, match="counted from 1"):
        recovery.request(bytes(5), Purpose.OPEN, count)


def test_secrets_and_ids_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        recovery.code(SECRET[1:], Purpose.OPEN, 1)
    with pytest.raises(ValueError, match="5 bytes"):
        recovery.request(bytes(6), Purpose.OPEN, 1)


def test_secrets_and_ids_are_never_the_same() -> None:
    assert len({recovery.new_secret() for _ in range(20)}) == 20
    assert len({recovery.new_id() for _ in range(20)}) == 20
    assert (len(recovery.new_secret()), len(recovery.new_id())) == (32, 5)


def test_the_sealed_secret_is_for_one_vault_and_one_id() -> None:
    office = sealing.OfficeSecrets.generate()
    info = recovery.seal_info("ab" * 16, bytes(5))
    sealed = sealing.seal(office.public.recovery, info, SECRET)
    assert len(sealed) == recovery.SEALED_BYTES
    assert sealing.unseal(office.recovery, info, sealed) == SECRET
    for other in (
        recovery.seal_info("cd" * 16, bytes(5)),
        recovery.seal_info("ab" * 16, bytes(4) + b"\1"),
    ):
        with pytest.raises(SealBroken):
            sealing.unseal(office.recovery, other, sealed)
