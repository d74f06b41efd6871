"""A pull in a few words: what it leaves unnamed, when it is not understood, and what follows."""

import dataclasses as dc
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.capacity import Capacity
from hah_desktop.domain.digest import EMPTY, Digest, names, whole
from hah_desktop.domain.exchange import Page, PulledRow, Reached
from hah_desktop.domain.ids import FileId, RecordId, visit_file
from hah_desktop.store.errors import StoreFull
from hah_desktop.store.store import Store
from hah_desktop.sync.engine import StoreBox
from hah_desktop.sync.errors import Differs, Refused
from hah_desktop.sync.pages import NAMES, Pages, Pulled
from hah_desktop.sync.wire.changes import read_page, write_brief_pull, write_page
from hah_desktop.sync.wire.form import NotOurs, lines
from tests.sync.laptops import Laptop, Laptops
from tests.sync.office import Line, MemoryOffice
from tests.sync.questions import AtOnce

VISIT = "visit-a"
files = st.text(max_size=4).map(FileId)


class Listening(Line):
    """Notes which pulls were brief, and may say no to them."""

    says_no: Refused | None = None

    def __init__(self, office: MemoryOffice, laptop: str) -> None:
        super().__init__(office, laptop)
        self.brief: list[bool] = []

    def pull(
        self,
        epoch: str,
        cursors: Mapping[FileId, int],
        want: Sequence[RecordId],
        *,
        brief: bool = False,
    ) -> tuple[Page, list[PulledRow]]:
        self.brief.append(brief)
        if brief and self.says_no:
            raise self.says_no
        return super().pull(epoch, cursors, want, brief=brief)


@pytest.fixture
def office() -> MemoryOffice:
    return MemoryOffice()


@pytest.fixture
def laptops(tmp_path: Path) -> Laptops:
    return Laptops(tmp_path)


@pytest.fixture
def laptop(laptops: Laptops, office: MemoryOffice) -> Laptop:
    """A laptop and its office that know of each other that they mean the same files."""
    laptop = laptops.make(office)
    laptop.edit(VISIT, met_by="the manager")
    laptop.sync()
    laptop.line = Listening(office, laptop.name)
    return laptop


def brief(laptop: Laptop) -> list[bool]:
    assert isinstance(laptop.line, Listening)
    told, laptop.line.brief = laptop.line.brief, []
    return told


def test_names_of_files_are_the_same_in_any_order_and_for_no_others() -> None:
    one, two = FileId("a"), FileId("b")
    assert names([one, two]) == names([two, one])
    assert len({names([]), names([one]), names([one, two]), names([FileId('a","b')])}) == 4


def test_what_lies_in_another_file_is_not_the_same() -> None:
    one, two, held = FileId("a"), FileId("b"), Digest(1, "0f")
    assert whole({one: held, two: EMPTY}) == whole({two: EMPTY, one: held})
    assert whole({one: held, two: EMPTY}) != whole({one: EMPTY, two: held})
    assert whole({one: held}) != whole({one: Digest(2, "0f")})


@given(st.dictionaries(files, st.integers(0, 9), min_size=1))
def test_a_brief_pull_says_as_much_as_one_that_names_each_file(cursors: dict[FileId, int]) -> None:
    asked = json.loads(write_brief_pull("e1", cursors, [RecordId("r1")]))
    assert {file: asked["but"].get(file, asked["at"]) for file in cursors} == cursors
    assert len(asked["but"]) <= len(cursors) - 1
    assert (asked["named"], asked["want"]) == (names(cursors), ["r1"])
    assert asked["moves"] is True
    assert "files" not in asked


@given(
    cursors=st.dictionaries(files, st.integers(0, 9), min_size=1),
    upto=st.integers(0, 9),
    more=st.booleans(),
)
def test_a_brief_page_moves_each_cursor(
    cursors: dict[FileId, int], upto: int, *, more: bool
) -> None:
    sent = Page("e1", {}, more, {}, Reached(3, "0f"), upto, "" if more else "ab")
    page, rows = read_page(write_page(sent, [], brief=True), cursors)
    moved = {file: max(seq, upto) if more else upto for file, seq in cursors.items()}
    assert (page, rows) == (dc.replace(sent, files=moved), [])
    assert page.had == cursors.keys()


