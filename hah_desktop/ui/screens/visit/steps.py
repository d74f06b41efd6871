"""The steps of a visit, the rows of each, and the part that each row opens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import shorten

from hah_desktop.domain.days import in_words
from hah_desktop.domain.fields import Reader
from hah_desktop.domain.media import size_in_words
from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.child import Child, Concern, Conversation, Statement
from hah_desktop.domain.records.visit import Action, Addendum, Area, Visit
from hah_desktop.domain.signoff import PLANNED, is_urgent
from hah_desktop.ui.kit.labels import TagKind
from hah_desktop.ui.kit.lists import Row
from hah_desktop.ui.parts.on_its_way import counted
from hah_desktop.ui.parts.words import counted as counted_of
from hah_desktop.ui.screens.visit.bundle import Bundle
from hah_desktop.ui.screens.visit.hanging import late
from hah_desktop.ui.screens.visit.letters import LetterPart
from hah_desktop.ui.screens.visit.part import Part
from hah_desktop.ui.screens.visit.record_part import RecordPart
from hah_desktop.ui.screens.visit.removed import RemovedPart
from hah_desktop.ui.screens.visit.summary import CheckPart
from hah_desktop.ui.screens.visit.talk import StartTalk, TalkPart
from hah_desktop.ui.session import Session

PLAN = "plan"
RECORD = "record"
TALKS = "conversations"
LETTERS = "letters"
CONCERNS = "concerns"
ACTIONS = "actions"
SUMMARY = "summary"

STEPS = (
    (PLAN, "Plan"),
    (RECORD, "Record"),
    (TALKS, "Conversations"),
    (LETTERS, "Letters"),
    (CONCERNS, "Concerns"),
    (ACTIONS, "Actions"),
    (SUMMARY, "Summary"),
)

TITLES = {**dict(STEPS), LETTERS: "Letters and pictures"}
"""What stands above the rows of each step; among the steps there is less room."""

MakePart = Callable[[], Part]
ShowPaper = Callable[[Reader], None]

CHECK = "check"
REMOVED = "removed"
"""The row behind which stands what was removed of a step."""
CAME = ("More came", TagKind.WARN)
"""A colleague added to a conversation where it stood before it was moved."""


@dataclass(frozen=True)
class Entry:
    """One row of a step, and how to open it."""

    row: Row
    make: MakePart


@dataclass(frozen=True)
class Adding:
    """What the plus button of a step adds: the button's words, and the part that starts it."""

    words: str
    make: MakePart


_VISIT_ROWS = {
    PLAN: (("plan", "The visit", ("The visit",)),),
    RECORD: (
        ("arrival", "Arrival", ("Arrival", "Getting in")),
        ("people", "Who is there", ("Who is there today",)),
        ("impression", "General impression", ("General impression",)),
        ("exit", "Exit meeting", ("Exit meeting", "Leaving")),
    ),
}

_TALK_TAGS = {
    "complete": TagKind.OK,
    "draft": TagKind.WARN,
    "declined": TagKind.NEUTRAL,
    "not_started": TagKind.INFO,
}


def how_kept(step: str) -> str:
    """What becomes of that which is added in a step, for whoever has added nothing yet."""
    if step == LETTERS:
        return "What you add is encrypted on this laptop."
    return "What you add is kept as you type."


def entries(session: Session, bundle: Bundle, step: str, show_paper: ShowPaper) -> list[Entry]:
    """The rows of one step, in the order in which they are worked through; the removed last."""
    return [*_standing(session, bundle, step, show_paper), *_removed_entry(session, bundle, step)]


def _standing(session: Session, bundle: Bundle, step: str, show_paper: ShowPaper) -> list[Entry]:
    if step in (PLAN, RECORD):
        found = [_visit_entry(session, bundle, *row) for row in _VISIT_ROWS[step]]
        areas = [_area_entry(session, bundle, a) for a in bundle.started(Area)]
        return found[:-1] + areas + found[-1:] if step == RECORD else found
    if step == TALKS:
        return [_talk_entry(session, bundle, talk) for talk in bundle.talks()]
    if step == LETTERS:
        return [_letter_entry(session, bundle, one) for one in bundle.started(Attachment)]
    if step == CONCERNS:
        return [_concern_entry(session, bundle, one) for one in bundle.started(Concern)]
    if step == ACTIONS:
        return [_action_entry(session, bundle, one) for one in bundle.started(Action)]
    check = Row(CHECK, "Check and sign off", "and print summaries")
    added = [_record_entry(session, bundle, a, "Addendum") for a in bundle.started(Addendum)]
    return [Entry(check, lambda: CheckPart(session, show_paper)), *added]


