"""What the manager of a place is told, and what never reaches them."""

from dataclasses import replace

import pytest

from hah_desktop.documents.editions import Edition, Material, NotMade, edition
from hah_desktop.documents.material import Open
from hah_desktop.documents.pdf import Rendered, render
from hah_desktop.documents.safety import TellsTooMuch, leaks
from hah_desktop.documents.tree import Block, Facts, Heading, Note, Quote, Table, words_of
from hah_desktop.domain.fields import Reader
from hah_desktop.domain.ids import ChangeId
from hah_desktop.domain.merge import Head
from tests.documents.invented import (
    AMIRA,
    DRAWING,
    FOOD,
    GRABBED,
    HARM,
    KAI,
    MUM,
    PHONE,
    PRINTED_AT,
    PRINTED_BY,
    RING,
    ROTA,
    SCARED,
    allowed,
    rowan_house,
    said,
)
from tests.documents.paper import close, text_of


def for_the_place(material: Material) -> Edition:
    return edition(material, Reader.PLACE)


def drawn(made: Edition) -> Rendered:
    return render(made, printed_by=PRINTED_BY, printed_at=PRINTED_AT)


def page_words(material: Material) -> str:
    return text_of(drawn(for_the_place(material)).pdf)


def quotes(made: Edition) -> list[Quote]:
    return [block for block in made.blocks if isinstance(block, Quote)]


def head(number: int, value: str | None) -> Head:
    return Head(ChangeId(f"c{number}"), value, "adviser-jo", "2026-11-14T14:05:00+00:00")


def test_only_with_full_permission_is_a_child_named_and_only_there() -> None:
    told = {quote.words: quote.whose for quote in quotes(for_the_place(rowan_house()))}
    assert told == {PHONE.text: "Kai M.", RING.text: "A child", FOOD.text: "A child"}


def test_without_any_permission_nothing_that_came_from_a_child_reaches_the_place() -> None:
    material = replace(rowan_house(), permissions=())
    made = for_the_place(material)
    titles = {block.words for block in made.blocks if isinstance(block, Heading)}
    assert not quotes(made)
    assert not titles & {"Concerns", "Actions", "What children told us"}


@pytest.mark.parametrize("answer", ["NO", "WDR", "ASKME", "SOME", "CAP", ""])
def test_every_answer_but_yes_keeps_the_words_back(answer: str) -> None:
    material = replace(rowan_house(), permissions=(allowed(PHONE.id, answer),))
    assert not quotes(for_the_place(material))


def test_taking_permission_back_takes_the_words_and_the_name_away() -> None:
    before = rowan_house()
    after = replace(
        before,
        permissions=tuple(
            allowed(PHONE.id, "WDR") if p.item == PHONE.id else p for p in before.permissions
        ),
    )
    assert "Kai M." in page_words(before)
    words = page_words(after)
    assert "Kai" not in words
    assert close(PHONE.text) not in close(words)


def test_sharing_for_safety_does_not_name_the_child() -> None:
    material = replace(rowan_house(), permissions=(allowed(SCARED.id, "OVR", AMIRA),))
    assert [quote.whose for quote in quotes(for_the_place(material))] == ["A child"]


@pytest.mark.parametrize("kind", ["opinion", "read", "", "a_kind_of_the_future"])
def test_opinions_and_what_was_read_never_reach_the_place(kind: str) -> None:
    thought = said("thought", kind, "The rota was shown to us.")
    material = replace(
        rowan_house(), statements=(thought,), permissions=(allowed(thought.id, "FULL"),)
    )
    assert not quotes(for_the_place(material))


def test_permission_that_is_disputed_is_no_permission() -> None:
    permission = allowed(PHONE.id, "FULL")
    disputed: dict[str, Open] = {permission.id: {"answer": (head(1, "FULL"), head(2, "NO"))}}
    material = replace(rowan_house(), permissions=(permission,), open=disputed)
    assert not quotes(for_the_place(material))


