"""An answer that a rule chose by itself says so where it stands, with the other one at hand."""

import dataclasses as dc
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication

from hah_desktop.domain.codec import field_of
from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.base import Json, Section
from hah_desktop.domain.records.child import Statement
from hah_desktop.domain.records.reference import Adviser
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.journal.saving import Edited
from hah_desktop.ui.forms.merged import MergedMark, may_choose, told
from hah_desktop.ui.forms.record_form import RecordForm
from hah_desktop.ui.kit.labels import Label
from hah_desktop.ui.kit.theme import apply
from hah_desktop.ui.kit.tokens import ThemeName
from tests.ui.kit.hands import click
from tests.ui.screens.made import SIZES, arrives, findings, said_by
from tests.ui.work.made import Work, line_of

WHO_IS_THERE = Section("Who is there today", ("children_present", "staff_on_duty"))
PLAN = Section("The visit", ("advisers",))


@pytest.fixture
def merged(work: Work) -> Callable[..., Visit]:
    """A visit of which Ruth and Sam changed one small fact unseen; the office has Sam’s."""
    for who, called in (("ruth", "Ruth Aldous"), ("sam", "Sam Hughes")):
        work.store.add(Adviser(id=RecordId(who), name=called))
    work.session.start()
    work.settle()

    def make(**theirs: Json) -> Visit:
        visit = work.visit(children_present=2)
        held = work.held(visit.id)
        mine = dc.replace(held.record, children_present=3, advisers=frozenset({"ruth", "sam"}))  # type: ignore[call-arg]  # a visit
        work.store.save(Edited(mine, held.seen))
        arrives(work.store, visit, said_by("sam", 7, theirs))
        return visit

    return make


def marks(form: RecordForm) -> list[str]:
    shown = [mark for mark in form.findChildren(MergedMark) if not mark.isHidden()]
    return [label.text() for mark in shown for label in mark.findChildren(Label)]


def test_a_small_fact_that_was_merged_says_who_wrote_what_and_which_stands(
    work: Work, merged: Callable[..., Visit]
) -> None:
    form = work.form(merged(children_present=4).id, WHO_IS_THERE)
    assert marks(form) == [
        "Merged: Sam wrote 4, you wrote 3; yours stands until the office has received it."
    ]


def test_the_other_value_is_one_click_away_and_is_saved_like_any_answer(
    work: Work, merged: Callable[..., Visit]
) -> None:
    visit = merged(children_present=4)
    form = work.form(visit.id, WHO_IS_THERE)
    (mark,) = [m for m in form.findChildren(MergedMark) if not m.isHidden()]
    (other,) = mark.buttons
    assert other.accessibleName() == "Children here today: Take 4 instead"
    click(other)
    assert line_of(form, "children_present").text() == "4"
    assert form.save()
    work.settle()
    held = work.held(visit.id)
    assert (held.seen.body["children_present"], held.merged) == (4, {})
    form.show_held(held, None)
    assert marks(form) == []


def test_each_member_of_a_set_is_merged_by_itself(work: Work, merged: Callable[..., Visit]) -> None:
    visit = merged(**{"advisers:sam": None})
    form = work.form(visit.id, PLAN)
    (said,) = marks(form)
    assert said == (
        "Merged: Sam left “Sam Hughes” out, you ticked “Sam Hughes”; "
        "yours stands until the office has received it."
    )
    (mark,) = [m for m in form.findChildren(MergedMark) if not m.isHidden()]
    click(mark.buttons[0])
    assert form.answer("advisers") == frozenset({"ruth"})
    form.flush()
    work.settle()


def test_after_sign_off_it_is_told_and_no_longer_chosen(
    work: Work, merged: Callable[..., Visit]
) -> None:
    form = work.form(merged(children_present=4).id, WHO_IS_THERE)
    form.set_signed_off(signed_off=True)
    (mark,) = [m for m in form.findChildren(MergedMark) if not m.isHidden()]
    assert [button.isHidden() for button in mark.buttons] == [True]


def test_equal_values_are_not_marked(work: Work, merged: Callable[..., Visit]) -> None:
    form = work.form(merged(children_present=3).id, WHO_IS_THERE)
    assert marks(form) == []


def test_what_came_first_stands_and_is_not_offered_for_change(work: Work) -> None:
    said = Statement(id=RecordId("said"), visit="visit", child="child", type="own_words")
    work.store.add(said)
    arrives(work.store, said, said_by("sam", 7, {"type": "paraphrase"}))
    heads = work.held("said").merged["type"]
    field = field_of("statement", "type")
    assert field is not None
    assert not may_choose(field)
    words = told(field, "type", heads, work.session.code_list, "ruth")
    assert words.endswith("the office received sam’s first.")


@pytest.mark.parametrize(("width", "height", "scale"), SIZES)
def test_nothing_is_clipped_or_nameless(
    work: Work,
    merged: Callable[..., Visit],
    qapp: QApplication,
    width: int,
    height: int,
    scale: float,
) -> None:
    visit = merged(children_present=4)
    apply(qapp, ThemeName.DARK, scale)
    form = work.form(visit.id, WHO_IS_THERE)
    form.resize(int(width * 0.6), height)
    for _ in range(5):
        qapp.processEvents()
    assert findings(form) == []
