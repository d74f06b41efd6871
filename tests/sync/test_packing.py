"""A body comes out as it went in, whichever way it was packed, or not at all."""

import gzip
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.sync.wire import packing
from hah_desktop.sync.wire.packing import GZIP, PLAIN, TAKEN, ZSTD, Damaged, Unpacker

BOTH = pytest.mark.parametrize("how", [GZIP, ZSTD])
BODY = b"She said that nobody had asked her. " * 40


@given(how=st.sampled_from([GZIP, ZSTD]), pieces=st.lists(st.binary(max_size=300), max_size=8))
def test_what_is_packed_piece_by_piece_is_unpacked_piece_by_piece(
    how: str, pieces: list[bytes]
) -> None:
    packer, unpacker = packing.packer(how), Unpacker(how)
    packed = [*map(packer.compress, pieces), packer.flush()]
    assert b"".join(map(unpacker.take, packed)) == b"".join(pieces)
    assert unpacker.is_whole
    assert packing.unpacked(b"".join(packed)) == b"".join(pieces)


@BOTH
def test_a_body_that_was_cut_is_not_whole(how: str) -> None:
    packed = packing.pack(BODY, how)
    for end in range(len(packed)):
        unpacker = Unpacker(how)
        assert BODY.startswith(unpacker.take(packed[:end]))
        assert not unpacker.is_whole
        with pytest.raises(Damaged):
            packing.unpacked(packed[:end])


@BOTH
def test_no_single_letter_of_a_packed_body_can_be_altered_unnoticed(how: str) -> None:
    packed = packing.pack(BODY, how)
    for at in range(len(packed)):
        altered = packed[:at] + bytes([packed[at] ^ 0x55]) + packed[at + 1 :]
        unpacker = Unpacker(how)
        try:
            came = unpacker.take(altered, len(BODY))
        except Damaged:
            continue
        # What gzip's head says of the packing itself, such as when it was, is no part of the body.
        assert came == BODY or not unpacker.is_whole


@BOTH
def test_a_body_that_goes_on_behind_its_end_is_not_whole(how: str) -> None:
    packed = packing.pack(BODY, how)
    at_once, later = Unpacker(how), Unpacker(how)
    assert at_once.take(packed + b"more") == BODY
    assert later.take(packed) == BODY
    assert later.take(b"") == b""
    assert later.is_whole
    assert later.take(b"more") == b""
    assert later.take(b"") == b""
    assert (at_once.goes_on, at_once.is_whole) == (later.goes_on, later.is_whole) == (True, False)
    with pytest.raises(Damaged):
        packing.unpacked(packed + packed)


@BOTH
def test_a_small_body_that_holds_a_huge_one_is_unpacked_as_far_as_there_is_room(how: str) -> None:
    bomb = packing.pack(bytes(50_000_000), how)
    assert len(bomb) < 60_000
    unpacker = Unpacker(how)
    assert len(unpacker.take(bomb, 1000)) == 1001
    assert not unpacker.is_whole


def test_more_memory_than_agreed_is_not_lent_to_whoever_asks() -> None:
    # A head that asks for a window of 2 GB, as RFC 8878 3.1.1.1 spells it, and one raw last block.
    greedy = bytes.fromhex("28b52ffd") + bytes([0x00, 21 << 3]) + bytes([0x09, 0, 0]) + b"x"
    assert packing.unpacked(greedy[:5] + bytes([0]) + greedy[6:]) == b"x"
    with pytest.raises(Damaged):
        Unpacker(ZSTD).take(greedy)


def test_a_way_that_nobody_knows_is_refused() -> None:
    with pytest.raises(Damaged):
        Unpacker("br")


SAID = {
    TAKEN: ZSTD,
    "gzip, ZSTD;q=0.5": ZSTD,
    "gzip": GZIP,
    "x-zstd, gzip": GZIP,
    "zstd;q=0, gzip;q=1.0": GZIP,
    "zstd; q=0.000": PLAIN,
    "identity": PLAIN,
    "": PLAIN,
}


@pytest.mark.parametrize(("said", "how"), SAID.items())
def test_the_best_way_is_one_that_was_named(said: str, how: str) -> None:
    assert packing.best(said) == how


def test_others_read_what_we_pack() -> None:
    assert gzip.decompress(packing.pack(BODY, GZIP)) == BODY
    assert packing.unpacked(gzip.compress(BODY)) == BODY


@BOTH
def test_the_same_body_is_packed_to_the_same_bytes(how: str) -> None:
    once, again = packing.pack(BODY, how), packing.pack(BODY, how)
    assert hashlib.sha256(once).digest() == hashlib.sha256(again).digest()
