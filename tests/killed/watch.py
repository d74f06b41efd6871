"""Watches over all forks and lines in one thread: passes bytes on, hears them, says who is due."""

import hashlib
import selectors
from collections.abc import Callable
from typing import Any

from tests.killed.fork import Fork
from tests.killed.fork import Line as Said
from tests.killed.line import Call, Line

PIECE_OF_WORK = bytes(1 << 17)

SILENCE_S = 120
"""Nobody moved for so long: a guard against waiting for ever, and no measure of anything."""


class Watch:
    """Those that run. `heed` is told what one says, `kill` who is due, `gone` who has ended."""

    def __init__(
        self,
        heed: Callable[[Fork, Said], None],
        kill: Callable[[Fork], None],
        gone: Callable[[Fork], None],
    ) -> None:
        self.selector = selectors.DefaultSelector()
        self.forks: list[Fork] = []
        self._heed = heed
        self._kill = kill
        self._gone = gone

    def over(self, one: Fork) -> Fork:
        """Watch over one more."""
        self.forks.append(one)
        self.selector.register(one.ear, selectors.EVENT_READ, one)
        return one

    def bury(self, one: Fork) -> None:
        """It has ended, or is about to."""
        self.forks.remove(one)
        self.selector.unregister(one.ear)
        one.bury()

    def until(self, done: Callable[[], bool]) -> None:
        """Go on until that is so."""
        while not done():
            self.step()

    def step(self) -> None:
        """Whatever is next: bytes that came, words that were said, a little work before a kill."""
        working = [one for one in self.forks if one.work is not None]
        ready = self.selector.select(0 if working else SILENCE_S)
        if not ready and not working:
            doing = ", ".join(f"{one.name} ({one.kill}, {one.where})" for one in self.forks)
            raise AssertionError(f"nobody moves: {doing}")
        for key, mask in ready:
            self._go_on(key.data, key.fileobj, mask)
        for one in working:
            if one in self.forks and one.work is not None:
                self._work(one)

    def _go_on(self, whose: Call | Line | Fork, ready: Any, mask: int) -> None:
        if isinstance(whose, Call):
            whose.go_on(ready, mask)
        elif isinstance(whose, Line):
            whose.accept()
        elif whose in self.forks:
            self._hear(whose)

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
            self._gone(one)
            return
        for line in lines:
            self._heed(one, line)
        if one.is_halted:
            self._kill(one)

    def shoot(self, victim: Fork) -> None:
        """Kill one, and hear what it still said: that counts."""
        victim.shoot()
        while (lines := victim.hear()) is not None:
            for line in lines:
                self._heed(victim, line)
        self._gone(victim)
