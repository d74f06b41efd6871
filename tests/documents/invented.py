"""An invented visit to an invented place: what the tests of documents are about."""

import datetime as dt
from collections.abc import Mapping

from hah_desktop.documents.editions import Material
from hah_desktop.domain.codes import CodeList
from hah_desktop.domain.ids import RecordId, derived_id
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.child import (
    Child,
    Concern,
    Conversation,
    Permission,
    Statement,
    permission_id,
)
from hah_desktop.domain.records.reference import Place
from hah_desktop.domain.records.visit import Action, Addendum, Area, Visit
from hah_desktop.resources import code_list
from tests.house.code_lists import LISTS

PRINTED_BY = "Jo Bellweather"
PRINTED_AT = dt.datetime(2026, 11, 22, 17, 5, tzinfo=dt.UTC)
ADVISERS = {"adviser-jo": "Jo Bellweather", "adviser-sam": "Sam Oakapple"}
CODES: Mapping[str, CodeList] = {name: code_list(name) for name in LISTS}

VISIT = derived_id("invented", "visit")
PLACE = derived_id("invented", "place")
KAI = derived_id("invented", "Kai")
AMIRA = derived_id("invented", "Amira")


def known(*parts: str) -> RecordId:
    return derived_id("invented", *parts)


def at(hour: int, minute: int) -> dt.datetime:
    return dt.datetime(2026, 11, 14, hour, minute, tzinfo=dt.UTC)


def said(name: str, kind: str, text: str, child: str = KAI, by: str = "") -> Statement:
    return Statement(
        id=known("statement", name),
        visit=VISIT,
        child=child,
        conversation=known("talk", child),
        type=kind,
        text=text,
        by=by,
        written_at=at(14, 20),
    )


def allowed(item: str, answer: str, child: str = KAI, reader: str = "place") -> Permission:
    return Permission(
        id=RecordId(permission_id(item, reader)),
        visit=VISIT,
        child=child,
        item=item,
        reader=reader,
        answer=answer,
        given_at=at(14, 40),
    )


PHONE = said(
    "phone", "own_words", "They take my phone at seven and I can't ring my mum after work."
)
MUM = said("mum", "wish", "I want to see my mum at home, not in the office room.")
RING = said("ring", "wants_to_happen", "I want to ring her at eight o'clock, when she is back.")
SCARED = said("scared", "feeling", "Nights are the worst. I listen for the stairs.", AMIRA)
GRABBED = said(
    "grabbed",
    "own_words",
    "He held my arm so hard it went blue. I told him to stop and he laughed.\n"
    "Nobody wrote it down.",
    AMIRA,
)
FOOD = said("food", "own_words", "The food is good since Bo cooks.", AMIRA)
BRUISE = said("bruise", "observed", "A yellow mark on the left forearm, the size of a coin.", AMIRA)
LOG = said("log", "read", "The night log of 9 November was shown to us; it has no entry.", AMIRA)
AFRAID = said("afraid", "opinion", "She seems afraid of one adult. She named him twice.", AMIRA)
STATEMENTS = (PHONE, MUM, RING, SCARED, GRABBED, FOOD, BRUISE, LOG, AFRAID)

HARM = Concern(
    id=known("concern", "harm"),
    visit=VISIT,
    child=AMIRA,
    level="S2",
    about="Amira told us that a member of the night staff held her by the arm. We saw a mark.",
    what_the_child_wants="That he does not work nights any more.",
    told_to="Duty social worker, children's services; designated officer",
    told_at=dt.time(15, 10),
    reference="CS-88213",
    child_told=True,
    not_told="The manager of the home was not told who was named.",
    owner="adviser-jo",
    status="referred",
)
STAIRS = Concern(
    id=known("concern", "stairs"),
    visit=VISIT,
    level="S4",
    about="The light on the back stairs does not work, and children pass there at night.",
    owner="adviser-sam",
    status="open",
)
CALLS = Action(
    id=known("action", "calls"),
    visit=VISIT,
    child=KAI,
    what="Move the evening call to eight o'clock.",
    owner="Manager of the home",
    due=dt.date(2026, 11, 28),
    status="open",
    promised_to_child=True,
)
CARD = Action(
    id=known("action", "card"),
    visit=VISIT,
    child=AMIRA,
    what="Ring Amira's social worker and tell her what Amira wants.",
    owner="Jo Bellweather",
    due=dt.date(2026, 11, 16),
    status="done",
    promised_to_child=True,
)
DRAWING = Attachment(
    id=known("attachment", "drawing"),
    visit=VISIT,
    child=KAI,
    what="The garden with the swing that was taken away",
    type="drawing",
    note="He drew it while we talked and gave it to us.",
    file_name="IMG_0412.jpg",
    media_type="image/jpeg",
    size=2_400_000,
    hash="5b" * 32,
    content="c4" * 16,
    added_at=at(14, 55),
)
ROTA = Attachment(
    id=known("attachment", "rota"),
    visit=VISIT,
    what="Rota of the night staff for November",
    type="place_record",
    file_name="scan of 14 November.pdf",
    media_type="application/pdf",
    size=310_000,
    hash="7d" * 32,
    content="e1" * 16,
    added_at=at(15, 30),
)

