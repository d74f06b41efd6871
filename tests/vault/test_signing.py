"""The laptop's own key: what it signs, its public half proves."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hah_desktop.vault import signing


def test_what_was_signed_is_proved_by_the_public_half_and_by_no_other() -> None:
    private, other = signing.new_key(), signing.new_key()
    assert private != other
    signature = signing.sign(private, b"a batch")
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signing.public_key(private)))
    public.verify(signature, b"a batch")
    for wrong, message in ((signing.sign(other, b"a batch"), b"a batch"), (signature, b"another")):
        with pytest.raises(InvalidSignature):
            public.verify(wrong, message)
