"""The two clocks of the vault: the one on the wall, and one that only goes forward."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clocks:
    """`wall` gives the time of day in UTC, `steady` seconds that never go back."""

    wall: Callable[[], datetime] = _utc_now
    steady: Callable[[], float] = time.monotonic
