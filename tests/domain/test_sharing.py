"""Editions: no reader sees a field that is not meant for it, nor a word without permission."""

import dataclasses as dc
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.domain.codec import to_body
from hah_desktop.domain.fields import Reader
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.base import Record, described
from hah_desktop.domain.records.child import Permission, Statement
from hah_desktop.domain.records.visit import Visit
from hah_desktop.domain.sharing import SHAREABLE, Cleared, cleared, permissions_of
from hah_desktop.resources import code_list
from tests.domain.made import records

ANSWERS = tuple(code.code for code in code_list("sharing"))
OTHERS = tuple(reader for reader in Reader if reader is not Reader.OFFICE)
SAID = Statement(
    id=RecordId("s1"),
    visit="v1",
    child="c1",
    type="own_words",
    text="“Nobody asks us.”",
    by="the night staff",
)

others = st.sampled_from(OTHERS)
answers = st.sampled_from(("", *ANSWERS))


def answered(answer: str, reader: Reader = Reader.PLACE, **fields: bool) -> Permission:
    return Permission(
        id=RecordId(f"p-{reader.value}-{answer}"),
        item=SAID.id,
        reader=reader.value,
        answer=answer,
        removed=fields.get("removed"),
    )


def shared(answer: str, reader: Reader = Reader.PLACE) -> Cleared | None:
    return cleared(SAID, reader, permissions_of([answered(answer)]))


def allowed(record: Record, reader: Reader, answer: str) -> Mapping[tuple[str, str], Permission]:
    given_for = Permission(id=RecordId("p"), item=record.id, reader=reader.value, answer=answer)
    return permissions_of([given_for])


@given(records, others, answers)
def test_no_reader_sees_a_field_that_is_not_meant_for_it(
    record: Record, reader: Reader, answer: str
) -> None:
    found = cleared(record, reader, allowed(record, reader, answer))
    fields = described(type(record))
    seen = {key.partition(":")[0] for key in to_body(found.record)} if found else set()
    assert all(reader in fields[name].readers for name in seen)


@given(records, others, answers)
def test_what_a_reader_sees_stands_as_it_was_written(
    record: Record, reader: Reader, answer: str
) -> None:
    found = cleared(record, reader, allowed(record, reader, answer))
    assert found is None or to_body(found.record).items() <= to_body(record).items()


@given(records, st.sampled_from(Reader))
def test_without_an_answer_only_the_office_sees_what_needs_permission(
    record: Record, reader: Reader
) -> None:
    if type(record).by_permission and reader is not Reader.OFFICE:
        assert cleared(record, reader, {}) is None


@given(records)
def test_the_office_sees_everything_that_was_not_removed(record: Record) -> None:
    expected = None if record.removed else Cleared(record, named=True)
    assert cleared(record, Reader.OFFICE, {}) == expected


@given(records, st.sampled_from(Reader))
def test_a_removed_record_is_in_no_edition(record: Record, reader: Reader) -> None:
    assert (
        cleared(dc.replace(record, removed=True), reader, allowed(record, reader, "FULL")) is None
    )


@pytest.mark.parametrize("answer", ANSWERS)
def test_only_an_answer_that_allows_it_lets_an_item_out(answer: str) -> None:
    assert (shared(answer) is not None) == (answer in SHAREABLE)


@pytest.mark.parametrize("answer", ["NO", "WDR", "SOME", "ASKME", "CAP", ""])
def test_withdrawn_partial_or_no_permission_means_no(answer: str) -> None:
    assert shared(answer) is None


@pytest.mark.parametrize(("answer", "named"), [("FULL", True), ("ANON", False), ("OVR", False)])
def test_the_child_is_named_only_where_the_child_said_so(answer: str, *, named: bool) -> None:
    found = shared(answer)
    assert found is not None
    assert found.named is named


def test_permission_for_one_reader_is_none_for_another() -> None:
    assert shared("FULL", Reader.LOCAL_AUTHORITY) is None


def test_permission_for_one_item_is_none_for_another() -> None:
    other = dc.replace(SAID, id=RecordId("s2"))
    assert cleared(other, Reader.PLACE, permissions_of([answered("FULL")])) is None


def test_the_place_reads_the_words_and_not_who_else_said_them() -> None:
    found = shared("FULL")
    assert found is not None
    assert to_body(found.record) == {"type": "own_words", "text": "“Nobody asks us.”"}


def test_a_removed_permission_does_not_count() -> None:
    assert permissions_of([answered("FULL", removed=True), SAID]) == {}


@pytest.mark.parametrize("answers", [("FULL", "NO"), ("NO", "FULL"), ("WDR", "ANON", "FULL")])
def test_of_two_answers_to_one_question_the_one_that_says_no_counts(
    answers: tuple[str, ...],
) -> None:
    both = permissions_of([answered(answer) for answer in answers])
    assert cleared(SAID, Reader.PLACE, both) is None


@pytest.mark.parametrize("answers", [("FULL", "ANON"), ("ANON", "FULL")])
def test_of_two_answers_that_allow_it_the_one_without_the_name_counts(
    answers: tuple[str, ...],
) -> None:
    found = cleared(SAID, Reader.PLACE, permissions_of([answered(answer) for answer in answers]))
    assert found is not None
    assert not found.named


def test_a_record_of_which_a_reader_may_see_nothing_is_left_out() -> None:
    assert cleared(Visit(id=RecordId("v1"), purpose="Night checks"), Reader.PLACE, {}) is None


def test_what_the_visit_saw_itself_needs_no_childs_permission() -> None:
    visit = Visit(id=RecordId("v1"), purpose="Night checks", met_by="D. Okafor")
    found = cleared(visit, Reader.PLACE, {})
    assert found == Cleared(Visit(id=RecordId("v1"), met_by="D. Okafor"), named=True)
