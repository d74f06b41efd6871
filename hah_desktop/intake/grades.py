"""Ofsted's words for grades, kinds of provision and inspections, and the codes they stand for."""

from collections.abc import Mapping
from types import MappingProxyType

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
        "SCH": "Secure children's home",
        "CH": "Children's home",
        "RSS": "Residential special school",
        "BS": "Boarding school",
        "SA": "Supported accommodation",
        "OTH": "Other",
    }
)
"""The codes of the list `place_type` that published lists lead to, with their words."""
