"""How the content of attachments is spelled on the wire: what is read back, and what is refused."""

import json

import pytest

from hah_desktop.domain.chunks import (
    CHUNK,
    LARGEST,
    Standing,
    Taken,
    chunks_of,
    is_digest,
    is_size,
    length_of,
)
from hah_desktop.domain.exchange import Reached
from hah_desktop.sync.wire.blobs import read_status, read_taken, write_status, write_taken
from hah_desktop.sync.wire.form import NotOurs
from hah_desktop.sync.wire.joining import read_lacks, write_token

SHA = "0a" * 32


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, LARGEST])
def test_the_chunks_of_a_size_are_as_long_as_the_whole(size: int) -> None:
    lengths = [length_of(size, number) for number in range(chunks_of(size))]
    assert sum(lengths) == size
    assert all(length == CHUNK for length in lengths[:-1])
    assert 0 < lengths[-1] <= CHUNK
    assert length_of(size, len(lengths)) == length_of(size, -1) == 0


def test_what_was_written_is_read_back() -> None:
    standings = [Standing(SHA, 3 * CHUNK, (0, 2)), Standing("1b" * 32, 5, ())]
    assert read_status(write_status(standings)) == standings
    for taken in (Taken(whole=True), Taken(whole=False, missing=(1, 7))):
        assert read_taken(write_taken(taken)) == taken


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"blobs": {}},
        {"blobs": [3]},
        {"blobs": [{"sha256": SHA, "size": 5}]},
        {"blobs": [{"sha256": "x", "size": 5, "missing": []}]},
        {"blobs": [{"sha256": SHA, "size": 0, "missing": []}]},
        {"blobs": [{"sha256": SHA, "size": 5, "missing": [1]}]},
        {"blobs": [{"sha256": SHA, "size": 5, "missing": [-1]}]},
        {"blobs": [{"sha256": SHA, "size": 5, "missing": ["0"]}]},
    ],
)
def test_another_standing_is_not_ours(body: object) -> None:
    with pytest.raises(NotOurs):
        read_status(body)


@pytest.mark.parametrize(
    "body", [None, {}, {"whole": 1, "missing": []}, {"whole": False, "missing": [200]}]
)
def test_another_answer_to_a_chunk_is_not_ours(body: object) -> None:
    with pytest.raises(NotOurs):
        read_taken(body)


def test_a_hash_is_spelled_in_one_way_and_a_size_has_bounds() -> None:
    assert is_digest(SHA)
    assert not any(map(is_digest, (SHA.upper(), SHA[1:], SHA + "0", f"{SHA}\n", "")))
    assert is_size(1)
    assert is_size(LARGEST)
    assert not any(map(is_size, (0, -1, LARGEST + 1, True, "5", 5.0, None)))


def test_a_token_comes_with_what_the_office_has_lost() -> None:
    assert read_lacks(write_token("t", 600, Reached())) == ()
    sent = write_token("t", 600, Reached(), ["a" * 64, "b" * 64])
    assert read_lacks(json.loads(json.dumps(sent))) == ("a" * 64, "b" * 64)


@pytest.mark.parametrize("spoiled", [[], {"lacks": 5}, {"lacks": [5]}])
def test_what_is_no_list_of_hashes_is_not_the_office_s(spoiled: object) -> None:
    with pytest.raises(NotOurs):
        read_lacks(spoiled)
