"""A sealed stream gives back what went in, or is refused."""

import hashlib
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.seals import stream
from hah_desktop.seals.errors import SealBroken
from hah_desktop.seals.stream import CHUNK, OVERHEAD, Written

KEY = bytes(range(32))
CONTEXT = b"letter from the place"
OPENING = 15
SEALED_CHUNK = CHUNK + 16


def _payload(size: int) -> bytes:
    """Bytes of which no two places look the same."""
    return b"".join(number.to_bytes(4, "big") for number in range(size // 4 + 1))[:size]


def _seal(plain: bytes, key: bytes = KEY, context: bytes = CONTEXT) -> bytes:
    target = io.BytesIO()
    stream.write([plain], target, key, context)
    return target.getvalue()


def _open(sealed: bytes, key: bytes = KEY, context: bytes = CONTEXT) -> bytes:
    return b"".join(stream.read(io.BytesIO(sealed), key, context))


def _refused(sealed: bytes, key: bytes = KEY, context: bytes = CONTEXT) -> bool:
    try:
        _open(sealed, key, context)
    except SealBroken:
        return True
    return False


@pytest.fixture(scope="module")
def three() -> tuple[bytes, list[bytes]]:
    """Yield what opens a stream of three chunks, and its chunks; the last one is short."""
    sealed = _seal(_payload(2 * CHUNK + 1000))
    edges = [*range(OPENING, len(sealed), SEALED_CHUNK), len(sealed)]
    return sealed[:OPENING], [sealed[start:end] for start, end in pairwise(edges)]


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 7])
def test_what_was_sealed_comes_back_and_its_length_was_foretold(size: int) -> None:
    plain = _payload(size)
    target = io.BytesIO()
    written = stream.write([plain], target, KEY, CONTEXT)
    assert written == Written(size, hashlib.sha256(plain).hexdigest())
    assert len(target.getvalue()) == stream.sealed_size(size)
    assert _open(target.getvalue()) == plain


def test_an_empty_payload_is_one_empty_last_chunk() -> None:
    target = io.BytesIO()
    assert stream.write([], target, KEY, CONTEXT).size == 0
    assert len(target.getvalue()) == OVERHEAD
    assert list(stream.read(io.BytesIO(target.getvalue()), KEY, CONTEXT)) == [b""]


@given(
    st.lists(
        st.one_of(st.binary(max_size=40), st.integers(0, CHUNK + 40).map(bytes)),
        max_size=4,
    )
)
def test_it_does_not_matter_how_the_payload_was_cut_into_pieces(pieces: list[bytes]) -> None:
    target = io.BytesIO()
    views = [memoryview(bytearray(piece)) for piece in pieces]
    assert stream.write(views, target, KEY, CONTEXT).size == sum(map(len, pieces))
    assert _open(target.getvalue()) == b"".join(pieces)


def test_only_a_few_chunks_are_held_at_a_time() -> None:
    asked: list[int] = []
    target = io.BytesIO()

    def pieces() -> Iterator[bytes]:
        for number in range(5):
            asked.append(len(target.getvalue()))
            yield bytes((number,)) * CHUNK

    stream.write(pieces(), target, KEY, CONTEXT)
    behind = [number * CHUNK - written for number, written in enumerate(asked)]
    assert max(behind) <= CHUNK


def test_the_buffers_that_take_turns_are_hashed_before_they_are_filled_again() -> None:
    plain = _payload(3 * stream.HELD * CHUNK + 7)
    source = io.BytesIO(plain)
    target = io.BytesIO()
    written = stream.write_from(source.readinto, target, KEY, CONTEXT)
    assert written == Written(len(plain), hashlib.sha256(plain).hexdigest())
    assert _open(target.getvalue()) == plain


def test_pieces_are_brought_while_those_before_wait_to_be_hashed() -> None:
    pieces = [bytes((number,)) * 10 for number in range(stream.HELD + 1)]
    with ThreadPoolExecutor(1) as beside:
        first = Event()
        beside.submit(first.wait)
        digest = stream.Hashing(beside)
        for piece in pieces[:-1]:
            digest.update(piece)
        first.set()
        digest.update(pieces[-1])
        assert digest.hexdigest() == hashlib.sha256(b"".join(pieces)).hexdigest()


def test_a_chunk_is_given_before_the_rest_was_read() -> None:
    plain = _payload(5 * CHUNK)
    source = io.BytesIO(_seal(plain))
    assert next(stream.read(source, KEY, CONTEXT)) == plain[:CHUNK]
    assert source.tell() <= OPENING + 2 * SEALED_CHUNK


def test_the_same_payload_never_looks_the_same_twice() -> None:
    key = stream.new_key()
    assert _seal(b"the same words", key) != _seal(b"the same words", key)
    assert len(key) == stream.KEY_BYTES
    assert stream.new_key() != key


