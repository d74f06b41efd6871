"""The finished file: size, marking, numbers, fonts, description, and the same bytes twice."""

import datetime as dt
import threading
from collections import Counter
from dataclasses import replace

import pypdfium2
import pytest

from hah_desktop.documents.editions import edition
from hah_desktop.documents.letters import letters
from hah_desktop.documents.pages import page_count, page_image, page_text
from hah_desktop.documents.pdf import Rendered, render
from hah_desktop.documents.tree import Block, Edition, Facts, Heading, Quote, Table
from hah_desktop.domain.fields import Reader
from tests.documents.invented import PRINTED_AT, PRINTED_BY, rowan_house
from tests.documents.paper import close, insides, text_of

READERS = pytest.mark.parametrize("reader", [Reader.OFFICE, Reader.PLACE])
MARKING = "OFFICIAL-SENSITIVE - PERSONAL DATA"


def drawn(made: Edition, at: dt.datetime = PRINTED_AT) -> Rendered:
    return render(made, printed_by=PRINTED_BY, printed_at=at)


def holding(*blocks: Block) -> Edition:
    return replace(edition(rowan_house(), Reader.OFFICE), blocks=(Heading(1, "Title"), *blocks))


@READERS
def test_every_page_is_a4_marked_twice_and_numbered(reader: Reader) -> None:
    made = drawn(edition(rowan_house(), reader))
    with pypdfium2.PdfDocument(made.pdf) as document:
        sizes = {tuple(round(side) for side in page.get_size()) for page in document}
    assert sizes == {(595, 842)}
    for page in range(made.pages):
        words = page_text(made.pdf, page)
        assert words.count(MARKING) == 2
        assert f"Page {page + 1} of {made.pages}" in words
        assert made.content_hash[:10] in words
        assert f"Printed by {PRINTED_BY}, 22 November 2026 at 17:05" in words
    assert page_count(made.pdf) == made.pages


@READERS
def test_the_whole_fonts_that_are_used_are_inside_the_file(reader: Reader) -> None:
    inside = insides(drawn(edition(rowan_house(), reader)).pdf)
    assert inside.count("/FontDescriptor") >= inside.count("/FontFile2") > 0
    assert "Helvetica" not in inside
    assert inside.count("/Subtype /TrueType") == inside.count("/FontFile2")


@READERS
def test_the_file_says_what_it_is_and_names_no_child(reader: Reader) -> None:
    with pypdfium2.PdfDocument(drawn(edition(rowan_house(), reader)).pdf) as document:
        described = document.get_metadata_dict()
    assert described["Title"].startswith("Summary for the ")
    assert described["Author"] == "Help at Hand"
    assert described["Subject"].startswith("Visit V-")
    assert described["CreationDate"].startswith("D:20261122170500")
    assert not any(name in str(described) for name in ("Kai", "Amira"))


def test_the_language_of_the_file_is_english() -> None:
    assert "/Lang (en-GB)" in insides(drawn(edition(rowan_house(), Reader.PLACE)).pdf)


@READERS
def test_the_same_edition_person_and_time_give_the_same_bytes(reader: Reader) -> None:
    one, two = (drawn(edition(rowan_house(), reader)) for _ in range(2))
    assert one == two


def test_the_version_is_that_of_the_words_and_not_of_the_printing() -> None:
    made = edition(rowan_house(), Reader.PLACE)
    later = drawn(made, PRINTED_AT + dt.timedelta(days=1))
    assert later.content_hash == drawn(made).content_hash
    changed = replace(made, blocks=(*made.blocks, Facts("More", "words")))
    assert drawn(changed).content_hash != later.content_hash