@given(
    had=st.dictionaries(files, st.integers(1, 9), min_size=1),
    there=st.frozensets(files),
    upto=st.integers(0, 9),
    more=st.booleans(),
)
def test_a_brief_page_names_only_the_files_that_come_and_go(
    had: dict[FileId, int], there: frozenset[FileId], upto: int, *, more: bool
) -> None:
    moved = {f: max(had.get(f, 0), upto) if more else upto for f in there}
    given_, gone = there - had.keys(), frozenset(had.keys() - there)
    sent = Page("e1", moved, more, {}, None, upto, "" if more else "ab", given_, gone)
    written = write_page(sent, [], brief=True)
    assert (json.loads(written.splitlines()[0]).keys() >= {"given"}) == bool(given_)
    page, rows = read_page(written, had)
    assert (page, rows) == (sent, [])
    assert page.had == had.keys()


@pytest.mark.parametrize(
    "spoiled",
    [
        {"upto": None},
        {"upto": "9"},
        {"whole": 3},
        {"whole": ""},
        {"given": "visit:a"},
        {"gone": ["ref"]},
        {"gone": [1]},
        {"gone": [-1]},
    ],
    ids=str,
)
def test_a_brief_page_out_of_form_is_refused(spoiled: dict[str, Any]) -> None:
    header = {"epoch": "e1", "more": False, "upto": 9, "whole": "ab"}
    assert read_page(lines(header, []), {FileId("ref"): 4})[0].files == {"ref": 9}
    with pytest.raises(NotOurs):
        read_page(lines({**header, **spoiled}, []), {FileId("ref"): 4})


def test_a_brief_page_is_no_answer_to_a_pull_that_named_each_file() -> None:
    with pytest.raises(NotOurs):
        read_page(lines({"epoch": "e1", "more": False, "upto": 9, "whole": "ab"}, []))


def test_where_both_mean_the_same_files_none_is_named(laptop: Laptop) -> None:
    laptop.sync()
    assert brief(laptop) == [True]
    assert laptop.box.result is not None
    assert (laptop.box.result.files, laptop.box.result.differing) == (1, ())
    laptop.edit(VISIT, met_by="the deputy")
    laptop.sync()
    assert brief(laptop) == [True]
    assert laptop.unsent() == 0


def test_a_new_file_is_asked_for_by_the_names_of_all(laptops: Laptops, laptop: Laptop) -> None:
    colleague = laptops.make(laptop.line.office, "laptop-two")
    colleague.edit("visit-b", met_by="nobody")
    colleague.sync()
    laptop.sync()
    assert brief(laptop) == [True, False]
    assert set(laptop.shown()) == {VISIT, "visit-b"}
    laptop.sync()
    assert brief(laptop) == [True]


@pytest.mark.parametrize(
    "no",
    [
        Refused("urn:hah:unreadable", "“files” is missing.", status=422),
        Refused(NAMES, "Name them.", status=409),
    ],
    ids=["an older office", "other files"],
)
def test_an_office_that_has_to_be_told_names_is_told_them_for_the_whole_sync(
    laptops: Laptops, laptop: Laptop, no: Refused
) -> None:
    laptop.line.office.page = 1
    colleague = laptops.make(laptop.line.office, "laptop-two")
    colleague.edit(VISIT, met_by="nobody")
    colleague.edit(VISIT, impression="Quiet.")
    colleague.sync()
    brief(laptop)
    assert isinstance(laptop.line, Listening)
    laptop.line.says_no = no
    laptop.sync()
    assert brief(laptop) == [True, False, False]
    assert laptop.shown() == colleague.shown()


def test_another_no_is_no_reason_to_ask_again(laptop: Laptop) -> None:
    assert isinstance(laptop.line, Listening)
    laptop.line.says_no = Refused("urn:hah:busy", "Not now.", status=503)
    with pytest.raises(Refused, match="Not now"):
        laptop.sync()
    assert brief(laptop) == [True]


def test_a_file_of_which_nothing_was_read_is_named(laptop: Laptop) -> None:
    laptop.box.read_again([visit_file(VISIT)])
    laptop.sync()
    assert brief(laptop) == [False]


