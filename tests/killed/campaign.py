"""Laptops at work with one office, all of them killed again and again, until the plan is done.

One process holds the lines between them and starts all others as forks of itself: it has
everything imported, no thread, and no database open at that moment.
"""

import gc
import hashlib
import selectors
import ssl
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from random import Random

import httpx
import psycopg
import uvicorn
import uvicorn.lifespan.on
import uvicorn.protocols.http.auto
import uvicorn.protocols.websockets.auto

from hah_central import cli, people
from hah_central import office as desk
from hah_central.database import Database
from hah_desktop.store.meta import Identity
from hah_desktop.store.store import Store
from hah_desktop.sync.wire.signed import write_code
from tests.central.certificate import certificate
from tests.central.laptop import enrol
from tests.central.trust import SECRETS, publish
from tests.faults.plain import raw_key, real_now
from tests.house.postgres import Cluster
from tests.killed.fork import Fork, Voice, fork
from tests.killed.fork import Line as Said
from tests.killed.line import Call, Cut, Line, Way, steady_port
from tests.killed.person import DATABASE, Life, Seat, live
from tests.killed.plan import MOST_BYTES, Kill, Plan
from tests.killed.planted import Planted, plant
from tests.killed.stages import PLACES, Side, Stage, Stopping, tell_healing

LAPTOPS = 3
AT_ONCE = 2
PIECE_OF_WORK = bytes(1 << 17)
HOW_OFTEN_CUT = 0.3
MOST_LIVES = 60
"""Until a stage is reached that is waited for; more is a fault of the campaign."""

SERVES_ON = 3
"""Syncs that have to go well at an office whose database was killed, before the next kill."""

SILENCE_S = 120
"""Nobody moved for so long: a guard against waiting for ever, and no measure of anything."""


@dataclass
class Toll:
    """What was done and what it cost. `promises` is by laptop and number: its record and words."""

    kills: Counter[str] = field(default_factory=Counter)
    where: Counter[str] = field(default_factory=Counter)
    cuts: int = 0
    lives: int = 0
    syncs: int = 0
    broken_syncs: int = 0
    promises: dict[tuple[int, int], Said] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


@dataclass
class Desk:
    """One seat, its line, its laptop's name at the office, and whoever works there now."""

    seat: Seat
    line: Line
    laptop: str
    at_work: Fork | None = None
    kill: Kill | None = None
    tries: int = 0
    lives: int = 0
    received: int = 0


