"""Whatever a visit holds: each reader gets what is theirs, once, and nothing else."""

import re
from collections import Counter
from dataclasses import replace

from hypothesis import Phase, given, settings

from hah_desktop.documents.editions import Material, edition
from hah_desktop.documents.pages import all_words
from hah_desktop.documents.pdf import render
from hah_desktop.documents.tree import Facts, words_of
from hah_desktop.domain.fields import Reader, Text
from hah_desktop.domain.records.base import Record, described
from hah_desktop.domain.records.child import Child, Statement
from hah_desktop.domain.records.reference import Place
from tests.documents.invented import PRINTED_AT, PRINTED_BY
from tests.documents.paper import insides, text_of
from tests.documents.strategies import materials

# A whole visit shrinks for minutes and is no easier to read after it.
MANY = settings(max_examples=40, phases=(Phase.explicit, Phase.reuse, Phase.generate))
FEW = settings(MANY, max_examples=12)

TELLABLE = {"own_words", "feeling", "wish", "wants_to_happen", "observed"}


def printed(material: Material, reader: Reader) -> bytes:
    made = render(edition(material, reader), printed_by=PRINTED_BY, printed_at=PRINTED_AT)
    return made.pdf


def words_in(text: str) -> Counter[str]:
    return Counter(re.findall(r"q\d{4}x", text))


def typed(record: Record, reader: Reader) -> set[str]:
    """The telling words of a record in the fields that are meant for a reader at all."""
    fields = described(type(record)).items()
    texts = [
        getattr(record, name)
        for name, field in fields
        if isinstance(field, Text) and field.printed and reader in field.readers
    ]
    return {word for text in texts for word in words_in(text)}


def answer_for_the_place(material: Material, record: Record) -> str:
    return next(
        (
            p.answer
            for p in material.permissions
            if p.item == record.id and p.reader == "place" and not p.removed
        ),
        "",
    )


def may_be_told(material: Material, record: Record) -> bool:
    if record.removed or (isinstance(record, Statement) and record.type not in TELLABLE):
        return False
    allowed = {"FULL", "ANON", "OVR"}
    return not record.by_permission or answer_for_the_place(material, record) in allowed


def told_to_the_place(material: Material) -> set[str]:
    records = [r for r in material.records() if may_be_told(material, r)]
    return {word for record in records for word in typed(record, Reader.PLACE)}


def answered(record: Record, reader: Reader) -> bool:
    """Whether anything that this reader may see has an answer, typed or chosen."""
    return any(
        reader in field.readers and getattr(record, name)
        for name, field in described(type(record)).items()
    )


def may_be_named(material: Material) -> set[str]:
    named = {
        getattr(record, "child", "")
        for record in material.records()
        if record.by_permission
        and may_be_told(material, record)
        and answer_for_the_place(material, record) == "FULL"
        and answered(record, Reader.PLACE)
    }
    children = [c for c in material.children if c.id in named]
    return {word for child in children for word in words_in(child.known_as)}


def everything(material: Material) -> set[str]:
    return {word for record in material.records() for word in typed(record, Reader.OFFICE)}


def heading(record: Record) -> str:
    """What is said again wherever the record is called by its name."""
    return record.title() if isinstance(record, Child | Place) else ""


@MANY
@given(materials())
def test_the_office_reads_every_answer_once(material: Material) -> None:
    found = words_in(text_of(printed(material, Reader.OFFICE)))
    standing = [record for record in material.records() if not record.removed]
    headings = {word for record in standing for word in words_in(heading(record))}
    once = {word for record in standing for word in typed(record, Reader.OFFICE)}
    assert once <= set(found)
    assert {
        word: count for word, count in found.items() if count > 1 and word not in headings
    } == {}
    assert set(found) <= once


@MANY
@given(materials())
def test_the_place_reads_what_was_cleared_once_and_nothing_else(material: Material) -> None:
    pdf = printed(material, Reader.PLACE)
    cleared, named = told_to_the_place(material), may_be_named(material)
    found = words_in(text_of(pdf))
    assert cleared <= set(found)
    assert set(found) <= cleared | named
    place = words_in(material.place.name if material.place else "")
    twice = {word for word in cleared if found[word] > 1}
    assert twice <= set(place)


@MANY
@given(materials())
def test_nothing_withheld_is_anywhere_inside_the_place_s_file(material: Material) -> None:
    pdf = printed(material, Reader.PLACE)
    allowed = told_to_the_place(material) | may_be_named(material)
    inside = words_in(insides(pdf))
    assert not set(inside) & (everything(material) - allowed)
    assert allowed & everything(material) >= set(inside) & everything(material)


@MANY
@given(materials())
def test_no_empty_answer_is_printed(material: Material) -> None:
    for reader in (Reader.OFFICE, Reader.PLACE):
        blocks = edition(material, reader).blocks
        assert all(block.value.strip() for block in blocks if isinstance(block, Facts))
        assert not any("None" in words for block in blocks for words in words_of(block))


@FEW
@given(materials())
def test_the_same_visit_gives_the_same_bytes(material: Material) -> None:
    assert printed(material, Reader.OFFICE) == printed(material, Reader.OFFICE)


@MANY
@given(materials())
def test_the_order_in_which_records_are_read_changes_nothing(material: Material) -> None:
    backwards = replace(
        material,
        children=material.children[::-1],
        conversations=material.conversations[::-1],
        statements=material.statements[::-1],
        permissions=material.permissions[::-1],
        concerns=material.concerns[::-1],
        actions=material.actions[::-1],
        areas=material.areas[::-1],
        attachments=material.attachments[::-1],
        addenda=material.addenda[::-1],
    )
    for reader in (Reader.OFFICE, Reader.PLACE):
        assert edition(backwards, reader).blocks == edition(material, reader).blocks


@FEW
@given(materials())
def test_the_description_of_a_file_names_nobody(material: Material) -> None:
    pdf = printed(material, Reader.OFFICE)
    described_as = all_words(pdf).split("OFFICIAL-SENSITIVE")[0]
    assert "Summary for the office" in described_as
    assert f"V-{material.visit.id[-8:].upper()}" in described_as
