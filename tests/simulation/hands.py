"""What goes from hand to hand in a history: sticks, for colleagues and for the office.

A stick can be torn, come late, come twice, or come to somebody whom it was not meant for.
"""

import json
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from hah_central.journal import witness
from hah_central.people.audit import Deed
from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.ids import ChangeId
from hah_desktop.laptop import sticks
from hah_desktop.laptop.sticks import Offer
from hah_desktop.seals.errors import SealBroken
from hah_desktop.store.exchange.carrying import NotTaken
from hah_desktop.store.tables.meta import Identity
from tests.simulation import desk
from tests.simulation.laptop import Laptop
from tests.simulation.line import STATEMENTS
from tests.simulation.memory import PowerCut
from tests.simulation.scene import POWER_GOES, Scene, Stick, edits
from tests.simulation.truth import LOST, UNSETTLED, WRONG_ACCESS

KEPT = 6
"""So many sticks lie about at most."""
TORN = 0.15
TAKE_STATEMENTS = 30
"""About as many as taking a stick has: the power goes at any of them."""


def keep_all_in(folder: str) -> None:
    """Keep whatever lies on a disk in this folder, which somebody else takes away."""
    tempfile.tempdir = folder


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="sticks-")


def _path() -> Path:
    return Path(_folder().name) / "stick"


def writes_stick(scene: Scene, laptop: Laptop) -> None:
    """Seal what is only here: of a visit for colleagues on it, or all of it for the office.

    Colleagues who sit together put it in at once.
    """
    if not laptop.unsent():
        edits(scene, laptop)
    with laptop.store.reading() as connection:
        offers = sticks.offers(connection)
    if offers and scene.maybe(0.7):
        _for_colleagues(scene, laptop, scene.world.chance.choice(offers))
        if scene.maybe(1 / 2):
            stick_arrives(scene, laptop)
    elif laptop.unsent():
        sticks.for_office(laptop.store, _who(laptop), _path())
        _lies_about(scene, laptop, frozenset())


def _who(laptop: Laptop) -> Identity:
    who = laptop.store.identity()
    assert who is not None
    return who


def _for_colleagues(scene: Scene, laptop: Laptop, offer: Offer) -> None:
    chance, visit = scene.world.chance, offer.visit.id
    cards = chance.sample(offer.readers, chance.randrange(1, len(offer.readers) + 1))
    sticks.for_colleagues(laptop.store, _who(laptop), visit, cards, _path())
    named = json.loads(laptop.rows()[visit].body)
    if strangers := [c.laptop for c in cards if not named.get(f"advisers:{c.adviser}")]:
        scene.world.truth.accuse(WRONG_ACCESS, f"a stick of {visit} for {strangers}")
    _lies_about(scene, laptop, frozenset(card.laptop for card in cards))


def _lies_about(scene: Scene, laptop: Laptop, readers: frozenset[str]) -> None:
    stick = Stick(_path().read_bytes(), laptop.name, readers)
    scene.sticks = [*scene.sticks, stick][-KEPT:]
    scene.told.append(f"    a stick for {', '.join(sorted(readers)) or 'the office'}")


def stick_arrives(scene: Scene, _: Laptop) -> None:
    """Somebody puts in a stick for a laptop; now and then one that was not meant for it."""
    among = [stick for stick in scene.sticks if stick.readers]
    if not among:
        return
    world = scene.world
    stick = world.chance.choice([*among, among[-1]])
    theirs = [one for one in world.left() if one.name in stick.readers]
    laptop = world.chance.choice(world.left() if not theirs or scene.maybe(0.15) else theirs)
    try:
        _takes(scene, laptop, stick)
    except PowerCut:
        scene.told.append(f"    the power of {laptop.name} goes")
        laptop.starts()
    finally:
        laptop.disk.power.goes_at(None)


