"""An invented caseload: places, children and words that exist nowhere else."""

import dataclasses as dc
import datetime as dt

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.child import (
    Child,
    Concern,
    Conversation,
    Permission,
    Statement,
    permission_id,
)
from hah_desktop.domain.records.visit import Action, Area, Visit
from hah_desktop.store.store import Store

PASSPHRASE = "violet kettle orbit marsh"
RUTH = "Ruth Pell"
AMIR = "Amir Sood"


def visits(store: Store, places: list[str], advisers: frozenset[str]) -> list[Record]:
    """Three visits to the given places: one planned, one under way, one signed off."""
    today = store.now().date()
    planned = Visit(
        id=store.new_id(),
        place=places[0],
        status="planned",
        planned_for=today + dt.timedelta(days=3),
        announced="unannounced",
        trigger="OFSTED_PUB",
        advisers=advisers,
        purpose="Does every child know how to reach an advocate?",
    )
    old = Visit(
        id=store.new_id(),
        place=places[2],
        status="signed_off",
        planned_for=today - dt.timedelta(days=40),
        visited_on=today - dt.timedelta(days=40),
        announced="announced",
        trigger="PLANNED",
        advisers=advisers,
        arrived_at=dt.time(9, 30),
        met_by="T. Lark, deputy manager",
        entry="at_once",
        impression="Warm and lively. Children showed us their rooms without being asked.",
        left_at=dt.time(15, 10),
        signed_off_by=RUTH,
        signed_off_at=store.now() - dt.timedelta(days=39),
    )
    return [planned, *_under_way(store, places[1], advisers), old]


def _under_way(store: Store, place: str, advisers: frozenset[str]) -> list[Record]:
    today = store.now().date()
    visit = Visit(
        id=store.new_id(),
        place=place,
        status="started",
        planned_for=today,
        visited_on=today,
        announced="unannounced",
        trigger="OFSTED_PUB",
        advisers=advisers,
        arrived_at=dt.time(9, 50),
        met_by="D. Okafor, duty manager",
        entry="delayed",
        delay_minutes=25,
        delay_by="D. Okafor, duty manager",
        delay_reason="She had to ask her area manager first.",
        children_on_roll=8,
        children_present=8,
    )
    kai = Child(
        id=store.new_id(),
        known_as="Kai M.",
        age=15,
        communication=frozenset({"SPEECH", "WRITE"}),
        communication_notes="Easy Read. Likes to draw while talking.",
        remit="CH",
    )
    amira = Child(id=store.new_id(), known_as="Amira S.", age=16, remit="CH")
    return [
        visit,
        kai,
        amira,
        Area(
            id=store.new_id(),
            visit=visit.id,
            area="bedrooms",
            seen="Two of eight call bells did not light up when we pressed them.",
            good="Rooms are warm and painted in colours the children chose.",
            source="seen",
        ),
        *_kai(store, visit.id, kai.id),
        Conversation(
            id=store.new_id(),
            visit=visit.id,
            child=amira.id,
            status="declined",
            started=dt.time(13, 20),
        ),
    ]


def _kai(store: Store, visit: str, child: str) -> list[Record]:
    talk = Conversation(
        id=store.new_id(),
        visit=visit,
        child=child,
        status="draft",
        started=dt.time(14, 5),
        where="Family room, Willow unit",
        private="alone",
        explained=frozenset({"who", "independent", "stop", "words"}),
        explained_how="Words and a drawing",
    )
    told = Statement(
        id=store.new_id(),
        visit=visit,
        child=child,
        conversation=talk.id,
        written_at=store.now(),
    )
    words = dc.replace(
        told,
        type="own_words",
        text=(
            "“I like my key worker, she listens. But at night it’s really loud and nobody comes "
            "when you press the bell.”"
        ),
    )
    wish = dc.replace(
        told,
        id=store.new_id(),
        type="wants_to_happen",
        text="“Someone should look in before ten. Just look in.”",
    )
    return [talk, words, wish, _answer(store, wish), *_follow_up(store, visit, child)]


def _answer(store: Store, said: Statement) -> Permission:
    return Permission(
        id=RecordId(permission_id(said.id, "place")),
        visit=said.visit,
        child=said.child,
        item=said.id,
        reader="place",
        answer="ANON",
        given_at=store.now(),
    )


def _follow_up(store: Store, visit: str, child: str) -> list[Record]:
    concern = Concern(
        id=store.new_id(),
        visit=visit,
        child=child,
        level="S4",
        about="Night staff are slow to answer call bells.",
        what_the_child_wants="Somebody to look in before ten at night.",
        status="open",
    )
    return [
        concern,
        Action(
            id=store.new_id(),
            visit=visit,
            child=child,
            what="Ask the manager for the call bell log of the last four weeks",
            owner=RUTH,
            due=store.now().date() + dt.timedelta(days=7),
            status="open",
            promised_to_child=True,
        ),
    ]