def test_of_a_disputed_answer_the_place_reads_only_that_it_is_being_checked() -> None:
    material = rowan_house()
    versions = (head(1, "The call is too early."), head(2, "We said nothing at all."))
    material = replace(material, open={material.visit.id: {"exit_said": versions}})
    made = for_the_place(material)
    shown = [block for block in made.blocks if isinstance(block, Facts)]
    assert Facts("What we told them", "being checked by Help at Hand") in shown
    words = page_words(material)
    assert "too early" not in words
    assert "nothing at all" not in words


def test_disputed_words_of_a_child_are_not_quoted() -> None:
    material = replace(
        rowan_house(), open={PHONE.id: {"text": (head(1, PHONE.text), head(2, "Another text"))}}
    )
    words = page_words(material)
    assert close(PHONE.text) not in close(words)
    assert "Another text" not in words
    assert "being checked by Help at Hand" in words


def test_a_disputed_name_is_not_printed() -> None:
    material = replace(
        rowan_house(), open={KAI: {"known_as": (head(1, "Kai M."), head(2, "Kyle"))}}
    )
    assert {quote.whose for quote in quotes(for_the_place(material))} == {"A child"}


def test_the_place_is_told_no_address_no_level_no_trigger_and_no_numbers_of_children() -> None:
    words = page_words(rowan_house())
    for kept in ("Invented Lane", "ZZ1", "provisional", "S2", "S4", "Children on roll", "Age"):
        assert kept not in words
    assert "Rowan House" in words


def test_what_worried_us_stays_with_the_office() -> None:
    assert "five nights in a row" not in page_words(rowan_house())


def test_the_order_of_quotes_does_not_tell_which_come_from_one_child() -> None:
    material = rowan_house()
    items = (PHONE, RING, FOOD, GRABBED)
    material = replace(material, permissions=tuple(allowed(item.id, "ANON") for item in items))
    kinds = [(quote.label, quote.words) for quote in quotes(for_the_place(material))]
    own = [words for label, words in kinds if label == "Said in the child’s own words"]
    assert own == sorted(own, key=str.casefold)


def test_words_of_somebody_else_are_not_given_to_a_child() -> None:
    cook = said("cook", "own_words", "The children like the soup.", by="The cook")
    material = replace(rowan_house(), statements=(cook,), permissions=(allowed(cook.id, "FULL"),))
    assert [quote.whose for quote in quotes(for_the_place(material))] == ["Somebody"]


@pytest.mark.parametrize(
    "typed", ["Kai told us that.", "amira's room is cold.", "KAI MERRIWEATHER", "Ask Saltmarsh."]
)
def test_a_child_s_name_typed_where_the_place_reads_it_stops_the_printing(typed: str) -> None:
    material = rowan_house()
    material = replace(material, visit=replace(material.visit, exit_said=typed))
    with pytest.raises(TellsTooMuch, match="What we told them") as refused:
        drawn(for_the_place(material))
    assert refused.value.kept == "Nothing was printed."
    assert "other words" in refused.value.do


def test_a_child_s_name_inside_their_own_unnamed_words_stops_the_printing() -> None:
    slipped = said("slipped", "own_words", "Everybody says Kai did it.")
    material = replace(
        rowan_house(), statements=(slipped,), permissions=(allowed(slipped.id, "ANON"),)
    )
    with pytest.raises(TellsTooMuch, match="Kai"):
        drawn(for_the_place(material))


def test_the_name_of_another_child_in_named_words_stops_the_printing() -> None:
    told = said("told", "own_words", "Amira cries at night.")
    material = replace(rowan_house(), statements=(told,), permissions=(allowed(told.id, "FULL"),))
    with pytest.raises(TellsTooMuch, match="Amira"):
        drawn(for_the_place(material))


def test_words_kept_back_and_pasted_elsewhere_stop_the_printing() -> None:
    material = rowan_house()
    pasted = f"We heard: {MUM.text.upper()}"
    material = replace(material, visit=replace(material.visit, working_well=pasted))
    with pytest.raises(TellsTooMuch, match="What is working well"):
        drawn(for_the_place(material))