def _takes(scene: Scene, laptop: Laptop, stick: Stick) -> None:
    sealed = _handed_on(scene, stick)
    _path().write_bytes(sealed)
    files, before = laptop.files(), laptop.carried()
    if scene.maybe(POWER_GOES):
        laptop.disk.power.goes_at(scene.world.chance.randrange(TAKE_STATEMENTS))
    try:
        taken = sticks.take(laptop.store, _path())
    except NotTaken as refusal:
        scene.told.append(f"    {laptop.name} of {stick.by}: {refusal.what}")
        return
    came = [change for id_, change in laptop.carried().items() if id_ not in before]
    again = " once more" if taken.before else ""
    scene.told.append(f"    {laptop.name} takes {[c.id for c in came]} of {stick.by}{again}")
    accuse = scene.world.truth.accuse
    if sealed != stick.sealed or laptop.name not in stick.readers:
        accuse(WRONG_ACCESS, f"{laptop.name} opened a stick that is torn, or not for it")
    # With what was recorded on a visit comes the child whom it names.
    seen = files.union(*(c.files for c in came if not files.isdisjoint(c.files)))
    if hidden := [c.id for c in came if seen.isdisjoint(c.files)]:
        accuse(WRONG_ACCESS, f"{laptop.name} took {hidden} of a file that it was not given")


def office_takes_in(scene: Scene, _: Laptop) -> None:
    """Somebody brings a stick to the office, and it is opened there."""
    theirs = [stick for stick in scene.sticks if not stick.readers]
    if not theirs:
        return
    world = scene.world
    stick = world.chance.choice(theirs)
    sealed = _handed_on(scene, stick)
    if scene.maybe(POWER_GOES):
        world.office.disk.power.goes_at(world.chance.randrange(STATEMENTS))
    with ExitStack() as stack:
        stack.callback(world.office.disk.starts)
        out = stack.enter_context(tempfile.TemporaryDirectory(dir=_folder().name))
        try:
            handed = desk.take_in(world.office, sealed, Path(out))
        except (SealBroken, PowerCut) as fault:
            scene.told.append(f"    the office of {stick.by}: {type(fault).__name__}")
            return
    scene.told.append(f"    the office of {stick.by}: {handed.refused or dict(handed.verdicts)}")
    if sealed != stick.sealed:
        world.truth.accuse(LOST, f"a torn stick of {stick.by} was taken for a whole one")
    _follow(scene)


def office_takes_by_hand(scene: Scene, _: Laptop) -> None:
    """Somebody looks at what came by hand and takes it, or closes it and enters it anew."""
    office = scene.world.office
    waiting = desk.waiting(office)
    if not waiting:
        return
    change = scene.world.chance.choice(waiting)
    if scene.maybe(3 / 4):
        takes_by_hand(scene, [change])
    else:
        with office.disk.database.writing() as connection:
            witness.close(connection, Deed("The office", office.now), change)
        scene.told.append(f"    {change} is closed")


def takes_by_hand(scene: Scene, changes: Sequence[ChangeId]) -> None:
    """Take these into the journal, as far as nothing took them along before."""
    office = scene.world.office
    for change in changes:
        if change not in desk.waiting(office):
            continue
        try:
            desk.take_by_hand(office, change)
            scene.told.append(f"    {change} is taken by hand")
        except KnownError as fault:
            scene.told.append(f"    {change}: {fault.what}")
        except DBAPIError as fault:
            scene.world.truth.accuse(UNSETTLED, f"the office cannot take {change}: {fault.orig}")
    _follow(scene)


def line_chokes(scene: Scene, laptop: Laptop) -> None:
    """Something on the way cannot read one of the changes that are to be sent."""
    waiting = laptop.unsent_ids()
    if waiting:
        change = scene.world.chance.choice(waiting)
        laptop.line.unread.add(change)
        scene.told.append(f"    on {change}")


def office_cannot_read(scene: Scene, laptop: Laptop) -> None:
    """It gets through as its mere bytes, and the office can make nothing of them either."""
    line_chokes(scene, laptop)
    scene.world.office.unread |= laptop.line.unread


def _handed_on(scene: Scene, stick: Stick) -> bytes:
    """What of a stick can be read where it is put in. It may be put in once more, or not."""
    if scene.maybe(1 / 2):
        scene.sticks.remove(stick)
    if scene.maybe(TORN):
        return stick.sealed[: scene.world.chance.randrange(len(stick.sealed))]
    return stick.sealed


def _follow(scene: Scene) -> None:
    for accepted in scene.world.access.follow(scene.world.office):
        scene.world.truth.accuse(WRONG_ACCESS, f"accepted from a stick: {accepted}")