class _Forgetful(MemoryOffice):
    """Says that it holds nothing, until it was asked so often."""

    right_after = 99
    heard = 0

    def pull(self, *asked: Any) -> tuple[Page, list[PulledRow]]:
        page, rows = super().pull(*asked)
        self.heard += 1
        if self.heard > self.right_after:
            return page, rows
        return dc.replace(page, digests=dict.fromkeys(page.digests, EMPTY)), rows


@pytest.mark.parametrize("right_after", [2, 3, 99])
def test_what_differs_is_looked_for_by_name_and_then_told(laptop: Laptop, right_after: int) -> None:
    office = _Forgetful()
    office.journal, office.right_after = laptop.line.office.journal, right_after
    laptop.line = Listening(office, laptop.name)
    if right_after == 99:
        with pytest.raises(Differs, match="the same of one visit"):
            laptop.sync()
    else:
        laptop.sync()
    # Looking for the names pulls twice at this office: it has to see what it would answer.
    asked = {2: [True, False], 3: [True, False, False], 99: [True, False, False]}
    assert brief(laptop) == asked[right_after]
    differed = [] if right_after == 2 else [(visit_file(VISIT),)]
    assert laptop.line.differs == differed
    assert laptop.shown() == {VISIT: ({"met_by": "the manager"}, {})}


class _Ahead(Listening):
    """Keeps the pages that it made ahead, to see what became of them."""

    def __init__(self, office: MemoryOffice, laptop: str) -> None:
        super().__init__(office, laptop)
        self.made: list[AtOnce[Pulled]] = []

    def begin_pull(self, *asked: Any, **how: Any) -> AtOnce[Pulled]:
        self.made.append(super().begin_pull(*asked, **how))
        return self.made[-1]


@pytest.fixture
def newcomer(laptops: Laptops, office: MemoryOffice) -> Laptop:
    """A laptop for which there are three pages, each with one visit."""
    office.page = 1
    colleague = laptops.make(office, "laptop-two")
    for number in range(3):
        colleague.edit(f"visit-{number}", met_by=f"manager {number}")
    colleague.sync()
    newcomer = laptops.make(office, "laptop-three")
    newcomer.line = _Ahead(office, newcomer.name)
    return newcomer


class Watching(StoreBox):
    """Notes how many pages were asked for when one is taken."""

    def __init__(self, store: Store, line: _Ahead) -> None:
        super().__init__(store)
        self.line = line
        self.asked: list[int] = []
        self.full = False

    def take_page(self, page: Page, rows: Sequence[PulledRow]) -> list[RecordId]:
        self.asked.append(len(self.line.made))
        if self.full:
            raise StoreFull("The disk is full.", "Nothing was written.", "Make room.")
        return super().take_page(page, rows)


def watching(newcomer: Laptop) -> Watching:
    assert isinstance(newcomer.line, _Ahead)
    return Watching(newcomer.store, newcomer.line)


def test_the_next_page_is_asked_for_before_one_is_taken(newcomer: Laptop) -> None:
    box = watching(newcomer)
    newcomer.sync(box=box)
    assert box.asked == [2, 3, 3]
    assert len(newcomer.shown()) == 3
    assert [page.given_up for page in box.line.made] == [False] * 3


def test_a_page_that_is_on_its_way_when_the_sync_ends_is_given_up(newcomer: Laptop) -> None:
    box = watching(newcomer)
    box.full = True
    with pytest.raises(StoreFull):
        newcomer.sync(box=box)
    assert [page.given_up for page in box.line.made] == [False, True]
    assert newcomer.shown() == {}
    newcomer.sync()
    assert len(newcomer.shown()) == 3


def test_after_a_page_that_takes_a_file_back_the_next_one_is_asked_for_once_it_is_gone() -> None:
    line = _Ahead(MemoryOffice(), "laptop-one")
    pages = Pages(line, Capacity(), named=True)
    pages.ask("epoch-1", {visit_file(VISIT): 3})
    assert not pages.may_look_ahead(Page("epoch-1", {}, more=True))
    assert not pages.may_look_ahead(Page("epoch-1", {visit_file(VISIT): 4}, more=False))
    assert pages.may_look_ahead(Page("epoch-1", {visit_file(VISIT): 4}, more=True))


def test_nobody_waits_for_a_page_that_was_not_asked_for(laptop: Laptop) -> None:
    with pytest.raises(RuntimeError):
        Pages(laptop.line, Capacity(), named=False).wait()
