"""What people do on their laptops, by chance: one function for each thing, drawn by its weight."""

import dataclasses as dc
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from unittest.mock import patch

from hah_desktop.domain.changes import Change
from hah_desktop.domain.codec import field_of
from hah_desktop.domain.errors import NotAllowed
from hah_desktop.domain.fields import Text
from hah_desktop.domain.ids import LaptopId
from hah_desktop.domain.merge import one_after_the_other
from hah_desktop.domain.moving import Move
from hah_desktop.domain.records.base import Json, Record
from hah_desktop.domain.records.catalogue import BY_KIND
from hah_desktop.domain.records.child import Child, Concern, Conversation, Statement
from hah_desktop.domain.records.visit import Action, Area, Visit
from hah_desktop.domain.said import said_fields
from hah_desktop.store.journal import drafts, saving
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import Edited, Seen
from hah_desktop.ui.parts.sides import decided
from tests.simulation.laptop import Laptop, Saw
from tests.simulation.office import Backup
from tests.simulation.worlds import World

KINDS = ("action", "area", "child", "concern", "conversation", "statement", "visit")
TORN = {
    "visit": ("met_by", "impression"),
    "child": ("full_name", "communication_notes"),
    "conversation": ("where", "agreed_next"),
    "area": ("seen", "worry"),
    "statement": ("text", "by"),
    "action": ("what", "owner"),
    "concern": ("about", "told_to"),
    "permission": ("reason", "decided_by"),
}
"""Fields of which no side may be lost: a person decides, or joins them."""
SAME = {"visit": "exit_with", "child": "first_legal_status", "conversation": "mood_at_end"}
"""Fields in which people often write the very same."""
POWER_GOES = 0.08
STATEMENTS = 16
"""About as many as a save has: the power goes at any of them."""


@dataclass(frozen=True, slots=True)
class Stick:
    """What was sealed, by whom, and for which laptops; for none: for the office."""

    sealed: bytes
    by: LaptopId
    readers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Undoing:
    """What puts the last move on a laptop back, and what stood when it was made."""

    move: Move
    back: Sequence[Record]
    after: Mapping[str, Seen]


@dataclass
class Scene:
    """A world in which things happen; `told` says them one by one. The sticks lie about.

    `unasked` counts what went out of a laptop's sight without a question since a sync ended.
    """

    world: World
    told: list[str] = field(default_factory=list)
    backups: list[Backup] = field(default_factory=list)
    sticks: list[Stick] = field(default_factory=list)
    undoings: dict[LaptopId, Undoing] = field(default_factory=dict)
    number: int = 0
    unasked: Counter[str] = field(default_factory=Counter)
    syncing: bool = False

    def words(self, laptop: Laptop) -> str:
        """Something that nobody ever wrote before."""
        self.number += 1
        return f"{self.number} by {laptop.name}"

    def maybe(self, chance: float) -> bool:
        """Yes, so often."""
        return self.world.chance.random() < chance

    def opens_any(self, laptop: Laptop) -> tuple[Held, Saw] | None:
        """Open some record that the laptop has; None where it is not shown."""
        ids = [id_ for id_, row in laptop.rows().items() if row.kind in KINDS]
        return laptop.opens(self.world.chance.choice(ids)) if ids else None

    def saves(self, laptop: Laptop, edited: Edited, saw: Saw) -> None:
        """Save, unless the power goes."""
        if self.maybe(POWER_GOES):
            laptop.disk.power.goes_at(self.world.chance.randrange(STATEMENTS))
        self.note(laptop.save(edited, saw))

    def note(self, change: Change | None) -> None:
        """Tell of a change."""
        if change is None:
            self.told.append("    nothing to save")
        else:
            values = {name: edit.value for name, edit in change.edits.items()}
            self.told.append(f"    {change.number}: {change.kind} {change.record} {values}")


Event = Callable[[Scene, Laptop], None]


def edits(scene: Scene, laptop: Laptop) -> None:
    """Change a record as it stands now."""
    if (found := scene.opens_any(laptop)) is not None:
        held, saw = found
        scene.saves(laptop, Edited(typed_over(scene, laptop, held), held.seen), saw)


def names_advisers(scene: Scene, laptop: Laptop) -> None:
    """Say anew who goes on a visit."""
    visits = [id_ for id_, row in laptop.rows().items() if row.kind == "visit"]
    found = laptop.opens(scene.world.chance.choice(visits)) if visits else None
    if found is not None:
        people = scene.world.people()
        named = scene.world.chance.sample(people, scene.world.chance.randrange(len(people) + 1))
        changed = _with(found[0].record, {"advisers": frozenset(named)})
        scene.saves(laptop, Edited(changed, found[0].seen), found[1])


def begins_record(scene: Scene, laptop: Laptop) -> None:
    """Write a new record: a visit, a child, or something in a visit that is here."""
    chance = scene.world.chance
    rows = laptop.rows()
    visits = [id_ for id_, row in rows.items() if row.kind == "visit"]
    children = ["", *(id_ for id_, row in rows.items() if row.kind == "child")]
    new = laptop.store.new_id()
    kind = chance.choice(KINDS) if visits else "visit"
    record: Record
    if kind == "visit":
        record = Visit(id=new, advisers=frozenset(chance.sample(scene.world.people(), 1)))
    elif kind == "child":
        record = Child(id=new)
    elif kind == "area":
        record = Area(id=new, visit=chance.choice(visits))
    elif kind in ("action", "concern"):
        made = Action if kind == "action" else Concern
        record = made(id=new, visit=chance.choice(visits), child=chance.choice(children))
    elif kind == "statement":
        # Often somebody else, or nobody yet, writes down the words.
        said = scene.words(laptop) if scene.maybe(0.4) else ""
        visit, child = chance.choice(visits), chance.choice(children)
        record = Statement(id=new, visit=visit, child=child, text=said)
        scene.saves(laptop, Edited(record), {})
        return
    else:
        record = Conversation(id=new, visit=chance.choice(visits), child=chance.choice(children))
    scene.saves(laptop, Edited(_with(record, _typed(scene, laptop, kind))), {})