class Campaign:
    """The office, the laptops, and who is killed next."""

    def __init__(
        self, folder: Path, address: str, cluster: Cluster | None, seed: int, planted: Planted
    ) -> None:
        self._folder = folder
        self.address = address
        self._cluster = cluster
        self._seed = seed
        self._planted = planted
        self._chance = Random(seed)  # noqa: S311 - lives and cuts to run again
        self._selector = selectors.DefaultSelector()
        self._port = steady_port()
        self._certificate, self._key = certificate(folder)
        self.log = folder / "office.log"
        self.toll = Toll()
        self._office: Fork | None = None
        self._is_up = False
        self._next_office: Iterator[Kill] = iter(())
        self._next_laptop: Iterator[Kill] = iter(())
        self._office_kill: Kill | None = None
        self._serves_on = 0
        with closing(Database(address)) as database:
            publish(database, real_now())
            codes = [self._code(database, f"Adviser {place}") for place in range(LAPTOPS)]
        self._start_office()
        self._until(lambda: self._is_up)
        self.desks = self._enrolled(codes)

    @property
    def attachments(self) -> Path:
        """Where the office keeps letters."""
        return self._folder / "attachments"

    def run(self, plan: Plan) -> None:
        """Let them work until everybody was killed as planned."""
        # What forks share is not looked through, and so not copied, by each of them.
        gc.collect()
        gc.freeze()
        self._next_office, self._next_laptop = iter(plan.office), iter(plan.laptop)
        # The office that is there knows of no kill yet.
        self._end_office()
        self._office_kill = next(self._next_office, None)
        self._start_office()
        while self._is_kill_left():
            idle = [one for one in self.desks if one.at_work is None]
            while len(idle) > LAPTOPS - AT_ONCE:
                self._start_life(idle.pop(self._chance.randrange(len(idle))))
            self._step()
        self._until(lambda: all(one.at_work is None for one in self.desks))

    def peace(self) -> None:
        """Nobody is killed, and everybody syncs twice, one after another."""
        self._until(lambda: self._is_up)
        for turn in range(2):
            for one in self.desks:
                before = self.toll.syncs - self.toll.broken_syncs
                self._begin(one, Life(f"peace {turn}", is_peace=True))
                self._until(lambda one=one: one.at_work is None)  # type: ignore[misc]  # bound now
                if self.toll.syncs - self.toll.broken_syncs == before:
                    self.toll.wrong.append(f"no sync in peace of laptop {one.seat.place}")

    def close(self) -> None:
        """Let everybody go."""
        self._end_office()
        for one in self.desks:
            one.line.close()
        self._selector.close()

    # Setting up

    def _code(self, database: Database, adviser: str) -> tuple[str, str]:
        with database.writing() as connection:
            added = desk.add_adviser(connection, adviser, "adviser", real_now())
            letters = people.new_code(connection, added, real_now()).letters
        return adviser, write_code(letters, SECRETS.public.fingerprint())

    def _enrolled(self, codes: Sequence[tuple[str, str]]) -> list[Desk]:
        trust = ssl.create_default_context(cafile=str(self._certificate))
        url = f"https://127.0.0.1:{self._port}"
        with httpx.Client(base_url=url, trust_env=False, verify=trust) as client:
            made = [(name, enrol(client, code)) for name, code in codes]
        everybody = tuple(one.enrolled.adviser for _, one in made)
        found = []
        for place, (name, one) in enumerate(made):
            line = Line(self._selector, self._port)
            if self._is_up:
                line.open()
            who = one.enrolled
            seat = Seat(
                place, self._folder / f"laptop-{place}", who.adviser, everybody, self._certificate
            )
            seat.folder.mkdir()
            key = one.key.private_bytes_raw().hex()
            with closing(Store.create(seat.folder / DATABASE, raw_key, real_now)) as store:
                store.keep_identity(
                    Identity(key, line.url, who.laptop, who.adviser, name, who.office, who.epoch)
                )
            found.append(Desk(seat, line, who.laptop))
        return found

    # The office

    def _start_office(self) -> None:
        where = ["--host", "127.0.0.1", "--port", str(self._port), "--database", self.address]
        tls = ["--tls-cert", str(self._certificate), "--tls-key", str(self._key)]
        folders = ["--bundles", str(self._folder / "bundles")]
        folders += ["--attachments", str(self.attachments)]
        words = ["serve", *where, *tls, *folders]
        kill = self._office_kill
        be = partial(_be_an_office, words, kill, self._planted)
        self._office = fork("the office", kill, self.log, be)
        self._listen(self._office)

    def _end_office(self) -> None:
        """Let it end by itself, with nobody at work."""
        assert self._office is not None
        self._forget(self._office)
        self._office.ask_to_end()
        self._office.bury()
        self._office = None
        self._office_is_down()

    def _office_is_down(self) -> None:
        self._is_up = False
        for one in self.desks:
            one.line.shut()

    def _office_is_up(self) -> None:
        self._is_up = True
        for one in getattr(self, "desks", ()):
            one.line.open()
        kill = self._office_kill
        if kill is not None and kill.moment.stage is Stage.LINE:
            line = self._chance.choice(self.desks).line
            self._cut_for(line, kill, self._office, lasts=True)

    def _office_is_dead(self) -> None:
        """Nothing that counts as received anywhere may be missing from its journal."""
        self._office = None
        self._office_is_down()
        self._check_received()
        self._start_office()

    def _check_received(self) -> None:
        with psycopg.connect(self.address.replace("+psycopg", "")) as connection:
            last = connection.execute("SELECT laptop, max(number) FROM change GROUP BY laptop")
            held: dict[str, int] = dict(last.fetchall())
        for one in self.desks:
            if one.received > held.get(one.laptop, 0):
                self.toll.wrong.append(
                    f"laptop {one.seat.place} counts {one.received} as received, "
                    f"the office has {held.get(one.laptop, 0)}"
                )
                # Told once is enough.
                one.received = 0

    # The laptops

    def _start_life(self, one: Desk) -> None:
        if one.kill is None:
            one.kill, one.tries = next(self._next_laptop, None), 0
        one.tries += 1
        if one.kill is not None and one.tries > MOST_LIVES:
            raise AssertionError(f"nobody came so far: {one.kill}")
        if self._chance.random() < HOW_OFTEN_CUT:
            way = self._chance.choice(list(Way))
            reset = self._chance.random() < 1 / 2
            one.line.cuts.append(
                Cut(way, self._chance.randrange(1, MOST_BYTES), partial(self._cut, reset))
            )
        one.lives += 1
        seed = f"{self._seed}-{one.seat.place}-{one.lives}"
        self._begin(one, Life(seed, letter=self._is_letter_wanted()))

    def _begin(self, one: Desk, life: Life) -> None:
        self.toll.lives += 1
        name = f"laptop {one.seat.place}"
        kill = None if life.is_peace else one.kill
        be = partial(_be_a_laptop, one.seat, life, kill, self._planted)
        one.at_work = fork(name, kill, self._folder / "laptops.log", be)
        if kill is not None and kill.moment.stage is Stage.LINE:
            self._cut_for(one.line, kill, one.at_work)
        self._listen(one.at_work)

    def _is_letter_wanted(self) -> bool:
        kills = [self._office_kill, *(one.kill for one in self.desks)]
        stages = [kill.moment.stage for kill in kills if kill is not None]
        return any(
            stage is Stage.KEEPING or (stage in PLACES and PLACES[stage].needs_letter)
            for stage in stages
        )

    def _ended(self, one: Desk) -> None:
        one.at_work = None
        one.line.hang_up()

    # Killing

    def _is_kill_left(self) -> bool:
        kills = (self._office_kill, *(one.kill for one in self.desks))
        # A laptop asks for its first when it begins.
        return any(kills) or any(one.lives == 0 for one in self.desks)

    def _cut(self, reset: bool, call: Call) -> None:  # noqa: FBT001 - bound by its place
        self.toll.cuts += 1
        call.drop(reset=reset)

    def _cut_for(self, line: Line, kill: Kill, victim: Fork | None, *, lasts: bool = False) -> None:
        """On the line the kill comes after so many bytes of an answer."""

        def reached(call: Call) -> None:
            if victim is not None and victim in self._forks():
                victim.where = "line"
                self._kill(victim)
            call.drop()

        line.cuts.append(Cut(Way.TO_LAPTOP, kill.moment.work, reached, lasts))

    def _kill(self, victim: Fork) -> None:
        kill = victim.kill
        assert kill is not None
        if kill.side is Side.DATABASE:
            assert self._cluster is not None
            self._cluster.stop_at_once()
            self._cluster.start()
            victim.let_go()
            victim.kill, victim.work = None, None
            self._count(kill, victim.where)
            self._office_kill = next(self._next_office, None)
            self._serves_on = SERVES_ON
            return
        victim.shoot()
        # What it still said counts.
        while (lines := victim.hear()) is not None:
            for line in lines:
                self._heed(victim, line)
        self._count(kill, victim.where)
        self._gone(victim)

    def _count(self, kill: Kill, where: str) -> None:
        self.toll.kills[f"{kill.side}: {kill.moment.stage.value}"] += 1
        self.toll.where[where or "inside"] += 1

    # The loop

    def _forks(self) -> list[Fork]:
        found = [one.at_work for one in getattr(self, "desks", ())]
        return [each for each in (self._office, *found) if each is not None]

    def _listen(self, one: Fork) -> None:
        self._selector.register(one.ear, selectors.EVENT_READ, one)

    def _forget(self, one: Fork) -> None:
        self._selector.unregister(one.ear)

    def _until(self, done: Callable[[], bool]) -> None:
        while not done():
            self._step()

    def _step(self) -> None:
        """Whatever is due next: passing bytes on, hearing somebody, working, killing."""
        working = [one for one in self._forks() if one.work is not None]
        ready = self._selector.select(0 if working else SILENCE_S)
        if not ready and not working:
            doing = ", ".join(f"{one.name} ({one.kill}, {one.where})" for one in self._forks())
            raise AssertionError(f"nobody moves: {doing}")
        for key, mask in ready:
            if isinstance(key.data, Call):
                key.data.go_on(key.fileobj, mask)  # type: ignore[arg-type]  # sockets
            elif isinstance(key.data, Line):
                key.data.accept()
            elif key.data in self._forks():
                self._hear(key.data)
        for one in working:
            if one.work is not None and one in self._forks():
                self._work(one)

    def _work(self, victim: Fork) -> None:
        """A little work of our own, so that the kill falls anywhere."""
        assert victim.work is not None
        if victim.work <= 0:
            victim.work = None
            self._kill(victim)
            return
        hashlib.sha256(PIECE_OF_WORK).digest()
        victim.work -= 1

    def _hear(self, one: Fork) -> None:
        lines = one.hear()
        if lines is None:
            if one is self._office and not one.is_asked:
                self.toll.wrong.append("the office ended by itself")
            self._gone(one)
            return
        for line in lines:
            self._heed(one, line)
        if one.where not in ("", "inside", "line") and one.kill is not None:
            self._kill(one)

    def _gone(self, one: Fork) -> None:
        """It has ended, killed or not."""
        self._forget(one)
        one.bury()
        if one is self._office:
            if one.is_shot:
                self._office_kill = next(self._next_office, None)
            self._office_is_dead()
            return
        for each in self.desks:
            if each.at_work is one:
                if one.is_shot:
                    each.kill, each.tries = next(self._next_laptop, None), 0
                self._ended(each)

    def _heed(self, one: Fork, line: Said) -> None:
        if "fault" in line:
            self.toll.wrong.append(f"{one.name}: {line['fault']}")
        elif "up" in line:
            self._office_is_up()
        elif "stage" in line:
            one.where = line["stage"]
            if one.where == "inside" and one.kill and one.kill.moment.statement is None:
                one.work = one.kill.moment.work
        else:
            self._heed_laptop(one, line)

    def _heed_laptop(self, one: Fork, line: Said) -> None:
        at = next(each for each in self.desks if each.at_work is one)
        if "saved" in line:
            self.toll.promises[at.seat.place, line["saved"]] = line
        elif "received" in line:
            at.received = max(at.received, line["received"])
        elif "mended" in line:
            self.toll.wrong.append(f"{one.name} needed {line['mended']}")
        elif "synced" in line:
            self.toll.syncs += 1
            self.toll.broken_syncs += bool(line["synced"])
            if not line["synced"] and self._serves_on:
                self._serves_on -= 1
                if not self._serves_on and self._office is not None:
                    self._office.ask_to_end()


