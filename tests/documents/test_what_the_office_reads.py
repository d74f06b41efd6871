"""The office's summary: everything, in the order in which somebody has to act on it."""

from dataclasses import replace

from hah_desktop.documents.editions import Material, edition
from hah_desktop.documents.material import Open, visit_reference
from hah_desktop.documents.pdf import render
from hah_desktop.documents.tree import (
    Alternative,
    Alternatives,
    Block,
    Facts,
    Heading,
    Note,
    Quote,
    Table,
)
from hah_desktop.domain.fields import Reader
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.merge import Head
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.visit import Visit
from tests.documents.invented import (
    CALLS,
    DRAWING,
    GRABBED,
    KAI,
    PRINTED_AT,
    PRINTED_BY,
    ROTA,
    STAIRS,
    known,
    rowan_house,
    said,
)
from tests.documents.paper import close, text_of


def blocks_for_the_office(material: Material) -> tuple[Block, ...]:
    return edition(material, Reader.OFFICE).blocks


def headings(material: Material, level: int) -> list[str]:
    blocks = blocks_for_the_office(material)
    return [b.words for b in blocks if isinstance(b, Heading) and b.level == level]


def head(number: int, value: Json, author: str) -> Head:
    return Head(ChangeId(f"c{number}"), value, author, "2026-11-14T14:05:00+00:00")


def test_concerns_come_before_what_the_children_said_and_the_day_after_it() -> None:
    assert headings(rowan_house(), 2) == [
        "The visit",
        "The place",
        "Concerns",
        "Amira S.",
        "Kai M.",
        "Permission to share",
        "Arrival",
        "Getting in",
        "Who is there today",
        "General impression",
        "What we saw",
        "Exit meeting",
        "Leaving",
        "Actions",
        "Letters and pictures",
        "Added after sign-off",
    ]


def test_the_most_serious_concern_comes_first_and_is_called_urgent() -> None:
    tagged = [
        (block.words, block.tag)
        for block in blocks_for_the_office(rowan_house())
        if isinstance(block, Heading) and block.tag
    ]
    assert tagged == [("Concern 1", "Urgent")]


def test_a_child_s_words_come_in_the_order_of_their_kinds() -> None:
    quotes = [b for b in blocks_for_the_office(rowan_house()) if isinstance(b, Quote)]
    assert [quote.label for quote in quotes if quote.whose == "Kai M."] == [
        "Said in the child’s own words",
        "A wish",
        "What the child wants to happen",
    ]
    amira = quotes[:6]
    assert [quote.label for quote in amira[-3:]] == [
        "Seen or heard by us",
        "Read in a record",
        "Our opinion",
    ]
    assert [quote.whose for quote in amira[-3:]] == ["", "", ""]


def test_only_a_child_s_very_words_stand_in_quotation_marks() -> None:
    quotes = [b for b in blocks_for_the_office(rowan_house()) if isinstance(b, Quote)]
    assert {quote.label for quote in quotes if quote.spoken} == {"Said in the child’s own words"}


def test_words_are_quoted_as_they_stand_line_by_line() -> None:
    quotes = [b for b in blocks_for_the_office(rowan_house()) if isinstance(b, Quote)]
    assert GRABBED.text in [quote.words for quote in quotes]


def test_a_permission_names_the_item_by_the_number_it_has_in_the_document() -> None:
    blocks = blocks_for_the_office(rowan_house())
    table = next(b for b in blocks if isinstance(b, Table) and "Who may see it" in b.head)
    number = next(b.number for b in blocks if isinstance(b, Quote) and b.words == GRABBED.text)
    about = [row for row in table.rows if number in row]
    assert [row[table.head.index("Who may see it")] for row in about] == [
        "The local authority",
        "The place",
    ]


def test_of_a_disputed_answer_both_versions_are_printed_with_author_and_time() -> None:
    material = rowan_house()
    disputed: dict[str, Open] = {
        STAIRS.id: {"about": (head(1, "Dark", "adviser-jo"), head(2, None, "somebody"))}
    }
    blocks = blocks_for_the_office(replace(material, open=disputed))
    both = next(block for block in blocks if isinstance(block, Alternatives))
    assert both.label.startswith("What the concern is")
    assert both.options == (
        Alternative("Dark", "Jo Bellweather", "14 November 2026, 14:05 UTC"),
        Alternative("(left empty)", "somebody", "14 November 2026, 14:05 UTC"),
    )
    assert any(isinstance(block, Note) for block in blocks)
    assert Facts("What the concern is", STAIRS.about) not in blocks


def test_both_versions_are_on_paper() -> None:
    versions = (head(1, "It is dark", "adviser-jo"), head(2, "It is broken", "adviser-sam"))
    material = replace(rowan_house(), open={STAIRS.id: {"about": versions}})
    made = render(edition(material, Reader.OFFICE), printed_by=PRINTED_BY, printed_at=PRINTED_AT)
    words = " ".join(text_of(made.pdf).split())
    assert "It is dark Jo Bellweather, 14 November 2026, 14:05 UTC" in words
    assert "It is broken Sam Oakapple" in words


