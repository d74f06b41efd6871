"""One history, made by chance alone from a seed: what people do, and what goes wrong meanwhile."""

import datetime as dt
import gc
import itertools
import json
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from hah_desktop.domain import removals
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.ids import ChangeId, FileId, RecordId
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.exchange import carrying
from hah_desktop.store.journal import drafts
from hah_desktop.store.journal.saving import Edited
from hah_desktop.store.tables import meta
from hah_desktop.sync import batches
from tests.simulation import desk, hands, wrong_child
from tests.simulation import scene as people
from tests.simulation.judging import judge
from tests.simulation.laptop import Laptop, Row
from tests.simulation.memory import PowerCut
from tests.simulation.office import DAY, Backup
from tests.simulation.scene import Event, Scene
from tests.simulation.truth import ALONE, LOST, UNSETTLED, Wrong
from tests.simulation.worlds import SHAPES, begin, repeatable

STEPS = 26
OFTEN = 5
ROUNDS = 6
"""After so many syncs of everybody each must have synced once more, and nothing moved."""

BETWEEN = 0.02
"""So often somebody else syncs between two requests of a sync."""

PERSON = "one person"
SYNC_STATEMENTS = 80
"""About as many as a sync has on the laptop: the power goes at any of them."""
TEN_YEARS = 3650
"""The most days that a clock goes behind; it goes one day ahead."""


def syncs(scene: Scene, laptop: Laptop) -> None:
    """One sync, on a good line or a bad one."""
    chance = scene.world.chance
    scene.world.weather.how_often = chance.choice((0, 0, 0.05, 0.15, 0.35))
    if scene.maybe(0.2):
        laptop.disk.power.goes_at(chance.randrange(SYNC_STATEMENTS))
    scene.syncing = True
    agrees, before, carried = scene.maybe(1 / 2), laptop.rows(), laptop.carried().keys()
    has_ended = False
    try:
        done = laptop.sync(allow_removals=agrees, met=laptop.met and scene.maybe(0.7))
        has_ended = True
    finally:
        laptop.disk.power.goes_at(None)
        _looks_for_what_went(scene, laptop, before, agrees=agrees)
        scene.unasked[laptop.name] *= not has_ended
        _looks_for_carried(scene, laptop, carried)
    scene.told.append(f"    {done.sent} sent, {done.received} received")


def _looks_for_what_went(
    scene: Scene, laptop: Laptop, before: Mapping[str, Row], *, agrees: bool
) -> None:
    """Nothing goes that is only here, nor much without a question: gone, or removed by others."""
    here = laptop.rows()
    if lost := laptop.only_here().intersection(before) - here.keys():
        scene.world.truth.accuse(LOST, f"{laptop.name} took away {sorted(lost)}")
    own = laptop.own_ids()
    shown = {id_ for id_, row in here.items() if row.is_shown or row.is_removed_by(own)}
    gone = {id_ for id_, row in before.items() if row.is_shown} - shown
    # What was moved is seen as another record; where that goes too, it is counted itself.
    gone -= {id_ for id_ in gone & here.keys() if here[id_].went_to in here}
    scene.unasked[laptop.name] += 0 if agrees else len(gone)
    if not agrees and scene.unasked[laptop.name] > removals.UNASKED:
        scene.world.truth.accuse(LOST, f"{laptop.name} took away {sorted(gone)} and did not ask")


def _looks_for_carried(scene: Scene, laptop: Laptop, before: AbstractSet[ChangeId]) -> None:
    """What came by hand goes only once the office has it."""
    gone = before - laptop.ids_of_changes()
    if gone and (lost := gone - scene.world.office.ids_of_changes()):
        scene.world.truth.accuse(LOST, f"{laptop.name} took away {sorted(lost)}, come by hand")


def late_request_arrives(scene: Scene, _: Laptop) -> None:
    """What hung on the way for long reaches the office."""
    scene.world.weather.bring_one()


def office_assigns(scene: Scene, _: Laptop) -> None:
    """The office gives somebody a visit or a child."""
    world = scene.world
    files = [f"{kind}:{id_}" for kind in ("visit", "child") for id_ in world.office.ids(kind)]
    adviser, file = world.chance.choice(world.people()), FileId(world.chance.choice(files))
    world.office.assigns(adviser, file)
    scene.told.append(f"    {file} to {adviser}")


