"""Slows down whoever asks without end: a program that runs wild must not keep others waiting.

Whoever is signed in is told apart by the token, all others by their address: behind one address
there may be a whole office of laptops. No honest sync comes near what is allowed.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from hah_central.problems import too_many_requests

AT_ONCE = 1_000
"""So many requests may come without a pause: the largest first sync is a few dozen."""

A_SECOND = 50.0
"""So many more with each second."""

_MOST_KNOWN = 10_000
_LONGEST_NAME = 200


class Allowances:
    """What everybody may still ask; of too many, those who asked longest ago are forgotten."""

    def __init__(
        self,
        seconds_now: Callable[[], float] = time.monotonic,
        at_once: int = AT_ONCE,
        a_second: float = A_SECOND,
    ) -> None:
        self._now = seconds_now
        self._at_once = at_once
        self._a_second = a_second
        self._left = OrderedDict[tuple[str, str], tuple[float, float]]()

    def spend(self, who: tuple[str, str]) -> int:
        """Take one request off what is left. Returns the seconds to wait where nothing is."""
        now = self._now()
        left, since = self._left.pop(who, (float(self._at_once), now))
        left = min(self._at_once, left + (now - since) * self._a_second)
        wait = ceil((1 - left) / self._a_second) if left < 1 else 0
        self._left[who] = (left if wait else left - 1), now
        if len(self._left) > _MOST_KNOWN:
            self._left.popitem(last=False)
        return wait


class Paced:
    """Passes on what is within somebody's allowance, and asks to wait for the rest."""

    def __init__(self, app: ASGIApp, allowances: Allowances) -> None:
        self._app = app
        self._allowances = allowances

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or answer it."""
        if scope["type"] == "http" and (wait := self._allowances.spend(_who(scope))):
            await too_many_requests(wait).answer()(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _who(scope: Scope) -> tuple[str, str]:
    token = Headers(scope=scope).get("Authorization", "")[:_LONGEST_NAME]
    address = scope["client"][0] if scope.get("client") else ""
    return address, token
