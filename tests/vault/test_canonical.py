"""Plain values in their one written form, and careful reading back."""

from collections.abc import Callable

import pytest

from hah_desktop.vault import canonical


def test_there_are_no_spaces_and_the_names_are_sorted() -> None:
    assert canonical.encode({"b": ["£", 1], "a": {}}) == b'{"a":{},"b":["\\u00a3",1]}'


@pytest.mark.parametrize("data", [b"", b"[]", b"7", b"{", b"\xff", b"[" * 50_000])
def test_what_is_no_object_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"Expecting|expected|deep|decode"):
        canonical.decode(data)


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (canonical.text, 7),
        (canonical.text, None),
        (canonical.number, "7"),
        (canonical.number, -1),
        (canonical.number, True),
        (canonical.number, 1.0),
        (canonical.objects, {}),
        (canonical.objects, [7]),
        (lambda of, name: canonical.octets(of, name, 2), "ab"),
        (lambda of, name: canonical.octets(of, name, 2), "ababab"),
        (lambda of, name: canonical.octets(of, name, 2), "zzzz"),
    ],
)
def test_a_field_of_another_kind_is_refused(
    read: Callable[[dict[str, object], str], object], value: object
) -> None:
    with pytest.raises(ValueError, match=r"expected|hexadecimal"):
        read({"field": value}, "field")


def test_a_field_of_the_right_kind_is_given() -> None:
    of: dict[str, object] = {"t": "words", "n": 0, "o": [{}], "h": "00ff"}
    assert canonical.text(of, "t") == "words"
    assert canonical.number(of, "n") == 0
    assert canonical.objects(of, "o") == [{}]
    assert canonical.octets(of, "h", 2) == b"\x00\xff"