def test_a_version_out_of_form_is_printed_as_it_stands() -> None:
    material = rowan_house()
    odd = Head(ChangeId("c3"), "a quarter past", "adviser-jo", "some day")
    undecided: Open = {
        "left_at": (head(1, "16:40:00", "adviser-sam"), odd),
        "advisers:adviser-sam": (head(2, value=True, author="adviser-jo"), head(4, None, "x")),
    }
    shown = _alternatives(replace(material, open={material.visit.id: undecided}))
    said_by_label = {block.label: [o.words for o in block.options] for block in shown}
    assert [o.made_at for o in shown[-1].options][-1] == "some day"
    assert list(said_by_label.values()) == [["Yes", "No"], ["16:40", "a quarter past"]]
    assert next(iter(said_by_label)).startswith("Advisers: Sam Oakapple")


def test_a_kind_without_words_and_words_without_a_kind_are_both_told() -> None:
    kind, words = said("kind", "wish", ""), said("words", "", "Of no kind.")
    blocks = blocks_for_the_office(replace(rowan_house(), statements=(kind, words)))
    assert any(isinstance(b, Heading) and b.words.endswith("A wish") for b in blocks)
    quotes = [b for b in blocks if isinstance(b, Quote)]
    assert [(quote.words, quote.whose) for quote in quotes] == [("Of no kind.", "")]


def test_a_disputed_statement_shows_both_texts_under_its_kind() -> None:
    versions = (head(1, GRABBED.text, "adviser-jo"), head(2, "Other words", "adviser-sam"))
    material = replace(rowan_house(), open={GRABBED.id: {"text": versions}})
    assert [[o.words for o in b.options] for b in _alternatives(material)] == [
        [GRABBED.text, "Other words"]
    ]


def test_a_disputed_level_is_no_tag() -> None:
    levels = (head(1, "S4", "adviser-jo"), head(2, "S1", "adviser-sam"))
    blocks = blocks_for_the_office(replace(rowan_house(), open={STAIRS.id: {"level": levels}}))
    assert [b.tag for b in blocks if isinstance(b, Heading) and b.tag] == ["Urgent"]


def test_a_removed_record_is_left_out_unless_its_removal_is_disputed() -> None:
    material = rowan_house()
    gone = replace(CALLS, removed=True)
    without = replace(material, actions=(gone,))
    assert "Actions" not in headings(without, 2)
    versions = (head(1, value=True, author="adviser-jo"), head(2, None, "adviser-sam"))
    disputed = replace(without, open={gone.id: {"removed": versions}})
    assert "Actions" in headings(disputed, 2)
    assert any(b.label.startswith("Removed") for b in _alternatives(disputed))


def _alternatives(material: Material) -> list[Alternatives]:
    return [b for b in blocks_for_the_office(material) if isinstance(b, Alternatives)]


def test_words_of_a_child_whose_file_is_elsewhere_are_still_told() -> None:
    stray = said("stray", "wish", "Somewhere else.", child=known("nobody"))
    material = replace(rowan_house(), children=(), statements=(stray,), conversations=())
    assert "A child whose file is not on this laptop" in headings(material, 2)
    quotes = [b for b in blocks_for_the_office(material) if isinstance(b, Quote)]
    assert [(quote.words, quote.whose) for quote in quotes] == [("Somewhere else.", "A child")]


def test_words_outside_a_conversation_stand_with_their_child() -> None:
    loose = replace(said("loose", "wish", "At the gate.", child=KAI), conversation="")
    material = replace(rowan_house(), statements=(loose,))
    assert "Outside a conversation" in headings(material, 3)


def test_what_a_newer_version_wrote_is_pointed_out() -> None:
    newer = replace(STAIRS, unknown={"colour": "blue"})
    blocks = blocks_for_the_office(replace(rowan_house(), concerns=(newer,)))
    assert any(isinstance(block, Note) and "newer version" in block.words for block in blocks)


def test_a_bare_visit_makes_a_bare_document() -> None:
    material = Material(visit=Visit(id=known("bare")))
    made = edition(material, Reader.OFFICE)
    assert made.blocks == (Heading(1, "Visit to a place that is not on this laptop"),)
    assert visit_reference(material.visit) == made.reference


def test_an_attachment_is_named_and_nothing_of_its_file_is() -> None:
    made = render(
        edition(rowan_house(), Reader.OFFICE), printed_by=PRINTED_BY, printed_at=PRINTED_AT
    )
    text = close(text_of(made.pdf))
    for told in (DRAWING.what, DRAWING.note, "Drawing by the child", ROTA.what):
        assert close(told) in text
    for one in (DRAWING, ROTA):
        for untold in (one.file_name, one.media_type, str(one.size), one.hash, one.content):
            assert close(untold) not in text
