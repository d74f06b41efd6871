"""What a column can mean, and by which words of its heading that is recognised."""

import enum
from dataclasses import dataclass


class Meaning(enum.Enum):
    """What a column holds, in words for the person who looks at the preview."""

    URN = "URN"
    NAME = "name"
    PROVISION = "kind of provision"
    STATUS = "registration"
    REGISTERED_ON = "date of registration"
    ADDRESS = "address"
    TOWN = "town"
    COUNTY = "county"
    POSTCODE = "postcode"
    REGION = "region"
    OFSTED_REGION = "Ofsted's region"
    LOCAL_AUTHORITY = "local authority"
    SECTOR = "sector"
    PLACES = "registered places"
    ORGANISATION = "who runs it"
    SHORT_BREAKS = "short breaks only"
    EVENT_TYPE = "type of inspection"
    INSPECTED_ON = "date of inspection"
    PUBLISHED_ON = "date of publication"
    EVENT_NUMBER = "event number"
    GRADE = "overall grade"
    HELPED = "grade: helped and protected"
    LEADERS = "grade: leaders and managers"

    # Looked up for every cell: each is one object, so that says enough and takes no time.
    __hash__ = object.__hash__


OF_INSPECTION = frozenset(
    {
        Meaning.EVENT_TYPE,
        Meaning.INSPECTED_ON,
        Meaning.PUBLISHED_ON,
        Meaning.EVENT_NUMBER,
        Meaning.GRADE,
        Meaning.HELPED,
        Meaning.LEADERS,
    }
)
"""The meanings that stand once for the latest inspection and once for the one before."""

NOT_KEPT = frozenset({Meaning.REGISTERED_ON, Meaning.SHORT_BREAKS})
"""Recognised, so that the preview can say so, but no record has a field for them."""

OTHER_EVENTS = frozenset({"interim", "assurance", "monitoring", "visit", "emergency", "return"})
"""Words of a heading about some other event than the graded inspection."""


@dataclass(frozen=True)
class Rule:
    """A heading fits when it is one of `exactly`, or has a set of `words` and none of `never`."""

    meaning: Meaning
    exactly: frozenset[str] = frozenset()
    words: tuple[frozenset[str], ...] = ()
    never: frozenset[str] = frozenset()

    def fits(self, heading: str, words: frozenset[str]) -> bool:
        """Whether the heading, given whole and as its set of words, has this meaning."""
        if heading in self.exactly:
            return True
        return self.never.isdisjoint(words) and any(wanted <= words for wanted in self.words)


def _rule(meaning: Meaning, exactly: str = "", *, words: str = "", never: str = "") -> Rule:
    """A rule written down: alternatives stand between bars, "town | post town"."""
    return Rule(
        meaning,
        frozenset(_alternatives(exactly)),
        tuple(frozenset(part.split()) for part in _alternatives(words)),
        frozenset(never.split()),
    )


def _alternatives(written: str) -> list[str]:
    return [part.strip() for part in written.split("|") if part.strip()]


_OTHER_NAMES = "organisation owner owns manager individual local authority parent school trust"
_OTHER_NUMBERS = "linked education school organisation owner parent establishment gias"

RULES: tuple[Rule, ...] = (
    _rule(Meaning.URN, words="urn | unique reference number", never=_OTHER_NUMBERS),
    _rule(
        Meaning.NAME,
        "name",
        words="provider name | setting name | home name | place name | service name",
        never=_OTHER_NAMES,
    ),
    _rule(
        Meaning.PROVISION,
        "provision | type of provision | type of service",
        words="provision type | provider type | setting type | establishment type | service type",
        never="organisation owner",
    ),
    _rule(
        Meaning.STATUS, "status", words="registration status | provider status", never="date since"
    ),
    _rule(Meaning.REGISTERED_ON, words="registration date | registered date", never="status"),
    _rule(
        Meaning.ADDRESS,
        "address | street",
        words="address line | address 1 | address 2 | address 3 | address 4 | address street",
        never="email web organisation owner",
    ),
    _rule(
        Meaning.TOWN, "town | city | post town", words="address town | town city | provider town"
    ),
    _rule(Meaning.COUNTY, "county", words="address county | provider county"),
    _rule(
        Meaning.POSTCODE, "post code", words="postcode | postal code", never="organisation owner"
    ),
    _rule(Meaning.REGION, words="government region | gor"),
    _rule(Meaning.OFSTED_REGION, "region", words="ofsted region"),
    _rule(
        Meaning.LOCAL_AUTHORITY,
        "la | la name",
        words="local authority",
        never="code number placing type previous owned",
    ),
    _rule(Meaning.SECTOR, "sector", words="sector type | provider sector"),
    _rule(
        Meaning.PLACES,
        "places | capacity | registered capacity",
        words="registered places | number places | maximum places | maximum users",
        never="filled occupied vacant used",
    ),
    _rule(
        Meaning.ORGANISATION,
        "organisation | owner | owned by | run by",
        words="organisation owns | organisation name | owner name | registered organisation",
        never="urn number reference id type address postcode code telephone email",
    ),
    _rule(Meaning.SHORT_BREAKS, words="short break | short breaks"),
    _rule(
        Meaning.EVENT_TYPE,
        "event",
        words="event type | inspection type",
    ),
    _rule(
        Meaning.INSPECTED_ON,
        words="inspection date | event date | date inspected | inspected on",
        never="publication published report end due next number type registration",
    ),
    _rule(
        Meaning.PUBLISHED_ON,
        words="publication date | date published | published on",
        never="first due next",
    ),
    _rule(
        Meaning.EVENT_NUMBER,
        words="event number | event id | event reference"
        " | inspection number | inspection id | inspection reference",
        never="linked",
    ),
    _rule(
        Meaning.GRADE,
        words="overall effectiveness | overall experiences | overall judgement | overall grade"
        " | overall rating | overall outcome | inspection grade | inspection judgement"
        " | inspection outcome | inspection rating",
        never="date education health change",
    ),
    _rule(
        Meaning.HELPED, "cyp safety", words="helped protected | safeguarding", never="date number"
    ),
    _rule(Meaning.LEADERS, words="leaders | leadership", never="date number name"),
)
