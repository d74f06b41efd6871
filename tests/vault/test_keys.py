"""The holder of the vault key."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlcipher3.dbapi2
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.vault import keys as keys_module
from hah_desktop.vault.errors import VaultLocked, WrongPassphrase
from hah_desktop.vault.keys import KeyHolder, Purpose, wipe

SALT = bytes(range(16))
KEK = bytearray(b"k" * 32)
NONCE = b"n" * 12


def _holder(byte: int = 7) -> KeyHolder:
    return KeyHolder(bytearray([byte] * 32), SALT)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16))
def test_the_database_gets_its_raw_key_and_its_salt_in_hex(key: bytes, salt: bytes) -> None:
    holder = KeyHolder(bytearray(key), salt)
    working = HKDFExpand(SHA256(), 32, b"help-at-hand vault 1: database\0\0\0").derive(key)
    assert holder.database_spec() == b"x'" + (working + salt).hex().encode() + b"'"


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16))
def test_backups_have_a_key_and_a_salt_of_their_own(key: bytes, salt: bytes) -> None:
    holder = KeyHolder(bytearray(key), SALT)
    working = HKDFExpand(SHA256(), 32, b"help-at-hand vault 1: backup\0\0\0").derive(key)
    assert holder.backup_spec(salt) == b"x'" + (working + salt).hex().encode() + b"'"


def test_sqlcipher_takes_the_key_as_raw_and_keeps_the_salt(tmp_path: Path) -> None:
    path = tmp_path / "records"
    holder = _holder()
    for _ in range(2):
        connection = sqlcipher3.dbapi2.connect(str(path))
        connection.set_key(holder.database_spec())
        connection.execute("CREATE TABLE IF NOT EXISTS visit (id)")
        connection.close()
    assert path.read_bytes()[:16] == SALT


def test_each_purpose_has_a_key_of_its_own() -> None:
    holder = _holder()
    working = {bytes(holder.working_key(purpose)) for purpose in Purpose}
    assert len(working | {bytes([7] * 32)}) == len(Purpose) + 1


def test_new_vault_keys_are_never_the_same() -> None:
    made = [KeyHolder.new(SALT) for _ in range(20)]
    assert len({bytes(holder.working_key(Purpose.DATABASE)) for holder in made}) == 20


def test_a_wrapped_key_opens_with_what_sealed_it() -> None:
    wrapped = _holder().wrap(KEK, NONCE, b"here")
    opened = KeyHolder.unwrap(wrapped, KEK, NONCE, b"here", SALT)
    assert opened.database_spec() == _holder().database_spec()


@pytest.mark.parametrize(
    ("kek", "nonce", "context"),
    [(bytearray(32), NONCE, b"here"), (KEK, bytes(12), b"here"), (KEK, NONCE, b"there")],
)
def test_a_wrapped_key_opens_with_nothing_else(
    kek: bytearray, nonce: bytes, context: bytes
) -> None:
    wrapped = _holder().wrap(KEK, NONCE, b"here")
    with pytest.raises(WrongPassphrase):
        KeyHolder.unwrap(wrapped, kek, nonce, context, SALT)


@pytest.mark.parametrize(
    "use",
    [
        lambda holder: holder.database_spec(),
        lambda holder: holder.backup_spec(SALT),
        lambda holder: holder.working_key(Purpose.HEADER),
        lambda holder: holder.wrap(KEK, NONCE, b""),
    ],
)
def test_after_wiping_every_use_says_that_the_laptop_is_locked(
    use: Callable[[KeyHolder], object],
) -> None:
    holder = _holder()
    holder.wipe()
    with pytest.raises(VaultLocked):
        use(holder)


def test_wiping_zeroes_the_key_where_it_lies() -> None:
    key = bytearray(os.urandom(32))
    holder = KeyHolder(key, SALT)
    assert not holder.wiped
    holder.wipe()
    assert key == bytearray(32)
    assert holder.wiped


def test_wiping_twice_does_nothing_more() -> None:
    holder = _holder()
    holder.wipe()
    holder.wipe()
    assert holder.wiped


def test_wipe_keeps_the_place_and_the_length() -> None:
    secret = bytearray(b"secret")
    view = memoryview(secret)
    wipe(secret)
    assert bytes(view) == bytes(6)


@pytest.mark.parametrize(("key", "salt"), [(31, 16), (33, 16), (32, 15), (32, 17)])
def test_a_key_or_salt_of_another_length_is_refused(key: int, salt: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        KeyHolder(bytearray(key), bytes(salt))
    with pytest.raises(ValueError, match="32 bytes"):
        keys_module._raw_key_spec(bytearray(key), bytes(salt))


def test_a_holder_cannot_be_written_down() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(_holder())


def test_a_holder_shows_no_key_when_printed() -> None:
    assert bytes([7] * 32).hex() not in repr(_holder())