def intrudes(scene: Scene, laptop: Laptop) -> None:
    """Write about a record of somebody else, as only an altered program would."""
    here = laptop.rows()
    every = scene.world.truth.saves.values()
    theirs = {c.record: c for c in every if c.record not in here and c.kind in KINDS}
    if not theirs:
        return
    about = theirs[scene.world.chance.choice(sorted(theirs))]
    links = dict(file.split(":", 1) for file in about.files)
    record = BY_KIND[about.kind](id=about.record)
    if about.kind not in ("visit", "child"):
        record = _with(record, links)
    scene.saves(laptop, Edited(_with(record, _typed(scene, laptop, about.kind))), {})


def alters_words(scene: Scene, laptop: Laptop) -> None:
    """Put other words in the place of words that were said, as only an altered program would."""
    said = [id_ for id_, row in laptop.rows().items() if '"text":' in row.body]
    found = laptop.opens(scene.world.chance.choice(said)) if said else None
    if found is None:
        return
    held, saw = found
    altered = _with(held.record, {"text": scene.words(laptop)})
    with patch.object(saving, "check_edit", lambda *_: None):
        change = laptop.save(Edited(altered, held.seen), saw)
    if change is not None:
        scene.world.truth.altered.add(change.id)
    scene.note(change)


def leaves_form(scene: Scene, laptop: Laptop) -> None:
    """Type in a form and leave it open."""
    if (found := scene.opens_any(laptop)) is not None:
        held, saw = found
        laptop.keeps_form(typed_over(scene, laptop, held), held, saw)
        scene.told.append(f"    of {held.record.id}")


def saves_form(scene: Scene, laptop: Laptop) -> None:
    """Save the form that was left open longest."""
    if scene.maybe(POWER_GOES):
        laptop.disk.power.goes_at(scene.world.chance.randrange(STATEMENTS))
    try:
        scene.note(laptop.saves_form())
    except NotAllowed:
        # What was said came meanwhile; a person makes another statement of it.
        with laptop.store.writing() as connection:
            drafts.discard(connection, drafts.every(connection)[0].record)
        raise


def removes(scene: Scene, laptop: Laptop) -> None:
    """Take a record away."""
    if (found := scene.opens_any(laptop)) is not None and found[0].record.kind != "visit":
        held, saw = found
        # It stands nowhere else, wherever it was moved here from: as the screen of letters has it.
        moved = {"moved": None} if getattr(held.record, "moved", "") else {}
        gone = _with(held.record, {"removed": True, **moved})
        scene.saves(laptop, Edited(gone, held.seen), saw)


def brings_back(scene: Scene, laptop: Laptop) -> None:
    """Undo that a record was removed."""
    removed = [found for id_ in laptop.rows() if (found := laptop.opens_removed(id_))]
    if removed:
        held, saw = scene.world.chance.choice(removed)
        scene.saves(laptop, Edited(_with(held.record, {"removed": None}), held.seen), saw)


def decides(scene: Scene, laptop: Laptop) -> None:
    """Decide what several people left open: one side, another, both, or something else."""
    chance = scene.world.chance
    torn = laptop.undecided()
    found = laptop.opens(chance.choice(torn)) if torn else None
    if found is None:
        return
    held, saw = found
    choices: dict[str, Json] = {}
    for key, sides in held.open.items():
        values: list[Json] = [side.value for side in sides]
        if key in said_fields(held.record.kind):
            values = [one_after_the_other(values)]
        elif isinstance(field_of(held.record.kind, key), Text):
            values += ["; ".join(str(v) for v in values if v), scene.words(laptop)]
        choices[key] = chance.choice(values)
    scene.saves(laptop, decided(held, choices), saw)


def _typed(scene: Scene, laptop: Laptop, kind: str) -> dict[str, object]:
    """What somebody types into one or more fields of a form."""
    chance = scene.world.chance
    fields: dict[str, object] = {chance.choice(TORN[kind]): scene.words(laptop)}
    if scene.maybe(0.4):
        fields[chance.choice(TORN[kind])] = scene.words(laptop)
    if scene.maybe(0.3) and kind in SAME:
        fields[SAME[kind]] = chance.choice(("a", "b"))
    if scene.maybe(0.3):
        number = chance.randrange(4)
        small: Mapping[str, tuple[str, object]] = {
            "visit": ("children_present", number),
            "child": ("age", number),
            "conversation": ("could_hear", number > 1),
            "area": ("source", "seen" if number > 1 else "heard"),
            "statement": ("type", "own_words" if number > 1 else "seen"),
            "action": ("status", "done" if number > 1 else "open"),
            "concern": ("child_told", number > 1),
            "permission": ("answer", "yes" if number > 1 else "no"),
        }
        name, value = small[kind]
        fields[name] = value
    return fields


def typed_over(scene: Scene, laptop: Laptop, held: Held) -> Record:
    """The record with what is typed into its form, which lets nobody edit what was said."""
    typed = _typed(scene, laptop, held.record.kind)
    locked = said_fields(held.record.kind) & held.seen.body.keys()
    return _with(held.record, {name: v for name, v in typed.items() if name not in locked})


def _with(record: Record, fields: Mapping[str, object]) -> Record:
    return dc.replace(record, **fields)  # type: ignore[arg-type]  # fields by their names
