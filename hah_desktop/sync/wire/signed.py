"""What a laptop signs, and the letters that enrol it. Pure."""

from hah_desktop.seals import letters

CODE_LETTERS = 12
"""Of the letters that enrol a laptop: first the one-time code, then as many of the fingerprint."""


def signed_token_request(challenge: str, office: str) -> bytes:
    """The bytes that a laptop signs to prove itself: good for one challenge of one office."""
    return f"hah-token-1\n{office}\n{challenge}".encode()


def signed_push(digest: str) -> bytes:
    """The bytes that a laptop signs for a batch; `digest` is the SHA-256 of the body in hex."""
    return f"hah-push-1\n{digest}".encode()


def signed_bundle(office: str, digest: str, size: int) -> bytes:
    """The bytes that a laptop signs so that one file is taken at one office, without a token."""
    return f"hah-bundle-1\n{office}\n{digest}\n{size}".encode()


def write_code(code: str, fingerprint: str) -> str:
    """What the office reads out to enrol a laptop: its one-time code, and how to know its keys."""
    return letters.write(code + fingerprint)


def read_code(typed: str) -> tuple[str, str]:
    """One-time code and fingerprint, out of what was typed. Raises Misheard.

    Only the code is ever sent, and only to an office whose keys have this fingerprint.
    """
    both = letters.read(typed, 2 * CODE_LETTERS)
    return both[:CODE_LETTERS], both[CODE_LETTERS:]
