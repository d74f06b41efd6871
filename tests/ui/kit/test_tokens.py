"""The design's colours: every pair that meets can be read, in every theme."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hah_desktop.ui.kit.assets import STYLE
from hah_desktop.ui.kit.tokens import ThemeName, Tokens
from tests.house.contrast import contrast

PAIRS = json.loads((STYLE / "tokens.json").read_bytes())["contrast_pairs"]
"""Two colours that meet, the one in front first, and the contrast that they must reach."""

TOKENS = Tokens.read(STYLE / "tokens.json")
COLOUR = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")


@pytest.mark.parametrize("theme", list(ThemeName))
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_every_pair_of_colours_that_meets_can_be_read(
    theme: ThemeName, front: str, ground: str, least: float
) -> None:
    colours = TOKENS.themes[theme]
    assert contrast(colours.named(front), colours.named(ground)) >= least


def test_black_on_white_is_21_to_1() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@given(COLOUR, COLOUR)
def test_contrast_does_not_depend_on_which_colour_is_in_front(one: str, other: str) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21


def test_an_unknown_colour_is_an_error_not_black() -> None:
    with pytest.raises(KeyError):
        TOKENS.themes[ThemeName.LIGHT].named("puce")
