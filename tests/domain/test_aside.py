import pytest

from hah_desktop.domain.aside import Reason, malformed, reason_of, told
from hah_desktop.domain.changes import MalformedChange, from_plain


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_says_what_happened_what_is_kept_and_what_both_sides_do(
    reason: Reason,
) -> None:
    words = told(reason.why)
    for part in (words.kept, words.do, words.office):
        assert part.endswith(".")
        assert part[0].isupper()
    assert reason_of(reason.why) is reason
    assert words.what == reason.why


@pytest.mark.parametrize("reason", [Reason.NOT_GIVEN, Reason.TAKEN_BACK])
def test_words_that_come_too_early_or_too_late_are_saved_again_once_it_is_given(
    reason: Reason,
) -> None:
    words = told(reason.why)
    assert "copy the words from here into it" in words.do
    assert "saved again there" in words.office


def test_no_reason_begins_as_another_does() -> None:
    begun = [reason.why for reason in Reason]
    assert all(a is b or not a.startswith(b) for a in begun for b in begun)


def test_what_cannot_be_read_says_of_what_kind_it_was_and_has_the_same_step() -> None:
    with pytest.raises(MalformedChange) as raised:
        from_plain({})
    said = malformed(raised.value)
    assert said == "This change cannot be read: it does not lie in one or two files."
    assert reason_of(said) is Reason.UNREADABLE
    assert told(said).do == Reason.UNREADABLE.value.do
    assert Reason.UNREADABLE.because("it is odd") == "This change cannot be read: it is odd."


def test_whatever_else_is_wrong_with_its_form_is_a_reason_too() -> None:
    assert reason_of(malformed(MalformedChange("Oh."))) is Reason.UNREADABLE


@pytest.mark.parametrize("problem", ["A reason of later years.", ""])
def test_a_reason_that_is_not_known_has_a_next_step_all_the_same(problem: str) -> None:
    words = told(problem)
    assert reason_of(problem) is None
    assert words.what == (problem or "The office gave no reason.")
    assert words.do == "Call the office."
    assert words.kept
    assert words.office