def office_withdraws(scene: Scene, _: Laptop) -> None:
    """The office takes a visit or a child back, rather from who has to decide something in it."""
    world = scene.world
    torn = [(laptop, record) for laptop in world.left() for record in laptop.undecided()]
    if torn:
        laptop, record = world.chance.choice(torn)
        adviser, among = laptop.adviser, json.loads(laptop.rows()[record].files)
    else:
        adviser = world.chance.choice(world.people())
        among = world.office.files_of(adviser)
    given = world.office.files_of(adviser).intersection(among)
    files = sorted(file for file in given if ":" in file)
    if files:
        file = world.chance.choice(files)
        world.office.withdraws(adviser, file)
        scene.told.append(f"    {file} from {adviser}")


def office_leaves_only_a_child(scene: Scene, _: Laptop) -> None:
    """The office takes a visit from somebody, who goes on with one child."""
    world = scene.world
    adviser = world.chance.choice(world.people())
    visits = sorted(file for file in world.office.files_of(adviser) if file.startswith("visit:"))
    if visits:
        visit = world.chance.choice(visits)
        child = FileId(f"child:{world.chance.choice(world.office.ids('child'))}")
        world.office.withdraws(adviser, visit)
        world.office.assigns(adviser, child)
        scene.told.append(f"    {adviser} has {child}, and no more {visit}")


def office_is_backed_up(scene: Scene, _: Laptop) -> None:
    """A backup of the office."""
    scene.backups = [*scene.backups, scene.world.office.backup()][-3:]


def office_is_restored(scene: Scene, _: Laptop) -> None:
    """The office goes back to one of its backups, and says so."""
    _goes_back(scene, scene.backups, says_so=True)


def office_is_restored_unnoticed(scene: Scene, _: Laptop) -> None:
    """The office goes back to one of its backups, and nobody gives it the command that says so."""
    _goes_back(scene, scene.backups, says_so=False)


def office_is_restored_twice(scene: Scene, laptop: Laptop) -> None:
    """The office goes back, and again soon after: in between came whoever had read what it lost.

    Whoever wrote that may have lost the laptop in the same disaster.
    """
    world = scene.world
    _goes_back(scene, scene.backups[:1], says_so=scene.maybe(2 / 3))
    readers = [one for one in world.left() if one.owes]
    laptop = world.chance.choice(readers or [laptop])
    authors = {world.truth.saves[id_].laptop for id_ in laptop.owes & world.truth.saves.keys()}
    if (others := sorted(authors - {laptop.name})) and scene.maybe(2 / 3):
        lost = world.chance.choice(others)
        laptop_is_lost(scene, next(one for one in world.laptops if one.name == lost))
    _tries_to_sync(scene, laptop)
    _goes_back(scene, scene.backups[:1], says_so=scene.maybe(2 / 3))


def author_comes_between(scene: Scene, laptop: Laptop) -> None:
    """A visit is begun and read; the office loses it; its reader goes on in it, and its author.

    The author syncs between two requests of the reader's, who may only be about to notice.
    """
    world = scene.world
    others = [one for one in world.left() if one.adviser != laptop.adviser]
    if not others:
        return
    reader = world.chance.choice(others)
    _tries_to_sync(scene, reader)
    office_is_backed_up(scene, laptop)
    both = frozenset({laptop.adviser, reader.adviser})
    visit = RecordId(laptop.store.new_id())
    scene.saves(laptop, Edited(Visit(id=visit, advisers=both, impression=scene.words(laptop))), {})
    for one in (laptop, reader):
        _tries_to_sync(scene, one)
    _goes_back(scene, scene.backups[-1:], says_so=scene.maybe(1 / 4))
    if (found := reader.opens(visit)) is None:
        return
    held, saw = found
    scene.note(reader.save(Edited(people.typed_over(scene, reader, held), held.seen), saw))
    before, requests = reader.line.meanwhile, itertools.count()

    def between() -> None:
        if next(requests) == 1:
            _comes_between(scene, laptop)

    reader.line.meanwhile = between
    _tries_to_sync(scene, reader)
    reader.line.meanwhile = before


def _tries_to_sync(scene: Scene, laptop: Laptop) -> None:
    """Sync, whether or not it works."""
    try:
        syncs(scene, laptop)
    except PowerCut:
        laptop.starts()
    except KnownError as fault:
        scene.told.append(f"    {type(fault).__name__}: {fault.what}")


def _goes_back(scene: Scene, backups: Sequence[Backup], *, says_so: bool) -> None:
    world = scene.world
    backup = world.chance.choice(backups)
    world.office.restore(backup, says_so=says_so)
    world.access.begin_again()
    world.access.follow(world.office)
    # Following the journal from its start begins files anew that were dropped since.
    world.office.goes_back(backup)
    world.access.wrote.clear()
    _mourn(scene)
    if scene.maybe(1 / 3):
        world.weather.bring_one()


def makes_copy(_: Scene, laptop: Laptop) -> None:
    """A safety copy of the laptop's database."""
    laptop.makes_copy()


