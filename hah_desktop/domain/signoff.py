"""What may change when, and what is missing before a visit may be signed off. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from hah_desktop.domain.codec import Body, field_of, to_body
from hah_desktop.domain.errors import NotAllowed
from hah_desktop.domain.fields import Choices, Merge, Stage
from hah_desktop.domain.merge import are_all_kept, rule_of
from hah_desktop.domain.records.base import Json, Record, described
from hah_desktop.domain.records.child import Concern, Conversation, Permission, Statement
from hah_desktop.domain.records.visit import Action, Addendum, Visit
from hah_desktop.domain.removing import REMOVED
from hah_desktop.domain.said import moved_to, said_fields
from hah_desktop.domain.sharing import OVERRIDDEN

_NO_VERSIONS: Mapping[str, Collection[Json]] = MappingProxyType({})

PLANNED = "planned"
STARTED = "started"
SIGNED_OFF = "signed_off"

DECLINED = "declined"
CLOSED = "closed"
URGENT = frozenset({"S1", "S2", "S3"})
"""Levels of concern about which somebody must have been told before the visit is signed off."""

_DECIDED = (Merge.ASK, Merge.KEEP_BOTH)
"""The rules by which it is a person who decides between two versions."""

_FOLLOW_UP = frozenset({"status", "told_to", "told_at", "reference", "owner"})


@dataclass(frozen=True, slots=True)
class Missing:
    """Something to put right: what to say, and the record and field where it is put right."""

    words: str
    record: str
    field: str


def missing_fields(record: Record, stage: Stage) -> tuple[Missing, ...]:
    """The fields of one record that should be filled by `stage` and are not."""
    body = to_body(record)
    order = list(Stage)
    due = order[: order.index(stage) + 1]
    return tuple(
        Missing(f"{record.noun.capitalize()}: “{field.label}” is empty", record.id, name)
        for name, field in described(type(record)).items()
        if field.asked in due and not _filled(body, name, is_set=isinstance(field, Choices))
    )


def _filled(body: Body, name: str, *, is_set: bool) -> bool:
    return any(key.startswith(f"{name}:") for key in body) if is_set else name in body


def _visit_fields(visit: Visit, _records: Sequence[Record]) -> tuple[Missing, ...]:
    return missing_fields(visit, Stage.SIGN_OFF)


def _every_record(_visit: Visit, records: Sequence[Record]) -> tuple[Missing, ...]:
    kept = [r for r in records if not isinstance(r, Visit | Conversation) and not r.removed]
    return tuple(m for record in kept for m in missing_fields(record, Stage.SIGN_OFF))


def _conversations(_visit: Visit, records: Sequence[Record]) -> tuple[Missing, ...]:
    talks = [r for r in records if isinstance(r, Conversation) and not r.removed]
    held = [talk for talk in talks if talk.status != DECLINED]
    return tuple(m for talk in held for m in missing_fields(talk, Stage.SIGN_OFF)) + tuple(
        Missing("Conversation: say what you explained to the child", talk.id, "explained")
        for talk in held
        if not talk.explained
    )


def is_urgent(concern: Concern) -> bool:
    """Whether a concern is one that cannot wait, and nobody has closed it."""
    return concern.level in URGENT and concern.status != CLOSED


def _urgent_concerns(_visit: Visit, records: Sequence[Record]) -> tuple[Missing, ...]:
    urgent = [r for r in records if isinstance(r, Concern) and r.level in URGENT and not r.removed]
    return tuple(
        Missing(f"Urgent concern: {words}", concern.id, name)
        for concern in urgent
        for name, words in (
            ("told_to", "say who was told"),
            ("told_at", "say at what time they were told"),
            ("reference", "write down their reference"),
        )
        if not getattr(concern, name)
    )


def _overrides(_visit: Visit, records: Sequence[Record]) -> tuple[Missing, ...]:
    return tuple(
        Missing("Sharing without permission: give the reason", r.id, "reason")
        for r in records
        if isinstance(r, Permission) and r.answer == OVERRIDDEN and not r.reason and not r.removed
    )


def _left_behind(_visit: Visit, records: Sequence[Record]) -> tuple[Missing, ...]:
    kept = [r for r in records if not r.removed]
    talks = {r.id for r in kept if isinstance(r, Conversation)}
    return tuple(
        Missing("Words came where a conversation was before it was moved: bring them", r.id, "text")
        for r in kept
        if isinstance(r, Statement) and r.conversation and r.conversation not in talks
    )


CHECKS: tuple[Callable[[Visit, Sequence[Record]], tuple[Missing, ...]], ...] = (
    _visit_fields,
    _conversations,
    _every_record,
    _urgent_concerns,
    _overrides,
    _left_behind,
)


def missing_before_sign_off(visit: Visit, records: Sequence[Record]) -> tuple[Missing, ...]:
    """Everything that keeps a visit from being signed off, in the order of the screens."""
    return tuple(dict.fromkeys(m for check in CHECKS for m in check(visit, records)))


def check_edit(
    kind: str,
    before: Body,
    edits: Mapping[str, Json],
    visit_status: str | None,
    deciding: Mapping[str, Collection[Json]] = _NO_VERSIONS,
) -> None:
    """Refuse an edit that the record's rules forbid.

    `before` is empty for a new record; `visit_status` is the status of the visit that the record
    belongs to, None where it belongs to none. `deciding` holds the fields of which the author saw
    several versions, and the versions: choosing between them is no new answer, so it goes on after
    sign-off. Of words that were said nobody chooses: all of them stand, one after the other; or
    they leave the record for the one that the edit names. What is moved away leaves
    nothing behind, so nothing may be undecided in it.
    Raises NotAllowed, and then nothing was changed.
    """
    is_moved = bool(moved_to(edits))
    for key in edits.keys() & before.keys() & said_fields(kind):
        if before[key] is None or (is_moved and edits[key] is None):
            continue
        if not are_all_kept(deciding.get(key, ()), edits[key]):
            raise NotAllowed(
                "Words that were said are never changed.",
                "They stand as they were written.",
                "Add another statement, or an addendum if the visit is signed off.",
            )
    if edits.get(REMOVED) is True and any(
        value is None and rule_of(field_of(kind, name)) in _DECIDED and len(set(deciding[name])) > 1
        for name, value in edits.items()
        if name in deciding
    ):
        # What is moved takes along what one form showed: the other version would stand nowhere.
        raise NotAllowed(
            "There are two versions of something in this record, and nobody has decided yet.",
            "Nothing was moved.",
            "Decide first, on the page Sync; then move it.",
        )
    if visit_status != SIGNED_OFF:
        return
    if not _after_sign_off(kind, before, [name for name in edits if name not in deciding]):
        raise NotAllowed(
            "This visit is signed off and can no longer be changed.",
            "The record stands as it was signed.",
            "Add an addendum.",
        )


def _after_sign_off(kind: str, before: Body, names: Iterable[str]) -> bool:
    return all(open_after_sign_off(kind, name, is_new=not before) for name in names)


def open_after_sign_off(kind: str, name: str, *, is_new: bool) -> bool:
    """Whether a field may still be written once its visit is signed off.

    What goes on after sign-off: additions, follow-up, and a child's change of mind.
    """
    if kind == Addendum.kind:
        return is_new
    if kind == Permission.kind:
        return True
    return kind in (Action.kind, Concern.kind) and not is_new and name in _FOLLOW_UP
