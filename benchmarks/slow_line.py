"""A line like that of a car park: so many bits a second, far away, and some packets lost.

Each packet waits its turn and half of the way there and back; one that is lost comes after one
more way there and back, and everything behind it waits, as TCP has it.
"""

import asyncio
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

PACKET = 1460


@dataclass(frozen=True)
class Kind:
    """What the line is like. Seconds are there and back."""

    bytes_a_second: float
    seconds: float
    lost: float


CAR_PARK = Kind(256_000 / 8, 0.6, 0.03)


_ASKED = b" HTTP/1.1\r\n"
"""How the first line of a request ends; a program's way out holds it nowhere else."""


@dataclass
class Counted:
    """Where the line is, and what went over it so far: bytes each way, and requests."""

    url: str = ""
    sent: int = 0
    received: int = 0
    requests: int = 0


class _Way:
    """One direction of one connection. `count` is told of each packet."""

    def __init__(self, kind: Kind, chance: random.Random, count: Callable[[bytes], None]) -> None:
        self._kind = kind
        self._chance = chance
        self._count = count

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry all of it."""
        loop = asyncio.get_running_loop()
        underway: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def arrive() -> None:
            while True:
                due, packet = await underway.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                if not packet:
                    break
                writer.write(packet)
                await writer.drain()
            writer.close()

        arriving = asyncio.create_task(arrive())
        free, last = loop.time(), 0.0
        with suppress(ConnectionError):
            while packet := await reader.read(PACKET):
                self._count(packet)
                free = max(free, loop.time()) + len(packet) / self._kind.bytes_a_second
                again = self._kind.seconds if self._chance.random() < self._kind.lost else 0.0
                last = max(last, free + self._kind.seconds / 2 + again)
                underway.put_nowait((last, packet))
                await asyncio.sleep(max(0.0, free - loop.time()))
        underway.put_nowait((last, b""))
        with suppress(ConnectionError):
            await arriving


class _Out:
    """Counts the way out of one connection, where the line of a request may fall in two packets."""

    def __init__(self, counted: Counted) -> None:
        self._counted = counted
        self._before = b""

    def count(self, packet: bytes) -> None:
        """Count one packet."""
        self._counted.sent += len(packet)
        self._counted.requests += (self._before + packet).count(_ASKED)
        self._before = packet[1 - len(_ASKED) :]


@contextmanager
def slow_line(kind: Kind, port: int, seed: int = 1) -> Iterator[Counted]:
    """A line to a port of this machine, on a thread of its own."""
    counted, chance = Counted(), random.Random(seed)
    loop = asyncio.new_event_loop()

    def came(packet: bytes) -> None:
        counted.received += len(packet)

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        their_reader, their_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(
            _Way(kind, chance, _Out(counted).count).carry(reader, their_writer),
            _Way(kind, chance, came).carry(their_reader, writer),
        )

    server = loop.run_until_complete(asyncio.start_server(carry, "127.0.0.1", 0))
    counted.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield counted
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(_hang_up(server))
        loop.close()


async def _hang_up(server: asyncio.Server) -> None:
    server.close()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