def puts_copy_back(scene: Scene, laptop: Laptop) -> None:
    """The laptop's database is lost, and one of its safety copies takes its place."""
    if laptop.copies:
        laptop.puts_back(*scene.world.chance.choice(laptop.copies))
        scene.unasked[laptop.name] = 0
        _mourn(scene)


def puts_copy_back_and_syncs(scene: Scene, laptop: Laptop) -> None:
    """The same, and nobody writes on what it shows before it has met the office.

    Whoever does, also in a form that was open in the copy, may say something else of a field than
    was said after it was made: neither with the other before the eyes, so a person decides.
    """
    puts_copy_back(scene, laptop)
    with laptop.store.writing() as connection:
        for draft in drafts.every(connection):
            drafts.discard(connection, draft.record)
    laptop.sync(allow_removals=True)


def clock_jumps(scene: Scene, laptop: Laptop) -> None:
    """The laptop's clock is set to any time from ten years ago to tomorrow."""
    days = scene.world.chance.choice((-TEN_YEARS, -400, -1, 0, 0, 1))
    laptop.clock_is_off = dt.timedelta(days=days * scene.world.chance.random())


def stays_away(scene: Scene, laptop: Laptop) -> None:
    """Nobody opens the laptop for long, while the others go on."""
    laptop.away = 12
    scene.world.office.now += 400 * DAY


def laptop_is_lost(scene: Scene, laptop: Laptop) -> None:
    """A laptop is lost for good, with what only it had."""
    if len(scene.world.left()) > 1:
        laptop.lost = True
        _mourn(scene)


def _meanwhile(scene: Scene, laptop: Laptop) -> None:
    """Somebody works on while the laptop syncs, or somebody else syncs between two requests."""
    if not scene.syncing:
        return
    if scene.maybe(0.15):
        scene.told.append("    meanwhile")
        scene.world.chance.choice((people.edits, wrong_child.goes_on_with_it))(scene, laptop)
    others = [one for one in scene.world.left() if one is not laptop and not one.away]
    if others and scene.maybe(BETWEEN):
        _comes_between(scene, scene.world.chance.choice(others))


def _comes_between(scene: Scene, laptop: Laptop) -> None:
    scene.told.append(f"    {laptop.name} syncs meanwhile")
    scene.syncing = False
    try:
        laptop.sync(allow_removals=True)
    except KnownError as fault:
        scene.told.append(f"    {laptop.name}: {type(fault).__name__}: {fault.what}")
    scene.syncing = True


def _mourn(scene: Scene) -> None:
    """What neither the office nor its laptop holds any more is gone: no program could save it."""
    world = scene.world
    held = {change for laptop in world.left() for change in laptop.own_ids()}
    at_office = world.office.ids_of_changes()
    world.truth.gone |= world.truth.saves.keys() - held - at_office
    for laptop in world.left():
        laptop.owes = (laptop.owes | laptop.heads_read()) - at_office - laptop.own_ids()
    world.access.read = {laptop.name: frozenset(laptop.owes) for laptop in world.left()}


EVENTS: dict[Event, float] = {
    people.edits: 20,
    people.names_advisers: 2,
    people.begins_record: 6,
    people.intrudes: 3,
    people.alters_words: 2,
    people.leaves_form: 5,
    people.saves_form: 6,
    people.removes: 3,
    people.brings_back: 3,
    people.decides: 7,
    wrong_child.goes_on_with_it: 2,
    wrong_child.moves: 4,
    wrong_child.undoes_move: 3,
    wrong_child.asks_child: 2,
    hands.writes_stick: 5,
    hands.stick_arrives: 6,
    hands.office_takes_in: 3,
    hands.office_takes_by_hand: 2,
    hands.line_chokes: 1,
    hands.office_cannot_read: 1,
    syncs: 32,
    late_request_arrives: 3,
    office_assigns: 3,
    office_withdraws: 3,
    office_leaves_only_a_child: 1,
    office_is_backed_up: 3,
    office_is_restored: 2,
    office_is_restored_unnoticed: 1.5,
    office_is_restored_twice: 0.5,
    author_comes_between: 0.5,
    makes_copy: 3,
    puts_copy_back: 1.5,
    clock_jumps: 3,
    stays_away: 0.7,
    laptop_is_lost: 0.5,
}

NEVER_ALONE = (
    people.intrudes,
    people.alters_words,
    office_withdraws,
    office_leaves_only_a_child,
    hands.office_cannot_read,
)
"""With these one person can disagree with himself: he writes without what he wrote before, or
replaces words of which the office does not know what they had replaced."""

