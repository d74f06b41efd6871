"""A port for a server of a test, below those that systems give to whoever calls out.

A port that the system gives may be given again, to any caller, before the server is there or while
it is stopped.
"""

import os
import random
from contextlib import suppress
from socket import socket

_LEAST, _MOST = 20_000, 32_000
# Two processes that test at once begin at different ones.
_chance = random.Random(os.urandom(8))  # noqa: S311 - a port is no secret


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    while True:
        port = _chance.randrange(_LEAST, _MOST)
        with suppress(OSError), socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