def test_nothing_that_went_in_can_be_seen() -> None:
    assert b"the same words" not in _seal(b"the same words")


def test_a_stranger_s_key_is_refused() -> None:
    assert _refused(_seal(b"words"), key=bytes(32))


def test_a_file_put_in_another_s_place_is_refused() -> None:
    assert _refused(_seal(b"words"), context=b"another letter")


def test_every_truncation_of_a_short_one_is_refused() -> None:
    for plain in (b"", b"a few words"):
        sealed = _seal(plain)
        assert all(_refused(sealed[:length]) for length in range(len(sealed)))


def test_a_truncation_at_every_boundary_is_refused(three: tuple[bytes, list[bytes]]) -> None:
    opening, chunks = three
    sealed = opening + b"".join(chunks)
    edges = [0, 8, OPENING, OPENING + SEALED_CHUNK, OPENING + 2 * SEALED_CHUNK, len(sealed)]
    for edge in edges:
        for length in range(max(0, edge - 17), min(edge + 18, len(sealed))):
            assert _refused(sealed[:length]), f"cut after {length}"


def test_an_end_that_is_missing_is_seen_after_the_chunks_that_are_there(
    three: tuple[bytes, list[bytes]],
) -> None:
    opening, chunks = three
    reading = stream.read(io.BytesIO(opening + chunks[0] + chunks[1]), KEY, CONTEXT)
    assert len(next(reading)) == CHUNK
    with pytest.raises(SealBroken):
        next(reading)


@pytest.mark.parametrize(
    "order",
    [
        pytest.param([0, 1], id="the last chunk cut off"),
        pytest.param([0, 2], id="a chunk dropped"),
        pytest.param([1, 2], id="the first chunk dropped"),
        pytest.param([1, 0, 2], id="two chunks swapped"),
        pytest.param([0, 2, 1], id="the last chunk moved"),
        pytest.param([0, 0, 2], id="a chunk in another's place"),
        pytest.param([0, 0, 1, 2], id="a chunk doubled"),
        pytest.param([0, 1, 2, 2], id="the last chunk doubled"),
        pytest.param([0, 1, 2, 0], id="a chunk appended"),
        pytest.param([2], id="the last chunk alone"),
    ],
)
def test_chunks_in_any_other_order_are_refused(
    three: tuple[bytes, list[bytes]], order: list[int]
) -> None:
    opening, chunks = three
    assert not _refused(opening + b"".join(chunks))
    assert _refused(opening + b"".join(chunks[place] for place in order))


def test_bytes_at_the_end_are_refused(three: tuple[bytes, list[bytes]]) -> None:
    opening, chunks = three
    assert _refused(opening + b"".join(chunks) + b"\0")
    assert _refused(_seal(_payload(CHUNK)) + b"\0")


def test_a_chunk_of_another_stream_under_the_same_key_is_refused(
    three: tuple[bytes, list[bytes]],
) -> None:
    opening, chunks = three
    other = _seal(_payload(2 * CHUNK + 1000))
    assert _refused(opening + chunks[0] + other[OPENING + SEALED_CHUNK :])
    assert _refused(other[:OPENING] + b"".join(chunks))


def test_every_flipped_bit_of_a_short_one_is_refused() -> None:
    sealed = _seal(b"a short letter")
    for bit in range(8 * len(sealed)):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        assert _refused(bytes(changed)), f"bit {bit}"


@given(st.data())
def test_a_flipped_bit_anywhere_in_a_long_one_is_refused(
    three: tuple[bytes, list[bytes]], data: st.DataObject
) -> None:
    sealed = bytearray(three[0] + b"".join(three[1]))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(st.integers(0, 7))
    assert _refused(bytes(sealed))


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 2 * CHUNK + 7])
def test_each_chunk_is_given_alone_at_its_own_place(size: int) -> None:
    plain = _payload(size)
    sealed = _seal(plain)
    count = max(1, -(-size // CHUNK))
    for number in range(count):
        last = number == count - 1
        found = stream.read_chunk(io.BytesIO(sealed), KEY, CONTEXT, number, last=last)
        assert found == plain[number * CHUNK : (number + 1) * CHUNK]
        with pytest.raises(SealBroken):
            stream.read_chunk(io.BytesIO(sealed), KEY, CONTEXT, number, last=not last)


def test_a_chunk_alone_is_refused_where_it_is_not_whole() -> None:
    sealed = _seal(_payload(CHUNK + 7))
    for cut in (0, 14, 15, CHUNK, len(sealed) - 1):
        with pytest.raises(SealBroken):
            stream.read_chunk(io.BytesIO(sealed[:cut]), KEY, CONTEXT, 1, last=True)