ROWAN_VISIT = Visit(
    id=VISIT,
    place=PLACE,
    status="finished",
    planned_for=dt.date(2026, 11, 14),
    announced="unannounced",
    trigger="OFSTED_PROV",
    advisers=frozenset(ADVISERS),
    purpose="Whether children can ring home, and how nights are staffed.",
    visited_on=dt.date(2026, 11, 14),
    arrived_at=dt.time(13, 40),
    met_by="Dana Reedling, deputy manager",
    authority_shown_to="Dana Reedling read the letter of authority.",
    entry="delayed",
    delay_minutes=12,
    delay_by="Agency worker at the door",
    delay_reason="Wanted to ask the manager first.",
    children_on_roll=4,
    children_present=2,
    staff_on_duty=3,
    impression="Warm kitchen, cold upstairs. Staff were busy with the handover and two of "
    "them did not know the names of the children who had come back from school. The "
    "younger ones stayed close to the cook. By four o'clock it was calmer, and somebody "
    "had put the heating on.",
    working_well="Meals are cooked in the house and children choose them.",
    exit_with="Dana Reedling, deputy manager",
    exit_said="The evening call is too early for parents who work.\n"
    "The light on the back stairs is broken.",
    exit_withheld="Everything that was said about night staff.",
    exit_reply="The call can move to eight o'clock from Monday. The light is on order.",
    left_at=dt.time(16, 40),
)

ROWAN_HOUSE = Place(
    id=PLACE,
    urn="SC999001",
    name="Rowan House",
    place_type="CH",
    address="1 Invented Lane\nNowhere Town",
    postcode="ZZ1 1ZZ",
    local_authority="Invented County Council",
    organisation="Rowan Care (Invented) Ltd",
    places=4,
)

CHILDREN = (
    Child(
        id=KAI,
        known_as="Kai M.",
        full_name="Kai Merriweather",
        age=14,
        communication_notes="Looks away when he means no. Likes to draw while talking.",
    ),
    Child(id=AMIRA, known_as="Amira S.", full_name="Amira Saltmarsh", age=12),
)

TALKS = tuple(
    Conversation(
        id=known("talk", child),
        visit=VISIT,
        child=child,
        status="complete",
        started=dt.time(hour, 10),
        ended=dt.time(hour, 50),
        where=where,
        private="alone",
        could_hear=False,
        explained=frozenset({"who", "independent", "stop", "words", "private"}),
        explained_how="In words, with the card",
        understanding="“So you don't tell Dana unless I say.”",
        agreed_next="We ring on Thursday after school.",
    )
    for child, hour, where in ((KAI, 14, "Garden bench"), (AMIRA, 15, "Art room"))
)

AREAS = (
    Area(
        id=known("area", "kitchen"),
        visit=VISIT,
        area="kitchen",
        seen="A menu in words and pictures. Fridge unlocked.",
        good="Children help themselves to fruit.",
        source="seen",
    ),
    Area(
        id=known("area", "night"),
        visit=VISIT,
        area="night",
        seen="One waking adult; the back stairs are dark.",
        worry="The same agency worker is on five nights in a row.",
        source="staff",
    ),
)


def rowan_house() -> Material:
    """The visit to Rowan House, on which two children talked with two advisers."""
    return Material(
        visit=ROWAN_VISIT,
        place=ROWAN_HOUSE,
        children=CHILDREN,
        conversations=TALKS,
        statements=STATEMENTS,
        permissions=(
            allowed(PHONE.id, "FULL"),
            allowed(RING.id, "ANON"),
            allowed(MUM.id, "NO"),
            allowed(FOOD.id, "ANON", AMIRA),
            allowed(SCARED.id, "WDR", AMIRA),
            allowed(GRABBED.id, "NO", AMIRA),
            allowed(GRABBED.id, "FULL", AMIRA, reader="local_authority"),
            allowed(STAIRS.id, "ANON"),
            allowed(CALLS.id, "ANON"),
        ),
        concerns=(STAIRS, HARM),
        actions=(CALLS, CARD),
        areas=AREAS,
        attachments=(DRAWING, ROTA),
        addenda=(
            Addendum(
                id=known("addendum"),
                visit=VISIT,
                about=GRABBED.id,
                text="She rang on 16 November and said the mark is gone.",
                reason="It was said after the visit was signed off.",
                written_by="Jo Bellweather",
                written_at=at(17, 0),
            ),
        ),
        advisers=ADVISERS,
        codes=CODES,
    )
