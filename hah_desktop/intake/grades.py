"""Ofsted's words for grades, kinds of provision and inspections, and the codes they stand for."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from hah_desktop.intake.words import MEMORY, plain

JUDGEMENTS: Mapping[str, str] = MappingProxyType(
    {
        "1": "Outstanding",
        "2": "Good",
        "3": "Requires improvement to be good",
        "4": "Inadequate",
        "5": "Not judged",
        "": "No grade",
    }
)
"""The codes of the list `judgement` that published lists use, with their words."""

PLACE_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "STC": "Secure training centre",
        "SCH": "Secure children’s home",
        "CH": "Children’s home",
        "RSS": "Residential special school",
        "BS": "Boarding school",
        "SA": "Supported accommodation",
        "OTH": "Another place",
        "": "Not stated",
    }
)
"""The codes of the list `place_type` that published lists lead to, with their words."""

_GRADES: Mapping[str, str] = MappingProxyType(
    {
        "outstanding": "1",
        "good": "2",
        "requires improvement": "3",
        "requires improvement to be good": "3",
        "adequate": "3",
        "satisfactory": "3",
        "inadequate": "4",
        "not judged": "5",
        "improved effectiveness": "IE",
        "sustained effectiveness": "SE",
        "declined in effectiveness": "DE",
        **{number: number for number in "12345"},
    }
)

_PROVISIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "childrens home": ("CH", "CH"),
        "secure childrens home": ("SCH", "SCH"),
        "secure unit": ("SCH", "SCH"),
        "residential special school registered as a childrens home": ("RSSCH", "RSS"),
        "residential special school": ("RSS", "RSS"),
        "boarding school": ("BS", "BS"),
        "residential family centre": ("RFC", "OTH"),
        "independent fostering agency": ("IFA", "OTH"),
        "local authority fostering agency": ("LAFA", "OTH"),
        "voluntary adoption agency": ("VAA", "OTH"),
        "adoption support agency": ("ASA", "OTH"),
        "local authority adoption agency": ("LAAA", "OTH"),
        "residential holiday scheme for disabled children": ("RHS", "OTH"),
        "further education college with residential accommodation": ("FEC", "OTH"),
        "supported accommodation": ("SA", "SA"),
        "secure training centre": ("STC", "STC"),
        "cafcass": ("CAFC", "OTH"),
    }
)
"""Ofsted's kinds of provision: the code of `provision_type` and the code of `place_type`."""

_INSPECTIONS = (
    ("monitoring", "MON"),
    ("assurance", "ASSU"),
    ("interim", "INT"),
    ("emergency", "EMER"),
    ("full", "FULL"),
)
"""A word of the event's name and the code of `inspection_type`; the first that fits."""


def grade_code(words: str) -> str | None:
    """The code of the list `judgement`; None for words that this version does not know."""
    return _GRADES.get(plain(words))


def provision_codes(words: str) -> tuple[str, str] | None:
    """The codes of `provision_type` and `place_type`; None for a kind that is not known."""
    return _PROVISIONS.get(plain(words))


@lru_cache(MEMORY)
def inspection_code(words: str) -> str | None:
    """The code of the list `inspection_type`; None for an event that is not known."""
    said = plain(words).split()
    return next((code for word, code in _INSPECTIONS if word in said), None)
