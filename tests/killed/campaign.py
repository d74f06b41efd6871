"""Laptops at work with one office, all of them killed again and again, until the plan is done.

One process holds the lines between them and starts all others as forks of itself: it has
everything imported, no thread, and no database open at that moment.
"""

import gc
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from random import Random

from tests.central.certificate import certificate
from tests.house.postgres import Cluster
from tests.killed.fork import Fork, fork
from tests.killed.fork import Line as Said
from tests.killed.founding import Desk, codes, enrolled, received_too_early
from tests.killed.line import Call, Cut, Line, Way, steady_port
from tests.killed.person import Life, Part
from tests.killed.plan import MOST_BYTES, Kill, Plan
from tests.killed.planted import Planted
from tests.killed.roles import be_a_laptop, be_an_office
from tests.killed.stages import PLACES, Side, Stage
from tests.killed.toll import Toll
from tests.killed.watch import Watch

LAPTOPS = 3
AT_ONCE = 2
HOW_OFTEN_CUT = 0.3
MOST_LIVES = 60
"""Until a stage is reached that is waited for; more is a fault of the campaign."""

SERVES_ON = 3
"""Syncs that have to go well at an office whose database was killed, before the next kill."""


class Campaign:
    """The office, the laptops, and who is killed next."""

    def __init__(
        self, folder: Path, address: str, cluster: Cluster | None, seed: int, planted: Planted
    ) -> None:
        self.address = address
        self.log = folder / "office.log"
        self.attachments = folder / "attachments"
        self.toll = Toll()
        self.desks: list[Desk] = []
        self._folder = folder
        self._cluster = cluster
        self._seed = seed
        self._planted = planted
        self._chance = Random(seed)  # noqa: S311 - lives and cuts to run again
        self._watch = Watch(self._heed, self._kill, self._gone)
        self._port = steady_port()
        self._certificate, self._key = certificate(folder)
        self._office: Fork | None = None
        self._is_up = False
        self._serves_on = 0
        self._office_kill: Kill | None = None
        self._next_office: Iterator[Kill] = iter(())
        self._next_laptop: Iterator[Kill] = iter(())
        self._found()

    def _found(self) -> None:
        read_out = codes(self.address, LAPTOPS)
        self._start_office()
        self._watch.until(lambda: self._is_up)
        url = f"https://127.0.0.1:{self._port}"
        line = partial(Line, self._watch.selector, self._port)
        self.desks = enrolled(self._folder, self._certificate, url, read_out, line)
        # This one knew of no kill yet.
        self._end_office()

    def run(self, plan: Plan) -> None:
        """Let them work until everybody was killed as planned."""
        # What forks share is not looked through, and so not copied, by each of them.
        gc.collect()
        gc.freeze()
        self._next_office, self._next_laptop = iter(plan.office), iter(plan.laptop)
        self._office_kill = next(self._next_office, None)
        self._start_office()
        while self._is_kill_left():
            idle = [one for one in self.desks if one.at_work is None]
            while len(idle) > LAPTOPS - AT_ONCE:
                self._start_life(idle.pop(self._chance.randrange(len(idle))))
            self._watch.step()
        self._watch.until(lambda: all(one.at_work is None for one in self.desks))

    def _is_kill_left(self) -> bool:
        kills = (self._office_kill, *(one.kill for one in self.desks))
        # A laptop asks for its first when it begins.
        return any(kills) or any(one.lives == 0 for one in self.desks)

    def peace(self) -> None:
        """Nobody is killed. All write once in the same place, then everybody syncs twice."""
        self._watch.until(lambda: self._is_up)
        first, *others = self.desks
        self._in_turn(Part.INVITE, [first])
        self._in_turn(Part.PEACE, others)
        self._in_turn(Part.DISAGREE, self.desks)
        self._in_turn(Part.PEACE, self.desks * 2)

    def _in_turn(self, part: Part, desks: Sequence[Desk]) -> None:
        for one in desks:
            before = self.toll.good_syncs
            self._begin(one, Life(f"{part.name} {self.toll.lives}", part))
            self._watch.until(lambda one=one: one.at_work is None)  # type: ignore[misc]  # bound now
            if part is not Part.DISAGREE and self.toll.good_syncs == before:
                self.toll.wrong.append(f"no sync in peace of laptop {one.seat.place}")

    def close(self) -> None:
        """Let everybody go."""
        for one in list(self._watch.forks):
            if one is not self._office:
                one.shoot()
                self._watch.bury(one)
        if self._office is not None:
            self._end_office()
        for desk in self.desks:
            desk.line.close()
        self._watch.selector.close()

    # The office

    def _start_office(self) -> None:
        where = ["--host", "127.0.0.1", "--port", str(self._port), "--database", self.address]
        tls = ["--tls-cert", str(self._certificate), "--tls-key", str(self._key)]
        folders = ["--bundles", str(self._folder / "bundles")]
        folders += ["--attachments", str(self.attachments)]
        kill = self._office_kill
        be = partial(be_an_office, ["serve", *where, *tls, *folders], kill, self._planted)
        self._office = self._watch.over(fork("the office", kill, self.log, be))

    def _end_office(self) -> None:
        """Let it end by itself, with nobody at work."""
        assert self._office is not None
        self._ask_to_end(self._office)
        self._watch.bury(self._office)
        self._office = None

    def _ask_to_end(self, office: Fork) -> None:
        """It takes no more calls from now on, so whoever calls waits for the next one."""
        self._office_is_down()
        office.ask_to_end()

    def _office_is_down(self) -> None:
        self._is_up = False
        for one in self.desks:
            one.line.shut()

    def _office_is_up(self) -> None:
        self._is_up = True
        for one in self.desks:
            one.line.open()
        kill = self._office_kill
        if kill is not None and kill.moment.stage is Stage.LINE and self._office is not None:
            line = self._chance.choice(self.desks).line
            self._cut_for(line, kill, self._office, lasts=True)

    def _office_is_gone(self, office: Fork) -> None:
        if office.is_shot:
            self._office_kill = next(self._next_office, None)
        elif not office.is_asked:
            self.toll.wrong.append("the office ended by itself")
        self._office = None
        self._office_is_down()
        self.toll.wrong += received_too_early(self.address, self.desks)
        self._start_office()

    # The laptops

    def _start_life(self, one: Desk) -> None:
        if one.kill is None:
            one.kill, one.tries = next(self._next_laptop, None), 0
        one.tries += 1
        if one.kill is not None and one.tries > MOST_LIVES:
            raise AssertionError(f"nobody came so far: {one.kill}")
        if self._chance.random() < HOW_OFTEN_CUT:
            way, after = self._chance.choice(list(Way)), self._chance.randrange(1, MOST_BYTES)
            reset = self._chance.random() < 1 / 2
            one.line.cuts.append(Cut(way, after, partial(self._cut, reset)))
        one.lives += 1
        seed = f"{self._seed}-{one.seat.place}-{one.lives}"
        self._begin(one, Life(seed, letter=self._is_letter_wanted()))

    def _begin(self, one: Desk, life: Life) -> None:
        self.toll.lives += 1
        kill = one.kill if life.part is Part.WORK else None
        be = partial(be_a_laptop, one.seat, life, kill, self._planted)
        name, log = f"laptop {one.seat.place}", self._folder / "laptops.log"
        one.at_work = self._watch.over(fork(name, kill, log, be))
        if kill is not None and kill.moment.stage is Stage.LINE:
            self._cut_for(one.line, kill, one.at_work)

    def _is_letter_wanted(self) -> bool:
        kills = [self._office_kill, *(one.kill for one in self.desks)]
        stages = {kill.moment.stage for kill in kills if kill is not None} - {Stage.LINE}
        return any(stage is Stage.KEEPING or PLACES[stage].needs_letter for stage in stages)

    def _life_is_over(self, one: Desk, fork: Fork) -> None:
        if fork.is_shot:
            one.kill, one.tries = next(self._next_laptop, None), 0
        one.at_work = None
        one.line.hang_up()

    # Killing

    def _cut(self, reset: bool, call: Call) -> None:  # noqa: FBT001 - bound by its place
        self.toll.cuts += 1
        call.drop(reset=reset)

    def _cut_for(self, line: Line, kill: Kill, victim: Fork, *, lasts: bool = False) -> None:
        """On the line the kill comes after so many bytes of an answer."""

        def reached(call: Call) -> None:
            if victim in self._watch.forks:
                victim.where = "line"
                self._kill(victim)
            call.drop()

        line.cuts.append(Cut(Way.TO_LAPTOP, kill.moment.work, reached, lasts))

    def _kill(self, victim: Fork) -> None:
        kill = victim.kill
        assert kill is not None
        if kill.side is Side.DATABASE:
            self._kill_database(victim)
        else:
            self._watch.shoot(victim)
        self.toll.count(kill.side, kill.moment.stage.value, victim.where)

    def _kill_database(self, office: Fork) -> None:
        """Throw PostgreSQL out in the middle of what the office does; the office serves on."""
        assert self._cluster is not None
        self._cluster.stop_at_once()
        self._cluster.start()
        office.let_go()
        office.kill, office.work = None, None
        self._office_kill = next(self._next_office, None)
        self._serves_on = SERVES_ON

    # What is said

    def _gone(self, one: Fork) -> None:
        """It has ended, killed or not."""
        self._watch.bury(one)
        if one is self._office:
            self._office_is_gone(one)
        for each in self.desks:
            if each.at_work is one:
                self._life_is_over(each, one)

    def _heed(self, one: Fork, line: Said) -> None:
        if "fault" in line:
            self.toll.wrong.append(f"{one.name}: {line['fault']}")
        elif "up" in line:
            self._office_is_up()
        elif "stage" in line:
            one.where = line["stage"]
            if one.where == "inside" and one.kill and one.kill.moment.statement is None:
                one.work = one.kill.moment.work
        elif "mended" in line:
            self.toll.wrong.append(f"{one.name} needed {line['mended']}")
        else:
            self._heed_laptop(next(each for each in self.desks if each.at_work is one), line)

    def _heed_laptop(self, one: Desk, line: Said) -> None:
        if "saved" in line:
            self.toll.promise(one.seat.place, line)
        elif "received" in line:
            one.received = max(one.received, line["received"])
        elif "synced" in line:
            self.toll.syncs += 1
            if not line["synced"]:
                self._synced_well()

    def _synced_well(self) -> None:
        self.toll.good_syncs += 1
        if self._serves_on:
            self._serves_on -= 1
            if not self._serves_on and self._office is not None:
                self._ask_to_end(self._office)
