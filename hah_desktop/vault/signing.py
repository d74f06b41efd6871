"""The laptop's own key: with it the laptop proves itself to the office and signs what it sends.

Ed25519. The private key is kept in the encrypted database and never leaves the laptop.
"""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def new_key() -> str:
    """A new private key, in hex."""
    return Ed25519PrivateKey.generate().private_bytes_raw().hex()


def public_key(private: str) -> str:
    """The public half of a private key in hex, in hex: what the office keeps."""
    return _key(private).public_key().public_bytes_raw().hex()


def sign(private: str, message: bytes) -> bytes:
    """Sign a message with a private key in hex."""
    return _key(private).sign(message)


def _key(private: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private))
