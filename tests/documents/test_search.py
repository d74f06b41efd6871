"""A name is found however it was typed, and not where it is only part of a word."""

import pytest

from hah_desktop.documents.search import says, spellings


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Kai's room", "Kai"),
        ("we met KAI", "Kai"),
        ("Zoe was out", "Zoë"),
        ("Ama\u0301ra", "Amára"),
        ("K\u200bai was out", "Kai"),
        ("said Kai\nM. today", "Kai M."),
        ("then Will came", "Will"),
        ("I want to see\nmy mum at ho me today", "I want to see my mum at home"),
    ],
)
def test_a_text_says(text: str, told: str) -> None:
    assert says(text, told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("alongside", "Al"),
        ("they will and may", "Will"),
        ("they will and may", "May"),
        ("anything at all", ""),
        ("Kaiser", "Kai"),
    ],
)
def test_a_text_does_not_say(text: str, told: str) -> None:
    assert not says(text, told)


def test_a_long_text_is_found_by_its_beginning_or_its_end() -> None:
    told = "beginning " * 12 + "end " * 30
    assert says("x " + told[:150], told)
    assert says(told[-150:] + " x", told)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Kai M.", ("Kai M.", "Kai")),
        ("Jo van Dyk", ("Jo van Dyk", "Jo", "Dyk")),
        ("ali", ("ali",)),
        ("  ", ()),
    ],
)
def test_a_name_turns_up_whole_and_in_parts(name: str, found: tuple[str, ...]) -> None:
    assert spellings(name) == found