def _be_an_office(words: Sequence[str], kill: Kill | None, planted: Planted, voice: Voice) -> None:
    """The office as it ships, from its command line on."""
    right = uvicorn.Server.startup

    async def startup(self: uvicorn.Server, *given: object, **named: object) -> None:
        await right(self, *given, **named)  # type: ignore[arg-type]  # as given
        voice.say(up=True)

    uvicorn.Server.startup = startup  # type: ignore[method-assign]  # told when it is there
    plant(planted, voice)
    _stop_at(kill, voice)
    cli.main(words)


def _be_a_laptop(seat: Seat, life: Life, kill: Kill | None, planted: Planted, voice: Voice) -> None:
    """A laptop as it ships, and whoever works with it."""
    plant(planted, voice)
    tell_healing(lambda what: voice.say(mended=what))
    _stop_at(kill, voice)
    live(seat, life, voice)


def _stop_at(kill: Kill | None, voice: Voice) -> None:
    if kill is not None and kill.moment.stage is not Stage.LINE:
        Stopping(kill.moment, lambda where: voice.say(stage=where), voice.wait).arm()


def told(toll: Toll) -> dict[str, object]:
    """The toll without the promises, which are for the judge."""
    plain = {each.name: getattr(toll, each.name) for each in fields(toll)}
    return {**plain, "promises": len(toll.promises)}
