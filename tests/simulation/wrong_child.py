"""What people do about what was written about the wrong child, as the visit’s screens let them."""

import dataclasses as dc
from collections.abc import Iterable, Mapping, Sequence

from hah_desktop.domain import moving
from hah_desktop.domain.codec import to_body
from hah_desktop.domain.ids import ChangeId, RecordId
from hah_desktop.domain.moving import Movable
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.child import Permission, permission_id
from hah_desktop.store.journal import reading
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import NOTHING, Edited, Seen
from tests.simulation.laptop import Laptop, Saw
from tests.simulation.scene import POWER_GOES, STATEMENTS, Scene, Undoing, typed_over
from tests.simulation.truth import LOST, Moved, tokens

KINDS = ("action", "concern")

Opened = tuple[Held, Saw]
Left = Sequence[Held]
"""What goes from where it stood: first what is moved, then the answers about it."""


def moves(scene: Scene, laptop: Laptop) -> None:
    """Move a concern or an action to another child of its visit, or to none, as it is typed."""
    among = [id_ for id_, row in laptop.rows().items() if row.kind in KINDS]
    torn = sorted(set(among).intersection(laptop.undecided()))
    opened = laptop.opens(scene.world.chance.choice(torn or among)) if among else None
    if opened is None or not isinstance(opened[0].record, Movable):
        return
    record = opened[0].record
    if record.removed:
        return
    others = ["", *_met(laptop, record.visit)]
    typed = typed_over(scene, laptop, opened[0]) if scene.maybe(0.3) else record
    child = scene.world.chance.choice([one for one in others if one != record.child] or [""])
    answers = _answers(laptop, record.id)
    if not isinstance(typed, Movable) or child == record.child:
        return
    of_each = {str(one[0].record.id): one for one in (opened, *answers)}
    said = [held.record for held, _ in answers if isinstance(held.record, Permission)]
    move = moving.move([typed, *said], child, laptop.store.new_id)
    edits = [_edited(one, of_each) for one in move.saved]
    _saves(scene, laptop, edits, of_each, [held for held, _ in (opened, *answers)])
    after = _seen_now(laptop, [one.id for one in move.saved])
    back = moving.back(move, laptop.store.new_id).saved
    scene.undoings[laptop.name] = Undoing(move, back, after)


def goes_on_with_it(scene: Scene, laptop: Laptop) -> None:
    """Change a concern or an action, as a colleague may who does not know of a move."""
    among = [id_ for id_, row in laptop.rows().items() if row.kind in KINDS]
    opened = laptop.opens(scene.world.chance.choice(among)) if among else None
    if opened is not None:
        held, saw = opened
        scene.saves(laptop, Edited(typed_over(scene, laptop, held), held.seen), saw)


def undoes_move(scene: Scene, laptop: Laptop) -> None:
    """Put the last move back, unless something was done since to what it left."""
    undoing = scene.undoings.pop(laptop.name, None)
    if undoing is None:
        return
    stands = undoing.move.stands[0]
    now = _seen_now(laptop, [stands.id])
    if now.get(stands.id) == undoing.after[stands.id] and not _answers(laptop, stands.id):
        of_each: dict[str, Opened] = {
            id_: _as_seen(stands, seen) for id_, seen in undoing.after.items()
        }
        edits = [_edited(one, of_each) for one in undoing.back]
        _saves(scene, laptop, edits, of_each, [of_each[stands.id][0]])


def asks_child(scene: Scene, laptop: Laptop) -> None:
    """Write down what the child answers when asked who may see something."""
    about = [id_ for id_, row in laptop.rows().items() if row.kind in KINDS]
    opened = laptop.opens(scene.world.chance.choice(about)) if about else None
    if opened is None or not isinstance(opened[0].record, Movable):
        return
    item = opened[0].record
    key = RecordId(permission_id(item.id, "place"))
    before = laptop.opens(key)
    new = Permission(id=key, visit=item.visit, child=item.child, item=item.id, reader="place")
    held, saw = before or (Held(new, NOTHING, {}), {})
    if isinstance(held.record, Permission):
        said = dc.replace(held.record, reason=scene.words(laptop))
        scene.saves(laptop, Edited(said, held.seen), saw)


def _met(laptop: Laptop, visit: str) -> list[str]:
    """The children who were met on a visit."""
    rows = laptop.rows()
    lie_there = [row for row in rows.values() if f'"visit:{visit}"' in row.files]
    return [id_ for id_, row in rows.items() if row.kind == "child" and _names(lie_there, id_)]


def _names(rows: Iterable[object], child: str) -> bool:
    return any(f'"child:{child}"' in str(row) for row in rows)


def _answers(laptop: Laptop, item: str) -> list[Opened]:
    """What stands of who may see a record."""
    found = laptop.opens(permission_id(item, "place"))
    return [] if found is None or found[0].record.removed else [found]


def _seen_now(laptop: Laptop, records: Sequence[str]) -> dict[str, Seen]:
    """What is to be seen of these records now, also of those that were removed."""
    with laptop.store.reading() as connection:
        return reading.seen(connection, records)


def _changes_of(laptop: Laptop, record: str) -> dict[ChangeId, str]:
    """What a laptop has of a record, change by change."""
    found = laptop.disk.ask("SELECT id, content FROM change WHERE record = ?", record)
    return {ChangeId(id_): content for id_, content in found}


def _edited(record: Record, opened: Mapping[str, Opened]) -> Edited:
    return Edited(record, opened[record.id][0].seen if record.id in opened else NOTHING)


def _as_seen(record: Record, seen: Seen) -> Opened:
    saw = {name: frozenset(heads) for name, heads in seen.heads.items()}
    return Held(record, seen, {}), saw


def _saves(
    scene: Scene, laptop: Laptop, edits: Sequence[Edited], opened: Mapping[str, Opened], left: Left
) -> None:
    """Save all of it at once, and note what has to come of it."""
    known = {held.record.id: _changes_of(laptop, held.record.id) for held in left}
    if scene.maybe(POWER_GOES):
        laptop.disk.power.goes_at(scene.world.chance.randrange(2 * STATEMENTS))
    saved = laptop.save_all(edits, {id_: saw for id_, (_, saw) in opened.items()})
    for change in saved:
        scene.note(change)
    stands = next(edit.record for edit in edits if not edit.record.removed)
    if stands.id != left[0].record.id:
        _check_carried(scene, left[0], stands)
    (anew,) = (change.id for change in saved if change.record == stands.id)
    done = frozenset(change.id for change in saved)
    for held in left:
        if set(held.record.files()) - set(stands.files()):
            said = known[held.record.id]
            words = tokens(list(said.values()))
            moved = Moved(held.record.id, done, anew, stands.files(), frozenset(said), words)
            scene.world.truth.moves.append(moved)


def _check_carried(scene: Scene, held: Held, stands: Record) -> None:
    """All that was on the screen goes along, but what was typed over."""
    now, before = to_body(stands), held.seen.body
    sides = {name: [head.value for head in heads] for name, heads in held.open.items()}
    for name, value in before.items():
        if now.get(name) == value and (left := tokens(sides.get(name, ())) - tokens(now[name])):
            words = f"{held.record.id} was moved without {sorted(left)} at {name}"
            scene.world.truth.accuse(LOST, words)
        elif now.get(name) is None and tokens(value):
            scene.world.truth.accuse(LOST, f"{held.record.id} was moved without its {name}")