def test_two_documents_drawn_at_the_same_time_do_not_mix() -> None:
    editions = [edition(rowan_house(), reader) for reader in (Reader.OFFICE, Reader.PLACE)] * 2
    found: list[tuple[int, Rendered]] = []
    threads = [
        threading.Thread(target=lambda n=n, e=e: found.append((n, drawn(e))))
        for n, e in enumerate(editions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [made for _, made in sorted(found, key=lambda pair: pair[0])] == [
        drawn(made) for made in editions
    ]


@pytest.mark.parametrize(
    ("typed", "missing"),
    [
        ("محمد", {"م", "ح", "د"}),
        ("王小明", {"王", "小", "明"}),
        ("\u0490\u0430\u043d\u043d\u0430", {"\u0490", "\u0430", "\u043d"}),
        ("good 🙂", {"🙂"}),
    ],
)
def test_letters_that_the_font_lacks_are_reported_and_counted(
    typed: str, missing: set[str]
) -> None:
    made = drawn(holding(Facts("Name", typed)))
    assert set(made.missing_glyphs) == missing
    assert "not printable]" in close_spaces(text_of(made.pdf))


def close_spaces(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    "typed",
    ["Łukasz Żółć", "Siân ŵ ŷ", "Zoë's “quotes” – £5", "e\u0301te\u0301", "a\u200bb\u00a0c"],
)
def test_names_of_polish_welsh_and_french_are_printed_as_they_are(typed: str) -> None:
    made = drawn(holding(Facts("Name", typed)))
    assert made.missing_glyphs == ()
    assert close(letters().printable(typed)) in close(text_of(made.pdf))


def test_signs_that_look_like_markup_are_printed_as_signs() -> None:
    words = "<b>not bold</b> & <br/> &amp; \\n %s {x}"
    assert close(words) in close(text_of(drawn(holding(Facts("Typed", words))).pdf))


def test_a_story_of_two_thousand_words_runs_over_pages_without_loss() -> None:
    story = " ".join(f"word{number}" for number in range(2000))
    made = drawn(holding(Facts("Story", story), Quote(story, "Said", "A child", spoken=True)))
    found = "\n".join(page_text(made.pdf, page) for page in range(made.pages))
    words = Counter(word.strip("“”") for word in found.split())
    assert made.pages > 4
    assert {words[f"word{number}"] for number in range(2000)} == {2}


def test_a_long_story_without_a_space_stays_inside_the_margins() -> None:
    made = drawn(holding(Facts("Link", "https://example.invalid/" + "x" * 900)))
    with pypdfium2.PdfDocument(made.pdf) as document:
        page = document[0].get_textpage()
        rects = [page.get_rect(i) for i in range(page.count_rects())]
    assert min(left for left, *_ in rects) >= 56
    assert max(right for _, _, right, _ in rects) <= 595 - 56


def test_a_table_breaks_between_its_rows_and_repeats_its_head() -> None:
    rows = tuple((f"first{n}", f"last{n}", "words " * 20) for n in range(60))
    made = drawn(holding(Table(("Column one", "Column two", "Column three"), rows)))
    pages = [page_text(made.pdf, page) for page in range(made.pages)]
    assert all("Column one" in words for words in pages)
    for number in range(60):
        assert sum(f"first{number}\r" in p or f"first{number}\n" in p for p in pages) <= 1
        together = [f"first{number} " in close_spaces(p) for p in pages]
        assert together == [f"last{number} " in close_spaces(p) for p in pages]


def test_many_short_lines_never_break_the_drawing() -> None:
    lines = "\n".join("a" for _ in range(400))
    blocks = (Facts("Lines", lines), Quote(lines, "Said"), Facts("", lines), Facts("Last", "one"))
    assert "Last one" in close_spaces(text_of(drawn(holding(*blocks)).pdf))


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Just look in.", "“Just look in.”"),
        ("“Just look in.”", "“Just look in.”"),
        ('"Just look in."', "“Just look in.”"),
        ("“Yes” or “no”", "““Yes” or “no””"),
        ("“", "““”"),
    ],
)
def test_what_a_child_said_stands_in_one_pair_of_quotation_marks(typed: str, printed: str) -> None:
    made = drawn(holding(Quote(typed, "Said", "A child", spoken=True)))
    lines = close_spaces(text_of(made.pdf))
    assert lines.count(printed) == 1
    assert f"“{printed}" not in lines


def test_a_heading_is_never_the_last_thing_on_a_page() -> None:
    for above in range(20, 46):
        facts = tuple(Facts(f"Fact {n}", "short") for n in range(above))
        quote = Quote("Here are the words.", "Said", "A child", spoken=True, details=("Written",))
        made = drawn(holding(*facts, Heading(2, "Top"), Heading(3, "Below"), quote))
        pages = [page_text(made.pdf, page) for page in range(made.pages)]
        assert [p for p in pages if "Below" in p] == [p for p in pages if "Here are" in p]


def test_a_long_name_of_a_place_is_cut_in_the_header_and_whole_on_the_first_page() -> None:
    name = "The House of the Very Long Name " * 8 + "End"
    material = rowan_house()
    assert material.place
    material = replace(material, place=replace(material.place, name=name))
    made = drawn(edition(material, Reader.PLACE))
    assert close(name) in close(text_of(made.pdf))
    assert "…" in page_text(made.pdf, made.pages - 1)


def test_a_page_becomes_a_picture_of_its_size() -> None:
    made = drawn(edition(rowan_house(), Reader.PLACE))
    width, height, rgb = page_image(made.pdf, 0, dpi=72)
    assert (width, height) in {(595, 842), (596, 842)}
    assert len(rgb) == width * height * 3
    assert rgb[:3] == b"\xff\xff\xff"
    accent = bytes((0x0B, 0x64, 0x70))
    big = page_image(made.pdf, 0, dpi=150)
    assert accent in {big[2][i : i + 3] for i in range(0, len(big[2]), 3)}