def test_the_same_role_in_two_answers_stops_nothing() -> None:
    material = rowan_house()
    told = replace(HARM, told_to="Dana Reedling, deputy manager")
    assert drawn(for_the_place(replace(material, concerns=(told,)))).pages


def test_a_place_that_is_called_like_a_child_can_be_told_about() -> None:
    material = rowan_house()
    assert material.place
    material = replace(material, place=replace(material.place, name="Amira House"))
    assert "Amira House" in text_of(drawn(for_the_place(material)).pdf)


def test_a_name_that_is_also_a_word_or_a_month_stops_nothing() -> None:
    material = rowan_house()
    children = tuple(
        replace(child, known_as=name, full_name="")
        for child, name in zip(material.children, ("Will", "May"), strict=True)
    )
    visit = replace(material.visit, exit_reply="They will mend it and may paint it.")
    material = replace(material, children=children, visit=visit, permissions=())
    assert drawn(for_the_place(material)).pages


@pytest.mark.parametrize(
    "planted",
    [
        Facts("What we saw", "Amira was there"),
        Heading(2, "Amira S."),
        Quote(GRABBED.text, "Said in the child’s own words", "A child"),
        Facts("Run by", "Rowan Care (Invented) Ltd"),
        Table(("Who",), (("Kai Merriweather",),)),
    ],
)
def test_a_fault_of_the_program_is_caught_by_the_last_check(planted: Block) -> None:
    made = for_the_place(rowan_house())
    with pytest.raises(TellsTooMuch, match="must not see"):
        drawn(replace(made, blocks=(*made.blocks, planted)))


def test_leaks_are_found_on_pages_in_the_description_and_in_the_outline() -> None:
    made = edition(rowan_house(), Reader.OFFICE)
    described = drawn(replace(made, blocks=(Note("Nothing"),), title="About Amira")).pdf
    assert leaks(described, ["Amira", "Nobody"]) == ("Amira",)
    outlined = drawn(replace(made, blocks=(Heading(1, "Kai\u200b M."),))).pdf
    assert leaks(outlined, ["Amira", "Kai"]) == ("Kai",)


def test_short_names_are_found_as_whole_words_only() -> None:
    made = replace(
        edition(rowan_house(), Reader.OFFICE),
        blocks=(Facts("Seen", "Alongside Jordan stood Al."),),
    )
    assert leaks(drawn(made).pdf, ["Al", "Jor", "Ala"]) == ("Al",)


def test_the_office_is_refused_nothing() -> None:
    made = edition(rowan_house(), Reader.OFFICE)
    assert drawn(made).pages
    assert not made.withheld.names


@pytest.mark.parametrize("reader", [Reader.CHILD, Reader.LOCAL_AUTHORITY])
def test_there_is_no_edition_for_other_readers(reader: Reader) -> None:
    with pytest.raises(NotMade, match="Nothing was printed"):
        edition(rowan_house(), reader)


def test_what_was_kept_back_is_in_none_of_the_blocks() -> None:
    made = for_the_place(rowan_house())
    said_in_it = " ".join(words for block in made.blocks for words in words_of(block))
    assert GRABBED.text not in said_in_it
    assert "Amira" not in said_in_it
    assert "Amira" not in repr(made)


@pytest.mark.parametrize("answer", ["", "NO", "ASKME", "WDR"])
def test_an_attachment_without_permission_is_not_even_named(answer: str) -> None:
    material = rowan_house()
    material = replace(material, permissions=(*material.permissions, allowed(DRAWING.id, answer)))
    words = page_words(material)
    assert "Letters and pictures" not in words
    assert DRAWING.what not in words


def test_an_attachment_with_permission_is_told_by_its_name_and_kind_alone() -> None:
    material = rowan_house()
    material = replace(
        material,
        permissions=(
            *material.permissions,
            allowed(DRAWING.id, "ANON"),
            allowed(ROTA.id, "FULL", child=""),
        ),
    )
    words = page_words(material)
    for told in ("Letters and pictures", DRAWING.what, "Drawing by the child", ROTA.what):
        assert told in words
    for untold in (DRAWING.note, DRAWING.file_name, DRAWING.hash, DRAWING.content):
        assert untold not in words