def _removed_entry(session: Session, bundle: Bundle, step: str) -> list[Entry]:
    kinds = frozenset(record.kind for record, own in _STEP_OF.items() if own == step)
    found = [gone for gone in bundle.removed if gone.held.record.kind in kinds]
    row = Row(REMOVED, "Removed", counted_of(len(found), "record"))
    return [Entry(row, lambda: RemovedPart(session, kinds))] if found else []


def told_of(bundle: Bundle, step: str) -> str:
    """What is told of all the rows of a step together; mostly nothing."""
    return counted(bundle.files) if step == LETTERS else ""


def following(step: str) -> str:
    """The step after one; the last is followed by itself."""
    order = [key for key, _ in STEPS]
    return order[min(order.index(step) + 1, len(order) - 1)]


def adding(session: Session, bundle: Bundle, step: str) -> Adding | None:
    """What may be added in a step; None where nothing may."""
    visit = bundle.visit.id
    if step == SUMMARY and bundle.is_signed_off:
        return Adding("Add an addendum", lambda: _new(session, _addendum(session, visit)))
    if bundle.is_signed_off or step == SUMMARY:
        return None
    new_id = session.store.new_id
    made: dict[str, Adding] = {
        RECORD: Adding("Add an area", lambda: _new(session, Area(id=new_id(), visit=visit))),
        TALKS: Adding("Add a conversation", lambda: StartTalk(session, bundle)),
        LETTERS: Adding(
            "Add a letter or picture",
            lambda: LetterPart(session, Attachment(id=new_id(), visit=visit)),
        ),
        CONCERNS: Adding(
            "Add a concern",
            lambda: _new(
                session,
                Concern(id=new_id(), visit=visit, status="open", owner=session.who.adviser),
            ),
        ),
        ACTIONS: Adding(
            "Add an action", lambda: _new(session, Action(id=new_id(), visit=visit, status="open"))
        ),
    }
    return made.get(step)


def _addendum(session: Session, visit: str) -> Addendum:
    return Addendum(
        id=session.store.new_id(),
        visit=visit,
        about=visit,
        written_by=session.who.adviser_name,
        written_at=session.store.now(),
    )


def _new(session: Session, record: Record) -> Part:
    return RecordPart(session, record, title=f"New {record.noun}")


def _draft_tag(bundle: Bundle, record: str, tag: str, kind: TagKind) -> tuple[str, TagKind]:
    return ("Draft", TagKind.WARN) if record in bundle.drafts else (tag, kind)


def _visit_entry(
    session: Session, bundle: Bundle, key: str, title: str, sections: Sequence[str]
) -> Entry:
    wanted = tuple(s for s in Visit.sections if s.title in sections)
    body = bundle.held[bundle.visit.id].seen.body
    names = [name for section in wanted for name in section.fields]
    filled = sum(any(k.partition(":")[0] == name for k in body) for name in names)
    row = Row(key, title, f"{filled} of {len(names)} answered")
    return Entry(row, lambda: RecordPart(session, bundle.visit, wanted, title))


def _area_entry(session: Session, bundle: Bundle, area: Area) -> Entry:
    title = session.code_list("area").label(area.area) if area.area else "An area"
    return _record_entry(session, bundle, area, title, shorten(area.seen, 60, placeholder=" …"))


def _talk_entry(session: Session, bundle: Bundle, talk: Conversation) -> Entry:
    child = bundle.children.get(talk.child)
    age = f"{counted_of(child.age, 'year')} · " if child and child.age else ""
    said = counted_of(len(bundle.said_in(talk.id)), "statement")
    label = session.code_list("conversation_status").label(talk.status)
    tag = _draft_tag(bundle, talk.id, label, _TALK_TAGS.get(talk.status, TagKind.NEUTRAL))
    row = Row(
        talk.id,
        bundle.child_of(talk.child) or "A child",
        f"{age}{said}",
        f"{talk.started:%H:%M}" if talk.started else "",
        *(CAME if late(bundle, talk) else tag),
    )
    return Entry(row, lambda: TalkPart(session, talk))


