"""How the service keeps little memory for long. It changes the whole process, so only `serve` asks.

What it does is worth some megabytes and some time, and nothing depends on it.
"""

import ctypes
import gc
import sys
from contextlib import suppress

_ARENA_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1
"""What glibc calls them in its malloc.h."""

_LARGE_BYTES = 2 * 1024 * 1024
"""What is larger than any usual push or page, unpacked, is asked of the system by itself.

At glibc's own 128 kB each push and page, and each copy of one, was new memory, and the system gives
that out page by page: unpacking took nearly three times as long, and a push a sixth more of the
office’s processor.
"""

_KEPT_BYTES = 1024 * 1024
"""So much of what is free is kept for the next: that adds 1 MB to the most that is ever held."""


def keep_little() -> None:
    """Prepare a process that has imported all it needs, and has begun no thread yet."""
    _collect_seldom()
    if sys.platform == "linux":
        _give_back()


def _collect_seldom() -> None:
    """Look for cyclic garbage seldom: a push makes many objects and hardly any cycle.

    At Python's own thresholds this costs a third of the time of a push.
    """
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def _give_back() -> None:
    """Let what a large push or page took go back to the system, instead of staying for the next.

    glibc gives each thread a heap of its own, and learns from large blocks to keep them.
    """
    # Another C library has no such thing, and no need of it.
    with suppress(AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_ARENA_MAX, 1)
        mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
        mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
