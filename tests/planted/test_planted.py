"""Nothing that was typed can be read on the disk, nor on its way there; without the key, all can.

Every write system call of the whole process tree, every file, and the raw disk under them are
searched for fifty planted words in nine spellings. Left out by its path is only what a person
prints or saves on purpose, and it must be there.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.planted.faults import NONE, PLAIN, SPILL
from tests.planted.walk import FIRST, PATHS, SECOND, SORTING
from tests.planted.watched import Watched, watch, why_not

THOUSANDS = 2_000
HUNDREDS = 500
AT_ONCE = 2
BOTH = (FIRST, SECOND)
KILLED = -9


@pytest.fixture(scope="module")
def walks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Watched]:
    """Every walk by its fault, two at a time."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("planted")
    parts = {NONE: BOTH, PLAIN: BOTH, SPILL: (SORTING,)}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        begun = {
            fault: pool.submit(watch, folder / fault, fault, walked)
            for fault, walked in parts.items()
        }
        return {fault: walk.result() for fault, walk in begun.items()}


@pytest.fixture
def real(walks: dict[str, Watched]) -> Watched:
    """The program as it is."""
    return walks[NONE]


@pytest.fixture
def plain(walks: dict[str, Watched]) -> Watched:
    """The same walk, over plain SQLite."""
    return walks[PLAIN]


@pytest.fixture
def spilling(walks: dict[str, Watched]) -> Watched:
    """A part of it, encrypted, but with temporary files."""
    return walks[SPILL]


def test_every_path_was_walked_to_a_kill_and_then_to_the_end(real: Watched) -> None:
    assert real.walked[FIRST] == PATHS[FIRST]
    assert real.walked[SECOND] == (*PATHS[SECOND], "end")
    assert real.codes == {FIRST: KILLED, SECOND: 0}


def test_no_system_call_was_given_a_word_to_write(real: Watched) -> None:
    assert real.calls.hits == 0, real.calls.say()
    assert real.calls.bytes > 500_000


def test_no_file_holds_a_word(real: Watched) -> None:
    assert real.files.hits == 0, real.files.say()
    assert real.files.bytes > 500_000


def test_the_raw_disk_holds_no_word(real: Watched) -> None:
    if real.image is None:
        pytest.skip(real.no_image)
    assert real.image.hits == 0, real.image.say()


def test_what_was_printed_or_saved_on_purpose_is_where_it_was_wanted(real: Watched) -> None:
    assert {"printed.pdf", "copy.pdf"} <= real.on_purpose


def test_without_the_key_the_search_finds_thousands(plain: Watched) -> None:
    assert plain.walked[SECOND][-1] == "end"
    on_the_line = [hits for place, hits in plain.calls.places.items() if "sendto" in place]
    assert sum(on_the_line) > HUNDREDS
    assert plain.calls.hits > THOUSANDS, plain.calls.say()
    assert plain.files.hits > THOUSANDS, plain.files.say()
    if plain.image is not None:
        assert plain.image.hits > THOUSANDS, plain.image.say()


def test_a_temporary_file_without_a_name_is_seen_in_the_system_calls(spilling: Watched) -> None:
    assert spilling.calls.hits > 0
    assert spilling.files.hits == 0, spilling.files.say()