ALONE_EVENTS = {
    puts_copy_back_and_syncs if event is puts_copy_back else event: weight
    for event, weight in EVENTS.items()
    if event not in NEVER_ALONE
}


@dataclass(frozen=True)
class Past:
    """What happened in a history, and what of it must not be."""

    seed: int
    told: list[str]
    wrong: list[Wrong]


def play(seed: int, often: Collection[str] = (), *, to_the_end: bool = True) -> Past:
    """The history of a seed: things happen, then the network heals and all is judged.

    What happens `often`, by its name, makes another history of the same seed. Not `to_the_end`:
    only until something is wrong.
    """
    shape = list(SHAPES)[seed % len(SHAPES)]
    world = begin(shape, seed)
    scene = Scene(world)
    world.weather.tell = scene.told.append
    page = world.chance.choice((2, 4, 10_000, 10_000))
    batch = world.chance.choice((1, 3, batches.FIRST_BATCH))
    scene.told.append(f"{shape}; pages of {page}, batches of {batch}")
    for laptop in world.laptops:
        laptop.line.page = page
        laptop.line.meanwhile = partial(_meanwhile, scene, laptop)
    with _litter_stays(), repeatable(world.office, page=page, batch=batch):
        office_is_backed_up(scene, world.laptops[0])
        for _ in range(STEPS):
            _step(scene, often, alone=shape == PERSON)
            if world.truth.wrong and not to_the_end:
                return Past(seed, scene.told, world.truth.wrong)
        _heal(scene)
        judge(world)
    return Past(seed, scene.told, world.truth.wrong)


@contextmanager
def _litter_stays() -> Iterator[None]:
    """Sweep up after a history, not all the time within it: a tenth of its time went there."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _step(scene: Scene, often: Collection[str], *, alone: bool) -> None:
    """One thing happens."""
    world = scene.world
    here = [laptop for laptop in world.left() if not laptop.away]
    for laptop in world.laptops:
        laptop.away = max(0, laptop.away - 1)
    if not here:
        return
    laptop = world.chance.choice(here)
    events = ALONE_EVENTS if alone else EVENTS
    weights = [each * (OFTEN if e.__name__ in often else 1) for e, each in events.items()]
    (event,) = world.chance.choices(list(events), weights)
    scene.told.append(f"{laptop.name} {event.__name__.replace('_', ' ')}")
    try:
        event(scene, laptop)
    except PowerCut:
        scene.told.append("    the power goes")
        laptop.starts()
    except KnownError as fault:
        scene.told.append(f"    {type(fault).__name__}: {fault.what}")
    laptop.disk.power.goes_at(None)
    world.weather.how_often = 0.0
    scene.syncing = False
    if alone and (torn := laptop.undecided()):
        world.truth.accuse(ALONE, f"{laptop.name} is asked about {torn}")


def _heal(scene: Scene) -> None:
    """Let everything arrive that hangs on the way, and everybody sync until nothing moves."""
    world = scene.world
    scene.told.append("the network heals")
    while world.weather.late:
        world.weather.bring_one()
    left = world.left()
    for laptop in left:
        _moves(scene, laptop)
    if scene.maybe(1 / 2):
        hands.takes_by_hand(scene, desk.waiting(world.office))
    moving: deque[str] = deque(maxlen=len(left))
    for laptop in left * ROUNDS:
        moving.append(_moves(scene, laptop))
        if len(moving) == len(left) and not any(moving):
            return
    for words in filter(None, moving):
        world.truth.accuse(UNSETTLED, words)


def _moves(scene: Scene, laptop: Laptop) -> str:
    """Sync once. Returns what moved or stopped it; empty if all was as before."""
    carried = laptop.carried().keys()
    try:
        done = laptop.sync(allow_removals=True, met=laptop.met)
    except KnownError as fault:
        words = f"{laptop.name}: {type(fault).__name__}: {fault.what}"
    else:
        heard = len(carried - laptop.carried().keys())
        moves = done.sent or done.received or heard or laptop.unsent() or _has_to_give(laptop)
        if not moves:
            return ""
        words = f"{laptop.name}: {done.sent} sent, {done.received} received, heard of {heard}"
    if words:
        scene.told.append(f"    {words}")
    return words


def _has_to_give(laptop: Laptop) -> bool:
    """Whether something from a colleague's hand goes to the office with the next sync."""
    with laptop.store.reading() as connection:
        return bool(carrying.to_give(connection, meta.enrolled(connection).epoch))


def judged(seed: int) -> tuple[int, list[Wrong]]:
    """What is wrong in the history of a seed, for a process of its own."""
    try:
        return seed, play(seed).wrong
    except Exception as fault:
        raise RuntimeError(f"seed {seed} stopped the simulation itself") from fault
