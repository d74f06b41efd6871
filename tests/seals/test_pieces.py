"""A sealed piece gives back what went in at its place, or is refused."""

import pytest

from hah_desktop.seals import pieces
from hah_desktop.seals.errors import SealBroken

KEY = bytes(range(32))
CONTEXT = b"letter from the place"
PLAIN = b"Dear Kai, your placement ends on Friday."


@pytest.mark.parametrize("plain", [b"", b"x", PLAIN])
def test_what_was_sealed_comes_back(plain: bytes) -> None:
    sealed = pieces.seal(plain, KEY, 7, CONTEXT)
    assert len(sealed) == len(plain) + pieces.OVERHEAD
    assert plain == b"" or plain not in sealed[12:-16]
    assert pieces.unseal(sealed, KEY, 7, CONTEXT) == plain


def test_the_same_piece_is_never_sealed_twice_alike() -> None:
    assert len({pieces.seal(PLAIN, KEY, 0, CONTEXT)[:12] for _ in range(1000)}) == 1000


def test_every_changed_bit_and_every_cut_is_refused() -> None:
    sealed = pieces.seal(PLAIN, KEY, 0, CONTEXT)
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            pieces.unseal(bytes(changed), KEY, 0, CONTEXT)
    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            pieces.unseal(sealed[:length], KEY, 0, CONTEXT)


def test_a_piece_fits_its_own_place_alone() -> None:
    sealed = pieces.seal(PLAIN, KEY, 3, CONTEXT)
    with pytest.raises(SealBroken):
        pieces.unseal(sealed, KEY, 4, CONTEXT)
    with pytest.raises(SealBroken):
        pieces.unseal(sealed, KEY, 3, b"another letter")
    with pytest.raises(SealBroken):
        pieces.unseal(sealed, bytes(32), 3, CONTEXT)