def _letter_entry(session: Session, bundle: Bundle, one: Attachment) -> Entry:
    kind = session.code_list("attachment_type").label(one.type)
    size = size_in_words(one.size) if one.size else ""
    told = " · ".join(part for part in (kind, bundle.child_of(one.child), size) if part)
    way = bundle.told(one)
    row = Row(
        one.id,
        one.what or "A letter or picture",
        told,
        "",
        *_draft_tag(bundle, one.id, way.tag, way.kind),
    )
    return Entry(row, lambda: LetterPart(session, one))


def _concern_entry(session: Session, bundle: Bundle, concern: Concern) -> Entry:
    label = session.code_list("safeguarding_level").label(concern.level)
    status = session.code_list("concern_status").label(concern.status)
    tag = ("Urgent", TagKind.BAD) if is_urgent(concern) else (status, TagKind.NEUTRAL)
    row = Row(
        concern.id,
        concern.about or "A concern",
        label,
        "",
        *_draft_tag(bundle, concern.id, *tag),
    )
    return Entry(row, lambda: RecordPart(session, concern, title="Concern"))


def _action_entry(session: Session, bundle: Bundle, action: Action) -> Entry:
    label = session.code_list("action_status").label(action.status)
    due = f"by {in_words(action.due)}" if action.due else "no date yet"
    owner = action.owner or "nobody yet"
    row = Row(
        action.id,
        action.what or "An action",
        f"{due[:1].upper()}{due[1:]} \N{MIDDLE DOT} {owner}",
        "",
        *_draft_tag(bundle, action.id, label, TagKind.NEUTRAL),
    )
    return Entry(row, lambda: RecordPart(session, action))


def _record_entry(
    session: Session, bundle: Bundle, record: Record, title: str, subtitle: str = ""
) -> Entry:
    row = Row(record.id, title, subtitle, "", *_draft_tag(bundle, record.id, "", TagKind.NEUTRAL))
    return Entry(row, lambda: RecordPart(session, record))


def is_done(bundle: Bundle, step: str) -> bool:
    """Whether a step carries a tick."""
    visit = bundle.visit
    done = {
        PLAN: visit.status != PLANNED,
        RECORD: bool(visit.arrived_at and visit.left_at),
        TALKS: any(t.status in ("complete", "declined") for t in bundle.of(Conversation))
        and all(t.status in ("complete", "declined") for t in bundle.of(Conversation)),
        LETTERS: False,
        CONCERNS: False,
        ACTIONS: False,
        SUMMARY: bundle.is_signed_off,
    }
    return done[step]


def where(bundle: Bundle, record: str, field: str) -> tuple[str, str]:
    """The step and row in which a field of a record is asked for."""
    if record == bundle.visit.id:
        return _row_of_visit_field(field)
    held = bundle.holding(record)
    gone = next((one for one in bundle.removed if one.held.record.id == record), None)
    if gone is not None:
        return _STEP_OF.get(type(gone.held.record), SUMMARY), REMOVED
    if held is not None and isinstance(held.record, Child):
        talks = (talk.id for talk in bundle.of(Conversation) if talk.child == record)
        return TALKS, next(talks, "")
    step, row = _row_of_record(held.record) if held else (SUMMARY, CHECK)
    return step, bundle.stands_as(row)


def _row_of_visit_field(field: str) -> tuple[str, str]:
    """The step and row in which a field of the visit itself is asked for."""
    section = next((s.title for s in Visit.sections if field in s.fields), "")
    for step, rows in _VISIT_ROWS.items():
        for key, _title, sections in rows:
            if section in sections:
                return step, key
    return PLAN, "plan"


def _row_of_record(record: Record) -> tuple[str, str]:
    """The step and row in which a record is opened; a statement stands in its conversation."""
    step = _STEP_OF.get(type(record), SUMMARY)
    if isinstance(record, Statement):
        return step, record.conversation
    return step, record.id if step != SUMMARY else CHECK


_STEP_OF: dict[type[Record], str] = {
    Visit: PLAN,
    Area: RECORD,
    Conversation: TALKS,
    Statement: TALKS,
    Attachment: LETTERS,
    Concern: CONCERNS,
    Action: ACTIONS,
    Addendum: SUMMARY,
}
